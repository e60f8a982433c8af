"""The histories to check: every combination of the values listed here."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

from qovery_helm_deploy.deployment.assumptions import LONGEST_START, USUAL_START
from tests.proof.observations import AcceptedId, Answers, Dialect, Lag, View
from tests.proof.recording import Naming
from tests.proof.world import ANOTHER, OURS, OWN, Merging, QueueRules, Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_NEVER = math.inf
#: A late beginning, and nearly the latest that the engine assumes.
_LATE = LONGEST_START - 5.0
_ENDS = ("DEPLOYED", "DEPLOYMENT_ERROR")
_OURS, _ANOTHER = frozenset({OURS}), frozenset({ANOTHER})
_Kind = tuple[str, frozenset[str], str]
_ME, _OTHER = ("me", _OURS, "API"), ("other", _OURS, "API")
_ME_ANOTHER, _ME_CONSOLE = ("me", _ANOTHER, "API"), ("me", _OURS, "CONSOLE")

EVERY_ANSWER = (
    *(Answers(Dialect.REQUEST, *each) for each in product((True, False), repeat=2)),
    Answers(Dialect.QUEUED_ONLY),
    Answers(Dialect.QUEUED_ONLY, follows_merger=True),
    Answers(Dialect.MISSING),
    Answers(Dialect.REFUSED),
    Answers(Dialect.STUCK),
    Answers(Dialect.ENVIRONMENT),
)
_Lags = tuple[tuple[Lag, Lag, Lag], ...]


def _lags(queue: Iterable[Lag], history: Iterable[Lag], answer: Iterable[Lag]) -> _Lags:
    return tuple(product(queue, history, answer))


_SOME = (Lag.NONE, Lag.LONGEST)
_EVERY = (*_SOME, Lag.CACHED, Lag.CACHED_LATER)
_REFUSED = (Lag.REFUSED,)
_LONGEST_OR_NONE = _lags(_SOME, _SOME, _SOME)
_CACHED: _Lags = (
    (Lag.CACHED, Lag.CACHED, Lag.CACHED),
    (Lag.CACHED_LATER, Lag.CACHED_LATER, Lag.CACHED_LATER),
    (Lag.CACHED_LATER, Lag.NONE, Lag.NONE),
    (Lag.NONE, Lag.CACHED_LATER, Lag.NONE),
    (Lag.CACHED_LATER, Lag.NONE, Lag.CACHED_LATER),
)
_QUEUE_REFUSED = _lags(_REFUSED, _SOME, _SOME)
_HISTORY_REFUSED = (*_lags(_SOME, _REFUSED, _SOME), *_lags(_REFUSED, _REFUSED, _SOME))
MERGING = (
    QueueRules(Merging.INTO_OLDER, merges_across_services=True),
    QueueRules(Merging.INTO_NEWER, merges_across_services=True),
)


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Values for every dimension of a history. `lags` are those of queue, history and answer."""

    rules: tuple[QueueRules, ...] = (QueueRules(),)
    owns: tuple[Request, ...]
    others: tuple[tuple[Request, ...], ...] = ()
    answers: tuple[Answers, ...] = EVERY_ANSWER
    lags: _Lags = _LONGEST_OR_NONE

    def worlds(self) -> Iterator[tuple[list[Request], QueueRules]]:
        """Yield our request with others, one of each tuple of them, and the rules of the queue."""
        for own, *others in product(self.owns, *self.others):
            requests = [own, *(replace(other, id=name) for other, name in zip(others, "AB", strict=False))]
            yield from ((requests, rules) for rules in self.rules)

    def views(self) -> Iterator[View]:
        """Yield each way to observe a world. Without a request id, nobody can ask about the request."""
        for answers, accepted_id, lags in product(self.answers, AcceptedId, self.lags):
            if accepted_id is not AcceptedId.NONE or answers.dialect is Dialect.REFUSED:
                yield View(accepted_id, answers, *lags)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Scopes whose histories are compared with each other, and what they name."""

    scopes: Sequence[Scope]
    namings: Sequence[Naming] = (Naming(), Naming(users=False, origins=False, numbers=False))


def own_requests(
    *,
    durations: tuple[float, ...] = (2.0,),
    ends: tuple[str, ...] = _ENDS,
    pickups: tuple[float, ...] = (0.0,),
    removals: tuple[float, ...] = (_NEVER,),
) -> tuple[Request, ...]:
    """Return our request in each way."""
    return tuple(
        Request(id=OWN, duration=duration, end=end, pickup=pickup, removed_at=removed_at)
        for duration, end, pickup, removed_at in product(durations, ends, pickups, removals)
    )


def other_requests(
    *,
    kinds: tuple[_Kind, ...] = (_ME, _OTHER),
    arrivals: tuple[float, ...],
    durations: tuple[float, ...] = (2.0,),
    ends: tuple[str, ...] = _ENDS,
    pickups: tuple[float, ...] = (0.0,),
    removals: tuple[float, ...] = (_NEVER,),
) -> tuple[Request, ...]:
    """Return another request in each way."""
    values = product(kinds, arrivals, durations, ends, pickups, removals)
    return tuple(
        Request(
            id="",
            user=user,
            services=services,
            origin=origin,
            arrives=arrives,
            duration=duration,
            end=end,
            pickup=pickup,
            removed_at=removed_at,
        )
        for (user, services, origin), arrives, duration, end, pickup, removed_at in values
        if removed_at > arrives
    )


_UNIFORM: _Lags = ((Lag.NONE, Lag.NONE, Lag.NONE), (Lag.LONGEST, Lag.LONGEST, Lag.LONGEST))
_ALONE = Scope(
    rules=(QueueRules(), QueueRules(dispatch=2.0)),
    owns=own_requests(
        durations=(2.0, 24.0),
        ends=(*_ENDS, "CANCELED"),
        pickups=(0.0, USUAL_START, _LATE),
        removals=(_NEVER, 1.5),
    ),
    lags=(*_lags(_EVERY, _EVERY, _EVERY), *_QUEUE_REFUSED),
)
_ONE_OTHER = Scope(
    rules=(QueueRules(), QueueRules(dispatch=2.0), *MERGING, QueueRules(Merging.INTO_OLDER)),
    owns=own_requests(pickups=(0.0, USUAL_START), removals=(_NEVER, 3.0)),
    others=(
        other_requests(
            kinds=(_ME, _OTHER, _ME_ANOTHER, _ME_CONSOLE),
            arrivals=(-8.0, -0.05, 0.05, 4.0),
            durations=(2.0, 12.0),
            pickups=(0.0, USUAL_START),
            removals=(_NEVER, 3.0),
        ),
    ),
    lags=(*_LONGEST_OR_NONE, *_CACHED),
)
#: Other requests are queued, or arrive, while an execution runs.
_BEHIND = Scope(
    rules=(QueueRules(), *MERGING),
    owns=own_requests(removals=(_NEVER, 3.0)),
    others=(
        other_requests(arrivals=(-8.0,), durations=(24.0,)),
        other_requests(kinds=(_ME, _OTHER, _ME_ANOTHER), arrivals=(-4.0, -0.05, 0.05, 4.0), removals=(_NEVER, 3.0)),
    ),
    lags=(*_UNIFORM, *_CACHED, (Lag.LONGEST, Lag.NONE, Lag.NONE), (Lag.NONE, Lag.LONGEST, Lag.LONGEST)),
)
#: Two other requests arrive shortly before or after our request.
_CROWD = Scope(
    rules=(QueueRules(), QueueRules(dispatch=2.0)),
    owns=own_requests(removals=(_NEVER, 1.5)),
    others=(
        other_requests(arrivals=(-0.05, 0.05)),
        other_requests(arrivals=(0.05, 4.0)),
    ),
    answers=(
        Answers(Dialect.REQUEST, follows_merger=True, shows_removal=True),
        Answers(Dialect.REFUSED),
        Answers(Dialect.ENVIRONMENT),
    ),
    lags=(*_UNIFORM, (Lag.CACHED_LATER, Lag.NONE, Lag.CACHED_LATER)),
)

_SMALL_ALONE = replace(
    _ALONE,
    owns=own_requests(durations=(2.0, 24.0), pickups=(0.0, USUAL_START, _LATE), removals=(_NEVER, 1.5)),
    lags=(*_LONGEST_OR_NONE, *_QUEUE_REFUSED),
)
_SMALL_ONE = Scope(
    rules=(QueueRules(), QueueRules(dispatch=2.0), *MERGING),
    owns=own_requests(pickups=(0.0, USUAL_START, _LATE), removals=(_NEVER, 3.0)),
    others=(other_requests(kinds=(_ME, _OTHER, _ME_CONSOLE), arrivals=(-8.0, -0.05, 0.05), durations=(12.0,)),),
    lags=(*_UNIFORM, (Lag.LONGEST, Lag.NONE, Lag.NONE)),
)
_SMALL_BEHIND = Scope(
    rules=(QueueRules(), *MERGING),
    owns=own_requests(removals=(_NEVER, 3.0)),
    others=(
        other_requests(kinds=(_OTHER,), arrivals=(-8.0,), durations=(24.0,)),
        other_requests(kinds=(_ME, _ME_ANOTHER), arrivals=(-4.0, 0.05)),
    ),
    lags=_UNIFORM,
)

_BLIND = replace(_SMALL_ONE, owns=own_requests(durations=(2.0, 24.0), removals=(_NEVER, 3.0)), lags=_HISTORY_REFUSED)

SCOPES = {
    "small": Plan(scopes=(_SMALL_ALONE, _SMALL_ONE, _SMALL_BEHIND)),
    "blind": Plan(scopes=(_BLIND,)),
    "alone": Plan(scopes=(_ALONE,)),
    "one": Plan(scopes=(_ONE_OTHER,)),
    "behind": Plan(scopes=(_BEHIND,)),
    "crowd": Plan(scopes=(_CROWD,)),
    "large": Plan(
        scopes=(_ALONE, _ONE_OTHER, _BEHIND),
        namings=(Naming(), Naming(users=False), Naming(users=False, origins=False, numbers=False)),
    ),
}
