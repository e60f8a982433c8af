"""The step's outputs."""

from __future__ import annotations

import getpass
import json
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from actions_toolkit.file_command import issue_file_command, prepare_key_value_message

from qovery_helm_deploy.deployment.report import Report, report_for_outputs
from qovery_helm_deploy.errors import RunnerError
from qovery_helm_deploy.runner.text import LONGEST_LINE, LONGEST_PROSE, inert

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: All outputs of a job together may have 1 MB; `result` holds at most so many characters of it, all of them ASCII.
_LONGEST_RESULT = 400_000
_WAS_WRITABLE = "The file could be written when the step began: check the runner's disk. The summary has the result."
_WRITABLE = "Run the step as the user who owns the file: in a container, with `options: --user`."


@dataclass(frozen=True, kw_only=True)
class _Detail:
    """How much `result` has of each service: the longest text, the longest reason and hint, and how many steps."""

    text: int = LONGEST_LINE
    prose: int
    steps: int


#: From everything to what 500 services with the longest texts have room for; the outcome is always there.
_DETAILS = (
    _Detail(prose=LONGEST_PROSE, steps=50),
    _Detail(prose=LONGEST_LINE, steps=50),
    _Detail(prose=100, steps=0),
    _Detail(text=100, prose=0, steps=0),
    _Detail(text=0, prose=0, steps=0),
)


def outputs_of(reports: tuple[Report, ...], *, redact: Callable[[str], str]) -> Mapping[str, str]:
    """Name every output of the contract; with several services, single values are those of `report_for_outputs`."""
    single = {name: inert(redact(value)) for name, value in _single_values(report_for_outputs(reports)).items()}
    results = (
        json.dumps([_result_of(report, detail=detail, redact=redact) for report in reports]) for detail in _DETAILS
    )
    return {**single, "result": next(result for result in results if len(result) <= _LONGEST_RESULT)}


def write_outputs(outputs: Mapping[str, str]) -> None:
    """Append to the runner's output file. Raises `RunnerError` if that is impossible."""
    try:
        # All at once: half an output would break the file.
        messages = [prepare_key_value_message(name, value) for name, value in outputs.items()]
        issue_file_command("OUTPUT", os.linesep.join(messages))
    except Exception as error:  # the toolkit raises nothing more precise
        raise RunnerError(f"The outputs cannot be written: {error}.", hint=_WAS_WRITABLE) from error


def check_outputs() -> None:
    """Raise `RunnerError` if the outputs cannot be written, so that nothing is deployed without them."""
    path = os.environ.get("GITHUB_OUTPUT")
    if not path:
        raise RunnerError("GITHUB_OUTPUT is not set, so the outputs cannot be written. Nothing was deployed.")
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_APPEND))
    except OSError as error:
        message = f"{_user()} cannot write the output file {path}: {error.strerror}. Nothing was deployed."
        raise RunnerError(message, hint=_WRITABLE if isinstance(error, PermissionError) else None) from error


def _user() -> str:
    if sys.platform == "win32":
        return getpass.getuser()
    return f"The user with the id {os.geteuid()}"


def _single_values(report: Report) -> dict[str, str]:
    return {
        "deployment_request_id": report.request_id,
        "state": report.state,
        "outcome": report.verdict.outcome.value,
        "service_deployment_status": report.service_deployment_status,
        "execution_id": report.execution_id,
        "duration": "" if report.duration is None else f"{report.duration:.10g}",
        "service_url": report.service_url,
        "console_url": report.console_url,
    }


def _result_of(report: Report, *, detail: _Detail, redact: Callable[[str], str]) -> dict[str, object]:
    def bounded(text: str, longest: int) -> str:
        return inert(redact(text), longest=longest) if longest else ""

    texts = {name: bounded(value, detail.text) for name, value in _single_values(report).items()}
    return {
        "helm_id": report.service_id,
        "name": bounded(report.name, detail.text),
        "environment": bounded(report.environment, detail.text),
        **texts,
        "outcome": report.verdict.outcome.value,
        "duration": report.duration,
        "reason": bounded(report.verdict.reason, detail.prose),
        "hint": bounded(report.verdict.hint, detail.prose),
        "steps": [
            {
                "name": bounded(step.name, detail.text),
                "status": None if step.status is None else bounded(step.status, detail.text),
                "duration": step.duration,
            }
            for step in report.steps[: detail.steps]
        ],
    }
