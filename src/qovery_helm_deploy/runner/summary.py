"""The job's summary: Markdown on the page of the run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from actions_toolkit.file_command import issue_file_command

from qovery_helm_deploy.deployment.verdict import Outcome
from qovery_helm_deploy.errors import RunnerError
from qovery_helm_deploy.runner.text import as_code, as_markdown, human_duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from qovery_helm_deploy.deployment.report import Report
    from qovery_helm_deploy.errors import ActionError, Problem

#: A summary of over 1 MiB is dropped whole.
_LONGEST = 900_000
_MOST_STEPS = 50
_HEADLINES = {
    Outcome.SUCCEEDED: "✅ {} deployed",
    Outcome.UNCHANGED: "✅ {}: nothing to deploy",
    Outcome.REQUESTED: "✅ {}: deployment requested",
    Outcome.FAILED: "❌ {}: deployment failed",
    Outcome.CANCELED: "❌ {}: deployment canceled",
    Outcome.SUPERSEDED: "❌ {}: superseded by another deployment",
    Outcome.TIMED_OUT: "❌ {}: timed out",
    Outcome.INTERRUPTED: "❌ {}: interrupted",
    Outcome.REJECTED: "❌ {}: deployment rejected",
    Outcome.LOST_CONTACT: "❌ {}: lost contact with Qovery",
}


def summary_of(reports: tuple[Report, ...], *, redact: Callable[[str], str]) -> str:
    """Render the reports, bounded; texts from outside show as they are and do nothing."""
    parts: list[str] = []
    length = 0
    for report in reports:
        part = "\n".join(_section(report, redact=redact))
        length += len(part.encode())
        if length > _LONGEST:
            parts.append(
                f"\n_{len(reports) - len(parts)} more services are left out here; the output `result` has all._"
            )
            break
        parts.append(part)
    return "\n".join(parts)


def write_summary(markdown: str) -> None:
    """Append to the runner's summary file. Raises `RunnerError` where there is none to write to."""
    try:
        issue_file_command("STEP_SUMMARY", markdown)
    except Exception as error:  # the toolkit raises nothing more precise
        raise RunnerError(f"The summary cannot be written: {error}") from error


def _section(report: Report, *, redact: Callable[[str], str]) -> Iterator[str]:
    verdict, label = report.verdict, as_markdown(redact(report.label))
    yield f"### {_HEADLINES[verdict.outcome].format(label)}\n"
    yield f"{as_markdown(redact(verdict.reason))}\n"
    if verdict.hint:
        yield f"**What to do:** {as_markdown(redact(verdict.hint))}\n"
    yield from _table(("", ""), [(name, value) for name, value in _facts(report, redact=redact) if value])
    if report.steps:
        yield "\n**Steps**\n"
        rows = (
            (as_code(redact(step.name)), as_code(redact(step.status or "running")), _time(step.duration))
            for step in report.steps[:_MOST_STEPS]
        )
        yield from _table(("Step", "Status", "Duration"), rows)
    yield ""


def _facts(report: Report, *, redact: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    yield "Service", as_markdown(redact(report.label))
    yield "Outcome", as_code(report.verdict.outcome)
    yield "State", as_code(redact(report.state))
    yield "Duration", _time(report.duration)
    yield "Chart version", as_code(redact(report.asked.chart_version or ""))
    yield "Commit", as_code(redact(report.asked.git_commit_id or ""))
    yield "Values commit", as_code(redact(report.asked.values_override_git_commit_id or ""))
    yield "Request", as_code(redact(report.request_id))
    yield "Execution", as_code(redact(report.execution_id))
    yield "Links", " · ".join(link for link in _links(report, redact=redact) if link)


def _links(report: Report, *, redact: Callable[[str], str]) -> Iterator[str]:
    yield _link("Open the service", redact(report.service_url))
    yield _link("Qovery console", redact(report.console_url))


def _link(text: str, url: str) -> str:
    """Link to plain web addresses only; whatever else an API answers is no link."""
    return f"[{text}]({url})" if re.fullmatch(r"https?://[\w.:/%~+=&?-]{1,500}", url, re.ASCII) else ""


def _time(seconds: float | None) -> str:
    return "" if seconds is None else human_duration(seconds)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"| {' | '.join('---' for _ in head)} |"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def summary_of_problems(problems: Iterable[Problem], *, redact: Callable[[str], str]) -> str:
    """Render what is wrong with the inputs."""
    rows = ((f"`{problem.input}`", as_markdown(redact(problem.message))) for problem in problems)
    lines = ["### ❌ Nothing deployed: the step's inputs cannot be used\n", *_table(("Input", "Problem"), rows), ""]
    return "\n".join(lines)


def summary_of_failure(error: ActionError, *, redact: Callable[[str], str]) -> str:
    """Render an end that came before any service could be dealt with."""
    told, hint = (as_markdown(redact(text)) for text in (str(error), error.hint))
    return f"### ❌ Nothing deployed\n\n{told}\n\n**What to do:** {hint}\n"
