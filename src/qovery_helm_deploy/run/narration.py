"""Tells the log what happens to one service while it happens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from qovery_helm_deploy.deployment.ownership import Judgement, Standing

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager

    from qovery_helm_deploy.deployment.status import State, Status
    from qovery_helm_deploy.errors import QoveryError

#: Seconds of silence after which a sign of life is due.
_SIGN_OF_LIFE = 300.0
#: Failed readings in a row that are worth a warning.
_STREAK = 4


class Log(Protocol):
    """What a job's log takes; see `runner.console`."""

    def say(self, text: str) -> None: ...
    def debug(self, text: str) -> None: ...
    def warn(self, text: str, *, title: str) -> None: ...
    def fail(self, text: str, *, title: str) -> None: ...
    def group(self, title: str) -> AbstractContextManager[None]: ...
    def quote(self, lines: Iterable[str]) -> None: ...


class Narrator:
    """Says each change once, with the time gone since the request was accepted, and seldom that nothing changed."""

    def __init__(self, log: Log, *, label: str) -> None:
        self._log = log
        self.label = label
        self._told: tuple[object, ...] = ()
        self._told_at = 0.0
        self._unknown: set[State] = set()

    def say(self, text: str) -> None:
        self._log.say(f"{self.label}: {text}")

    def tell(self, judgement: Judgement, status: Status, *, at: float) -> bool:
        """Tell a judgement, if it is news; `at` is in seconds. Returns whether it is."""
        self._tell_unknown(judgement.state)
        step = status.current_step if judgement.standing is Standing.RUNNING else None
        news = (judgement.standing, judgement.state, step, judgement.queue_length)
        is_news = news != self._told
        if is_news or at - self._told_at >= _SIGN_OF_LIFE:
            self._told, self._told_at = news, at
            self.say(f"{_elapsed(at)} {_words(judgement, step, is_news=is_news)}")
        return is_news

    def _tell_unknown(self, state: State) -> None:
        if not state.is_known and state not in self._unknown:
            self._unknown.add(state)
            self.say(f"Qovery tells a state that this action does not know, {state}; it goes on waiting.")


def _words(judgement: Judgement, step: str | None, *, is_news: bool) -> str:
    match judgement.standing:
        case Standing.WAITING:
            length = f" ({judgement.queue_length} in it)" if judgement.queue_length else ""
            words = f"waiting in Qovery's queue{length}"
        case Standing.RUNNING:
            words = f"{judgement.state}{f', step {step}' if step else ''}"
        case Standing.ENDED:
            words = f"ended in {judgement.state}"
        case Standing.UNCLEAR:
            words = f"accepted; the service is {judgement.state}, which does not tell of this request yet"
        case _:
            words = "over"
    return words if is_news else f"still {words}"


def _elapsed(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"[{hours}:{minutes:02}:{rest:02}]" if hours else f"[{minutes:02}:{rest:02}]"


def tell_trouble(job_log: Log, failures: int, error: QoveryError) -> None:
    """Tell of the last of so many failed readings in a row: one is nothing, a streak is a warning, given once."""
    if failures == _STREAK:
        text = f"Qovery cannot be asked at the moment; trying on. {error}"
        job_log.warn(text, title="Trouble reaching Qovery")
    else:
        text = f"Reading from Qovery failed ({failures} in a row): {error}"
        job_log.debug(text)
