"""Reports the results of the step: outputs, summary, annotations, log, exit status."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qovery_helm_deploy.deployment.verdict import Outcome
from qovery_helm_deploy.errors import ActionError, InputsError, RunnerError
from qovery_helm_deploy.runner.outputs import outputs_of, write_outputs
from qovery_helm_deploy.runner.pages import page_of
from qovery_helm_deploy.runner.summary import summary_of, summary_of_failure, summary_of_problems, write_summary
from qovery_helm_deploy.runner.text import LONGEST_PROSE, inert

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qovery_helm_deploy.deployment.report import Report
    from qovery_helm_deploy.runner.console import Console

#: The runner shows ten annotations of a kind for a step.
_MOST_ANNOTATIONS = 10
#: The longest name of a service in an annotation, so that the reason has room beside it.
_LONGEST_LABEL, _LONGEST_HINT = 200, 800
_TITLES = {
    Outcome.FAILED: "Deployment failed",
    Outcome.CANCELED: "Deployment canceled",
    Outcome.SKIPPED: "Service not deployed",
    Outcome.SUPERSEDED: "Deployment superseded",
    Outcome.TIMED_OUT: "Deployment timed out",
    Outcome.INTERRUPTED: "Deployment interrupted",
    Outcome.REJECTED: "Deployment rejected",
    Outcome.LOST_CONTACT: "Lost contact with Qovery",
}


class Reporting:
    """Reports to the runner; the most important first, because the runner may kill the step meanwhile."""

    def __init__(self, console: Console, *, redact: Callable[[str], str]) -> None:
        self._console = console
        self._redact = redact

    def report(self, reports: tuple[Report, ...], *, requests: int) -> int:
        """Report on every service, and return the exit status; `requests` counts the calls to Qovery."""
        is_written = self._write(
            lambda: write_outputs(outputs_of(reports, redact=self._redact)),
            lambda: write_summary(summary_of(reports, requests=requests, redact=self._redact)),
        )
        failed = [report for report in reports if not report.verdict.outcome.is_green]
        is_only = len(reports) == 1
        for report in reports:
            if report.verdict.outcome.is_green:
                self._say(report, is_only=is_only)
        room = _MOST_ANNOTATIONS if is_written else _MOST_ANNOTATIONS - 1
        self._annotate_all(failed, room=room, is_only=is_only)
        for report in failed:
            self._quote_log(report, is_only=is_only)
        return 1 if failed or not is_written else 0

    def report_problems(self, error: InputsError) -> int:
        """Report all problems with the inputs, and return the exit status."""
        self._write(
            lambda: write_outputs({"outcome": Outcome.REJECTED.value, "result": "[]"}),
            lambda: write_summary(summary_of_problems(error.problems, redact=self._redact)),
        )
        listed = " ".join(f"`{problem.input}` {problem.message}." for problem in error.problems)
        self._console.fail(f"{listed} {error.hint}", title="Inputs cannot be used")
        return 1

    def report_failure(self, error: ActionError) -> int:
        """Report an error that ended the step before its services were read, and return the exit status."""
        self._write(
            lambda: write_outputs({"outcome": Outcome.LOST_CONTACT.value, "result": "[]"}),
            lambda: write_summary(summary_of_failure(error, redact=self._redact)),
        )
        self._console.fail(f"{error} {error.hint}", title=_TITLES[Outcome.LOST_CONTACT])
        return 1

    def report_unwritable(self, error: RunnerError) -> int:
        """Report that the outputs cannot be written, which ended the step, and return the exit status."""
        self._fail_outputs(error)
        self._write_summary(lambda: write_summary(summary_of_failure(error, redact=self._redact)))
        return 1

    def _say(self, report: Report, *, is_only: bool) -> None:
        """Log a green result; that a single service is deployed is the last line of its progress already."""
        is_deployed = report.verdict.outcome is Outcome.SUCCEEDED
        if not is_only:
            self._console.say(f"{report.label}: {'deployed' if is_deployed else report.verdict.reason}")
        elif not is_deployed:
            self._console.say(report.verdict.reason)

    def _quote_log(self, report: Report, *, is_only: bool) -> None:
        if report.log:
            with self._console.group(f"{'' if is_only else f'{report.label}: '}Qovery's deployment log"):
                self._console.quote(report.log)

    def _annotate_all(self, failed: Sequence[Report], *, room: int, is_only: bool) -> None:
        shown = len(failed) if len(failed) <= room else room - 1
        for report in failed[:shown]:
            self._annotate(report, is_only=is_only)
        if failed[shown:]:
            rest = len(failed) - shown
            self._console.fail(f"{rest} more services failed. The output `result` lists all.", title="More failures")

    def _annotate(self, report: Report, *, is_only: bool) -> None:
        verdict, label = report.verdict, inert(self._redact(report.label), longest=_LONGEST_LABEL)
        reason = inert(self._redact(verdict.reason), longest=LONGEST_PROSE)
        hint = inert(self._redact(verdict.hint), longest=_LONGEST_HINT)
        todo = f"What to do: {hint}" if hint else ""
        where = [label, report.console_url] if is_only else [report.console_url]
        about = f"About `{verdict.outcome}`: {page_of(verdict.outcome)}"
        text = "\n".join(part for part in (reason, todo, ": ".join(filter(None, where)), about) if part)
        self._console.fail(text if is_only else f"{label}: {text}", title=_TITLES[verdict.outcome])

    def _write(self, outputs: Callable[[], None], summary: Callable[[], None]) -> bool:
        """Write both; return whether the outputs were written. A missing summary is only a warning."""
        is_written = True
        try:
            outputs()
        except RunnerError as error:
            self._fail_outputs(error)
            is_written = False
        self._write_summary(summary)
        return is_written

    def _fail_outputs(self, error: RunnerError) -> None:
        self._console.fail(f"{error} {error.hint}", title="Outputs not written")

    def _write_summary(self, summary: Callable[[], None]) -> None:
        try:
            summary()
        except RunnerError as error:
            self._console.warn(str(error), title="Summary not written")
