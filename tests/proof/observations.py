"""What Qovery shows of a world at each observation, in every dialect that public sources permit."""

from __future__ import annotations

from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from qovery_helm_deploy.deployment.assumptions import LONGEST_LAG, QUEUE_LAG
from tests.proof.world import OURS, OWN, Entry, Fate, World

if TYPE_CHECKING:
    from collections.abc import Hashable

#: When everything is observed; the first time is before our own request.
OBSERVED_AT = (-0.5, 1.0, 2.0, 3.5, 5.0, 8.0, 12.0, 16.0, 20.0, 26.0, 35.0, 50.0, 70.0, 90.0)
#: Seconds that a call lasts.
CALL_TIME = 0.05


class Endpoint(Enum):
    """A call of Qovery's API."""

    QUEUE = "queue"
    HISTORY = "history"
    ANSWER = "answer"

    @property
    def longest_lag(self) -> float:
        """The longest lag that the engine assumes."""
        return QUEUE_LAG if self is Endpoint.QUEUE else LONGEST_LAG


class Lag(Enum):
    """How old an answer is.

    With `LONGEST`, each answer has the longest lag that the engine assumes. A cached answer stays the same for that
    time, from the first or from the second observation on.
    """

    NONE = "none"
    LONGEST = "longest"
    CACHED = "cached"
    CACHED_LATER = "cached later"
    REFUSED = "refused"


class Dialect(Enum):
    """What Qovery answers about our request."""

    REQUEST = "its state"
    QUEUED_ONLY = "its state, 404 once it left the queue"
    MISSING = "404"
    REFUSED = "refused"
    STUCK = "queued, whatever became of it"
    ENVIRONMENT = "the environment's state"


class Answers(NamedTuple):
    """A dialect, and whether it answers after a merger and after a removal, rather than 404."""

    dialect: Dialect
    follows_merger: bool = False
    shows_removal: bool = False


class AcceptedId(Enum):
    """The request id in the answer to our POST."""

    OWN = "own"
    SURVIVOR = "survivor"
    NONE = "none"


class View(NamedTuple):
    """How a world is observed; a lag may be a number of seconds."""

    accepted_id: AcceptedId = AcceptedId.OWN
    answers: Answers = Answers(Dialect.REQUEST, follows_merger=True, shows_removal=True)
    queue: Lag | float = Lag.NONE
    history: Lag | float = Lag.NONE
    answer: Lag | float = Lag.NONE

    def shown_at(self, endpoint: Endpoint) -> tuple[float, ...]:
        """Return the moments that an endpoint shows; none if it is refused."""
        lag = {Endpoint.QUEUE: self.queue, Endpoint.HISTORY: self.history, Endpoint.ANSWER: self.answer}[endpoint]
        return () if lag is Lag.REFUSED else shown_at(endpoint, lag)


class ListedRequest(NamedTuple):
    """A request as the queue lists it."""

    id: str
    user: str
    origin: str
    services: frozenset[str]


class ListedExecution(NamedTuple):
    """An execution as the history lists it, with the state of each service and the time of its request."""

    number: int
    requested_at: float
    user: str
    origin: str
    state: str
    services: tuple[tuple[str, str], ...]


class Observation(NamedTuple):
    """What three calls answer at one time: None for a refused one, an empty text for 404."""

    answer: str | None
    queue: tuple[ListedRequest, ...] | None
    history: tuple[ListedExecution, ...] | None


@cache
def shown_at(endpoint: Endpoint, lag: Lag | float) -> tuple[float, ...]:
    """Return the moment that each observation shows."""
    if lag is Lag.NONE:
        return OBSERVED_AT
    if lag is Lag.LONGEST or isinstance(lag, float):
        age = lag if isinstance(lag, float) else endpoint.longest_lag
        return tuple(at - CALL_TIME - age for at in OBSERVED_AT)
    fresh = 1 if lag is Lag.CACHED else 2
    shown = [*OBSERVED_AT[:fresh]]
    for at in OBSERVED_AT[fresh:]:
        shown.append(shown[-1] if shown[-1] >= at - CALL_TIME - endpoint.longest_lag else at)
    return tuple(shown)


