"""The step's outputs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from actions_toolkit.file_command import issue_file_command, prepare_key_value_message

from qovery_helm_deploy.deployment.report import Report, most_telling
from qovery_helm_deploy.errors import RunnerError
from qovery_helm_deploy.runner.text import LONGEST_LINE, inert

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from qovery_helm_deploy.deployment.status import Step

#: All outputs of a job together may have 1 MB; `result` holds at most so many characters of it.
_LONGEST_RESULT = 400_000
_MOST_STEPS = 50


def outputs_of(reports: tuple[Report, ...], *, redact: Callable[[str], str]) -> Mapping[str, str]:
    """Name every output of the contract; with several services, single values are those of the most telling one."""
    one = _single_values(most_telling(reports))
    result = json.dumps([_result_of(report) for report in reports])
    if len(result) > _LONGEST_RESULT:
        result = json.dumps([_result_of(report, is_short=True) for report in reports])
    cleaned = {name: inert(redact(value)) for name, value in one.items()}
    return {**cleaned, "result": redact(result)}


def write_outputs(outputs: Mapping[str, str]) -> None:
    """Append to the runner's output file. Raises `RunnerError` where there is none to write to."""
    try:
        for name, value in outputs.items():
            issue_file_command("OUTPUT", prepare_key_value_message(name, value))
    except Exception as error:  # the toolkit raises nothing more precise
        raise RunnerError(f"The outputs cannot be written: {error}") from error


def _single_values(report: Report) -> dict[str, str]:
    return {
        "deployment_request_id": report.request_id,
        "state": report.state,
        "outcome": report.verdict.outcome.value,
        "service_deployment_status": report.service_deployment_status,
        "execution_id": report.execution_id,
        "duration": "" if report.duration is None else f"{report.duration:g}",
        "service_url": report.service_url,
        "console_url": report.console_url,
    }


def _result_of(report: Report, *, is_short: bool = False) -> dict[str, object]:
    texts = {name: inert(value) for name, value in _single_values(report).items()}
    longest = 100 if is_short else LONGEST_LINE
    return {
        "helm_id": report.service_id,
        "name": inert(report.name),
        "environment": inert(report.environment),
        **texts,
        "duration": report.duration,
        "reason": inert(report.verdict.reason, longest=longest),
        "hint": inert(report.verdict.hint, longest=longest),
        "steps": [] if is_short else [_step(step) for step in report.steps[:_MOST_STEPS]],
    }


def _step(step: Step) -> dict[str, object]:
    status = None if step.status is None else inert(step.status)
    return {"name": inert(step.name), "status": status, "duration": step.duration}
