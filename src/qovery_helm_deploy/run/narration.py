"""Tells the log what happens to one service while it happens."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from qovery_helm_deploy.deployment.ownership import Judgement, Standing
from qovery_helm_deploy.runner.text import human_duration

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager

    from qovery_helm_deploy.deployment.status import State, Status
    from qovery_helm_deploy.errors import QoveryError

#: Seconds of silence after which a sign of life is due.
_SIGN_OF_LIFE = 300.0
#: Seconds after the acceptance within which nobody wonders that nothing shows yet.
_SOON = 10.0
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
        self._known: tuple[object, ...] = ()
        self._told = ""
        self._told_at = 0.0
        self._unknown: set[State] = set()
        self._place: tuple[int | None, int] = (None, 0)
        self._usual: float | None = None

    def expect(self, seconds: float | None) -> None:
        """Tell how long this service usually takes, where that is known; signs of life will remember it."""
        self._usual = seconds
        if seconds is not None:
            self.say(f"a deployment of this service usually takes {human_duration(seconds)}.")

    def say(self, text: str) -> None:
        self._log.say(f"{self.label}: {text}")

    def tell(self, judgement: Judgement, status: Status, *, at: float) -> bool:
        """Tell a judgement, if it is news in words; `at` is in seconds. Returns whether anything has changed."""
        self._tell_unknown(judgement.state)
        judgement = self._with_last_place(judgement)
        step = status.current_step if judgement.standing is Standing.RUNNING else None
        words = _words(judgement, step, at=at)
        is_told = words == self._told
        if not is_told or at - self._told_at >= _SIGN_OF_LIFE:
            self._told, self._told_at = words, at
            self.say(f"{_elapsed(at)} {f'still {words}{self._reminder(judgement)}' if is_told else words}")
        known = self._known
        self._known = (judgement.standing, judgement.state, step, judgement.queue_length, judgement.ahead)
        return self._known != known

    def _reminder(self, judgement: Judgement) -> str:
        if self._usual is None or judgement.standing is not Standing.RUNNING:
            return ""
        return f" (usually over after {human_duration(self._usual)})"

    def _with_last_place(self, judgement: Judgement) -> Judgement:
        """Not each look asks for the queue; where one did not, the place in it is the one told before."""
        if judgement.standing is not Standing.WAITING:
            return judgement
        if judgement.queue_length is not None:
            self._place = (judgement.queue_length, judgement.ahead)
        length, ahead = self._place
        return replace(judgement, queue_length=length, ahead=ahead)

    def _tell_unknown(self, state: State) -> None:
        if not state.is_known and state not in self._unknown:
            self._unknown.add(state)
            self.say(f"Qovery tells a state that this action does not know, {state}; it goes on waiting.")


def _words(judgement: Judgement, step: str | None, *, at: float) -> str:
    match judgement.standing:
        case Standing.WAITING:
            return f"waiting in Qovery's queue{_place(judgement)}"
        case Standing.RUNNING:
            return f"{judgement.state}{f', step {step}' if step else ''}"
        case Standing.ENDED:
            return f"ended in {judgement.state}"
        case Standing.UNCLEAR:
            return f"accepted; the service is {judgement.state}{_doubt(judgement.state, at=at)}"
        case _:
            return "over"


def _doubt(state: State, *, at: float) -> str:
    if at >= _SOON:
        return ", and nothing shows yet which deployment is ours"
    return "; checking whether that is ours" if state.is_terminal else ""


def _place(judgement: Judgement) -> str:
    if judgement.ahead:
        return f", behind {judgement.ahead} other{'s' if judgement.ahead > 1 else ''}"
    is_shared = judgement.queue_length is not None and judgement.queue_length > 1
    return f" ({judgement.queue_length} in it)" if is_shared else ""


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