class Observations:
    """All observations of one world; each endpoint is read once for each of its lags."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._read: dict[Hashable, tuple[Any, ...]] = {}

    def of(self, view: View) -> list[Observation]:
        answers = self._answers(view)
        queue = self._of(Endpoint.QUEUE, view.queue)
        history = self._of(Endpoint.HISTORY, view.history)
        return [Observation(*each) for each in zip(answers, queue, history, strict=True)]

    def _of(self, endpoint: Endpoint, lag: Lag | float) -> tuple[Any, ...]:
        if lag is Lag.REFUSED:
            return _NOTHING
        key = endpoint, lag
        if key not in self._read:
            read = queue_at if endpoint is Endpoint.QUEUE else history_at
            self._read[key] = tuple(read(self._world, time) for time in shown_at(endpoint, lag))
        return self._read[key]

    def _answers(self, view: View) -> tuple[Any, ...]:
        if view.answers.dialect is Dialect.REFUSED:
            return _NOTHING
        if view.answers.dialect is Dialect.MISSING:
            return _MISSING
        if view.answers.dialect is Dialect.STUCK:
            return _STUCK
        request_id = id_in_answer(self._world, view.accepted_id) or OWN
        key = view.answers, request_id, view.answer
        if key not in self._read:
            times = shown_at(Endpoint.ANSWER, view.answer)[1:]
            self._read[key] = None, *(answer_at(self._world, view.answers, request_id, time) for time in times)
        return self._read[key]


_NOTHING = (None,) * len(OBSERVED_AT)
_MISSING = (None, *[""] * (len(OBSERVED_AT) - 1))
_STUCK = (None, *["DEPLOYMENT_QUEUED"] * (len(OBSERVED_AT) - 1))
_OLD = ListedExecution(1, -900.0, "me", "API", "DEPLOYED", ((OURS, "DEPLOYED"),))


def id_in_answer(world: World, accepted_id: AcceptedId) -> str | None:
    """Return the request id in the answer to our POST."""
    return {AcceptedId.OWN: OWN, AcceptedId.SURVIVOR: world.holders[OWN].id, AcceptedId.NONE: None}[accepted_id]


def queue_at(world: World, time: float) -> tuple[ListedRequest, ...]:
    """Return what the queue lists at a moment."""
    return tuple(
        ListedRequest(entry.id, entry.request.user, entry.request.origin, entry.services_at(time))
        for entry in world.entries
        if entry.is_listed_at(time)
    )


def history_at(world: World, time: float) -> tuple[ListedExecution, ...]:
    """Return what the history lists at a moment, newest first; one old execution was there before."""
    listed = [
        _listed(entry, number, time)
        for number, entry in enumerate(world.executions, start=_OLD.number + 1)
        if entry.began_at <= time
    ]
    return (*reversed(listed), _OLD)


def _listed(entry: Entry, number: int, time: float) -> ListedExecution:
    is_over = entry.ended_at <= time
    services = tuple((service, end if is_over else "DEPLOYING") for service, end in sorted(entry.ends.items()))
    state = entry.end if is_over else "DEPLOYING"
    return ListedExecution(number, entry.place, entry.request.user, entry.request.origin, state, services)


def answer_at(world: World, answers: Answers, request_id: str, time: float) -> str:
    """Return what the call about one request answers at a moment; empty for 404."""
    if answers.dialect is Dialect.ENVIRONMENT:
        return _state_of_environment(world, time)
    return _state_of_request(world, answers, request_id, time)


def _state_of_environment(world: World, time: float) -> str:
    if any(entry.began_at <= time < entry.ended_at for entry in world.executions):
        return "DEPLOYING"
    if any(entry.is_pending_at(time) for entry in world.entries):
        return "DEPLOYMENT_QUEUED"
    ends = [entry.end for entry in world.executions if entry.ended_at <= time]
    return ends[-1] if ends else _OLD.state


def _state_of_request(world: World, answers: Answers, request_id: str, time: float) -> str:
    if time < world.requests[request_id].arrives:
        return ""
    entry = world.holders[request_id]
    while entry.merged_into and entry.left_at <= time:
        entry = entry.merged_into
    if entry.id != request_id and not answers.follows_merger:
        return ""
    if answers.dialect is Dialect.QUEUED_ONLY:
        return "DEPLOYMENT_QUEUED" if time < entry.left_at else ""
    if entry.fate is Fate.REMOVED and entry.left_at <= time:
        return "CANCELED" if answers.shows_removal else ""
    if time < entry.began_at:
        return "DEPLOYMENT_QUEUED"
    return "DEPLOYING" if time < entry.ended_at else entry.end
