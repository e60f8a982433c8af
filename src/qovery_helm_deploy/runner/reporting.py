"""Reports the end of the step: outputs, annotations, summary, exit status."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qovery_helm_deploy.deployment.verdict import Outcome
from qovery_helm_deploy.errors import ActionError, InputsError, RunnerError
from qovery_helm_deploy.runner.outputs import outputs_of, write_outputs
from qovery_helm_deploy.runner.pages import page_of
from qovery_helm_deploy.runner.summary import summary_of, summary_of_failure, summary_of_problems, write_summary
from qovery_helm_deploy.runner.text import inert

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qovery_helm_deploy.deployment.report import Report
    from qovery_helm_deploy.runner.console import Console

#: The runner shows ten annotations of a kind for a step.
_MOST_ANNOTATIONS = 10
#: The longest name of a service in an annotation, so that the reason has room beside it.
_LONGEST_LABEL = 200
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
    """Tells the runner how the step ended, in the order of what matters most if it is killed meanwhile."""

    def __init__(self, console: Console, *, redact: Callable[[str], str]) -> None:
        self._console = console
        self._redact = redact

    def tell(self, reports: tuple[Report, ...], *, requests: int) -> int:
        """Report on every service, and on how many requests it took, and return the exit status."""
        is_written = self._write(
            lambda: write_outputs(outputs_of(reports, redact=self._redact)),
            lambda: write_summary(summary_of(reports, requests=requests, redact=self._redact)),
        )
        failed = [report for report in reports if not report.verdict.outcome.is_green]
        for report in reports:
            if report not in failed:
                self._console.say(f"{report.label}: {report.verdict.outcome}. {report.verdict.reason}")
        self._annotate_all(failed, room=_MOST_ANNOTATIONS if is_written else _MOST_ANNOTATIONS - 1)
        return 1 if failed or not is_written else 0

    def tell_problems(self, error: InputsError) -> int:
        """Report on inputs that cannot be used, all at once, and return the exit status."""
        self._write(
            lambda: write_outputs({"outcome": Outcome.REJECTED.value, "result": "[]"}),
            lambda: write_summary(summary_of_problems(error.problems, redact=self._redact)),
        )
        for problem in error.problems:
            self._console.say(f"{problem.input}: {problem.message}")
        listed = " ".join(f"`{problem.input}` {problem.message}." for problem in error.problems)
        self._console.fail(f"{listed} {error.hint}", title="Inputs cannot be used")
        return 1

    def tell_failure(self, error: ActionError, *, outcome: Outcome) -> int:
        """Report on a step that ended before any service could be dealt with, and return the exit status."""
        self._write(
            lambda: write_outputs({"outcome": outcome.value, "result": "[]"}),
            lambda: write_summary(summary_of_failure(error, redact=self._redact)),
        )
        self._console.fail(f"{error} {error.hint}", title=_TITLES[outcome])
        return 1

    def _annotate_all(self, failed: Sequence[Report], *, room: int) -> None:
        shown = len(failed) if len(failed) <= room else room - 1
        for report in failed[:shown]:
            self._annotate(report)
        if failed[shown:]:
            rest = len(failed) - shown
            self._console.fail(f"{rest} more services failed; the output `result` has all.", title="More failed")

    def _annotate(self, report: Report) -> None:
        verdict, label = report.verdict, inert(self._redact(report.label), longest=_LONGEST_LABEL)
        where = f" {report.console_url}" if report.console_url else ""
        where = f"{where} About this outcome: {page_of(verdict.outcome)}"
        todo = f" What to do: {verdict.hint}" if verdict.hint else ""
        text = f"{label}: {verdict.outcome}. {verdict.reason}{todo}{where}"
        self._console.fail(text, title=_TITLES[verdict.outcome])

    def _write(self, *writings: Callable[[], None]) -> bool:
        errors = []
        for write in writings:
            try:
                write()
            except RunnerError as error:
                errors.append(error)
        if errors:
            told = " ".join(str(error) for error in errors)
            self._console.fail(f"{told} {errors[0].hint}", title="Results not written")
        return not errors
