"""The job's summary: Markdown on the page of the run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from actions_toolkit.file_command import issue_file_command

from qovery_helm_deploy.deployment.verdict import Outcome
from qovery_helm_deploy.durations import human_duration
from qovery_helm_deploy.errors import RunnerError
from qovery_helm_deploy.runner.pages import page_of
from qovery_helm_deploy.runner.tables import table
from qovery_helm_deploy.runner.text import LONGEST_PROSE, as_code, as_markdown
from qovery_helm_deploy.runner.timeline import chart, durations, timeline_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from qovery_helm_deploy.deployment.report import Report
    from qovery_helm_deploy.errors import ActionError, Problem

#: A summary of over 1 MiB is dropped whole.
_LONGEST = 900_000
#: Digits of a commit that are enough to recognise it.
_SHORT_COMMIT = 10
_HEADLINES = {
    Outcome.SUCCEEDED: "✅ {} deployed",
    Outcome.UNCHANGED: "✅ {}: nothing deployed",
    Outcome.REQUESTED: "✅ {}: deployment requested",
    Outcome.FAILED: "❌ {}: deployment failed",
    Outcome.CANCELED: "❌ {}: deployment canceled",
    Outcome.SKIPPED: "❌ {}: not deployed",
    Outcome.SUPERSEDED: "❌ {}: superseded",
    Outcome.TIMED_OUT: "❌ {}: timed out",
    Outcome.INTERRUPTED: "❌ {}: interrupted",
    Outcome.REJECTED: "❌ {}: deployment rejected",
    Outcome.LOST_CONTACT: "❌ {}: lost contact with Qovery",
}


def summary_of(reports: tuple[Report, ...], *, requests: int, redact: Callable[[str], str]) -> str:
    """Render the reports as Markdown of bounded length; texts from outside have no effect in it.

    `requests` counts the calls to Qovery, which allows a token 1,000 an hour.
    """
    parts = [_overview(reports, redact=redact)] if len(reports) > 1 else []
    detailed = [report for report in reports if len(reports) == 1 or not report.verdict.outcome.is_green]
    length = sum(len(part.encode()) for part in parts)
    for number, report in enumerate(detailed):
        part = "\n".join(_section(report, redact=redact))
        length += len(part.encode())
        if length > _LONGEST:
            parts.append(f"_{len(detailed) - number} more services are left out; the output `result` lists all._\n")
            break
        parts.append(part)
    parts.append(f"<sub>{requests} of the 1,000 requests an hour that Qovery allows this token</sub>\n")
    return "\n".join(parts)


def _overview(reports: tuple[Report, ...], *, redact: Callable[[str], str]) -> str:
    failed = sum(not report.verdict.outcome.is_green for report in reports)
    are_deployed = all(report.verdict.outcome is Outcome.SUCCEEDED for report in reports)
    green = f"✅ {len(reports)} services {'deployed' if are_deployed else 'are green'}"
    headline = f"❌ {failed} of {len(reports)} services failed" if failed else green
    rows = (
        (
            "✅" if report.verdict.outcome.is_green else "❌",
            as_markdown(redact(report.label), longest=100),
            as_code(report.verdict.outcome),
            _version(report, redact=redact, longest=60),
            _time(report.duration),
            _link("Qovery console", redact(report.console_url)),
        )
        for report in reports
    )
    return "\n".join((f"### {headline}\n", *table(("", "Service", "Outcome", "Version", "Duration", ""), rows), ""))


def write_summary(markdown: str) -> None:
    """Append to the runner's summary file. Raises `RunnerError` if that is impossible."""
    try:
        issue_file_command("STEP_SUMMARY", markdown)
    except Exception as error:  # the toolkit raises nothing more precise
        raise RunnerError(f"The summary cannot be written: {error}.") from error


def _section(report: Report, *, redact: Callable[[str], str]) -> Iterator[str]:
    verdict, bars = report.verdict, timeline_of(report)
    yield f"### {_HEADLINES[verdict.outcome].format(as_markdown(redact(report.label)))}\n"
    yield f"{as_markdown(redact(verdict.reason), longest=LONGEST_PROSE)}\n"
    if verdict.hint:
        yield f"**What to do:** {as_markdown(redact(verdict.hint), longest=LONGEST_PROSE)}\n"
    facts = " · ".join(part for part in _facts(report, redact=redact) if part)
    if facts:
        yield f"{facts}\n"
    if bars:
        yield from chart(bars, redact=redact)
        yield ""
    yield "<details><summary>Details</summary>\n"
    yield from table(("", ""), ((name, value) for name, value in _details(report, redact=redact) if value))
    yield ""
    if bars:
        yield from durations(bars, redact=redact)
        yield ""
    yield "</details>\n"


def _facts(report: Report, *, redact: Callable[[str], str]) -> Iterator[str]:
    outcome = report.verdict.outcome
    yield _version(report, redact=redact)
    yield _time(report.duration)
    yield _link("Open the service", redact(report.service_url))
    yield _link("Qovery console", redact(report.console_url))
    yield "" if outcome.is_green else f"[About `{outcome}`]({page_of(outcome)})"


def _details(report: Report, *, redact: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    yield "Outcome", as_code(report.verdict.outcome)
    yield "State", as_code(redact(report.state))
    yield "Values commit", as_code(redact(report.asked.values_override_git_commit_id or ""))
    yield "Service id", as_code(redact(report.service_id))
    yield "Request id", as_code(redact(report.request_id))
    yield "Execution id", as_code(redact(report.execution_id))


def _version(report: Report, *, redact: Callable[[str], str], longest: int = 200) -> str:
    """Return the deployed version if the history shows it, else the requested one."""
    ran = report.deployed
    version = (ran and ran.chart_version) or report.asked.chart_version
    commit = (ran and ran.git_commit_id) or report.asked.git_commit_id
    if version:
        return f"chart {as_code(redact(version), longest=longest)}"
    if not commit:
        return ""
    link = _link(redact(commit)[:_SHORT_COMMIT], redact(ran.commit_url)) if ran and ran.commit_url else ""
    return f"commit {link or as_code(redact(commit), longest=longest)}"


def _link(text: str, url: str) -> str:
    """Return a link if the URL is a plain web address, else an empty text."""
    return (
        f"[{as_markdown(text)}]({url})"
        if text and re.fullmatch(r"https?://[\w.:/%~+=&?-]{1,500}", url, re.ASCII)
        else ""
    )


def _time(seconds: float | None) -> str:
    return "" if seconds is None else human_duration(seconds)


def summary_of_problems(problems: Iterable[Problem], *, redact: Callable[[str], str]) -> str:
    """Render the problems with the inputs."""
    rows = ((f"`{problem.input}`", as_markdown(redact(problem.message))) for problem in problems)
    lines = ["### ❌ Nothing deployed: the step's inputs cannot be used\n", *table(("Input", "Problem"), rows), ""]
    return "\n".join(lines)


def summary_of_failure(error: ActionError, *, redact: Callable[[str], str]) -> str:
    """Render an error that ended the step before its services were read."""
    reason, hint = (as_markdown(redact(text), longest=LONGEST_PROSE) for text in (str(error), error.hint))
    return f"### ❌ Nothing deployed\n\n{reason}\n\n**What to do:** {hint}\n"
