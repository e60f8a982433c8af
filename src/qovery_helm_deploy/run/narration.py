"""Logs what happens to a deployment while it happens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from qovery_helm_deploy.deployment.standing import Standing
from qovery_helm_deploy.durations import human_duration
from qovery_helm_deploy.errors import RateLimitedError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager

    from qovery_helm_deploy.deployment.judgement import Judgement
    from qovery_helm_deploy.deployment.record import Record
    from qovery_helm_deploy.deployment.status import State
    from qovery_helm_deploy.errors import QoveryError

#: Seconds without a line after which the last one is logged again.
_SIGN_OF_LIFE = 300.0
#: Failed reads in a row that are worth a warning.
_STREAK = 4


class Log(Protocol):
    """The job's log; see `runner.console`."""

    def say(self, text: str) -> None: ...
    def debug(self, text: str) -> None: ...
    def warn(self, text: str, *, title: str) -> None: ...
    def fail(self, text: str, *, title: str) -> None: ...
    def group(self, title: str) -> AbstractContextManager[None]: ...
    def quote(self, lines: Iterable[str]) -> None: ...


class Narrator:
    """Logs each change once, with the time since the acceptance, and every five minutes that nothing changed.

    `prefix` begins each line; it is empty if the step makes a single request.
    """

    def __init__(self, log: Log) -> None:
        self._log = log
        self.prefix = ""
        self._words = ""
        self._logged_at = 0.0
        self._unknown: set[State] = set()
        self._usual: float | None = None
        self._merged_into: set[str] = set()

    def expect(self, seconds: float | None) -> None:
        """Set how long a deployment usually takes; None if that is unknown."""
        self._usual = seconds

    def say(self, text: str) -> None:
        self._log.say(f"{self.prefix}{text}")

    def report(self, judgement: Judgement, state: State | None, *, ahead: int, at: float) -> None:
        """Log a change of the standing or state; `ahead` counts the requests queued before, `at` is in seconds."""
        self._report_unknown(state)
        words = _words(judgement.standing, state, ahead=ahead)
        if not words:
            return
        is_known = words == self._words
        if is_known and at - self._logged_at < _SIGN_OF_LIFE:
            return
        self._words, self._logged_at = words, at
        usual = self._usual_words if judgement.standing is Standing.RUNNING else ""
        self.say(f"{_elapsed(at)} {'still ' if is_known else ''}{words}{usual}")

    def explain(self, judgement: Judgement) -> None:
        """Log a change of the judgement for the maintainers of this action."""
        executions = ", ".join(f"{each.id} {each.state}" for each in judgement.executions) or "none"
        trust = "used" if judgement.trusts_answers else "ignored, because they do not fit the observations"
        self._log.debug(
            f"{self.prefix}{judgement.standing.name}; request {judgement.request_id}; executions: {executions};"
            f" answers about the request: {trust}"
        )

    def report_merger(self, request_id: str) -> None:
        """Log once that Qovery merged the request into another one."""
        if request_id not in self._merged_into:
            self._merged_into.add(request_id)
            self.say(f"Qovery merged the request into {request_id}")

    @property
    def _usual_words(self) -> str:
        return "" if self._usual is None else f", usually takes {human_duration(self._usual)}"

    def _report_unknown(self, state: State | None) -> None:
        if state is not None and not state.is_known and state not in self._unknown:
            self._unknown.add(state)
            self.say(f"Qovery reports the state {state}, which this version of the action does not know")


def requests_ahead(record: Record) -> int:
    """Return how many requests run or wait that came before our own."""
    others = [seen for key, seen in record.requests.items() if key != record.own.id]
    waiting = sum(seen.is_older and seen.is_waiting for seen in others)
    return waiting + any(seen.is_running for seen in record.executions.values())


def _words(standing: Standing, state: State | None, *, ahead: int) -> str:
    match standing:
        case Standing.QUEUED:
            plural = "s" if ahead > 1 else ""
            return f"queued, behind {ahead} other request{plural}" if ahead else "queued"
        case Standing.RUNNING:
            return state.in_words if state else "running"
        case Standing.ENDED if state and state.is_error:
            return f"failed ({state})"
        case Standing.ENDED:
            return state.in_words if state else "ended"
        case _:
            return ""


def _elapsed(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"[{hours}:{minutes:02}:{rest:02}]" if hours else f"[{minutes:02}:{rest:02}]"


def report_trouble(job_log: Log, failures: int, error: QoveryError) -> None:
    """Log the last of so many failed reads in a row: a streak is worth a warning, once."""
    if failures == _STREAK and isinstance(error, RateLimitedError):
        job_log.warn(f"{error} {error.hint}", title="Rate limit used up")
    elif failures == _STREAK:
        job_log.warn(f"Cannot reach Qovery ({failures} attempts); retrying. {error}", title="Trouble reaching Qovery")
    else:
        job_log.debug(f"A read from Qovery failed ({failures} in a row): {error}")
