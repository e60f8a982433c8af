"""The judgement: what all stories with few coincidences agree on.

A story is one possible explanation of all observations (`stories`). A coincidence is something unlikely that a story
assumes (`coincidences`). The simplest stories have the fewest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from qovery_helm_deploy.deployment.answers import fits_answers, may_be_of_the_environment, telling
from qovery_helm_deploy.deployment.assumptions import TOLERANCE
from qovery_helm_deploy.deployment.next_poll import Source, next_poll
from qovery_helm_deploy.deployment.rules import Kind
from qovery_helm_deploy.deployment.standing import Standing
from qovery_helm_deploy.deployment.stories import TooManyError, stories_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from qovery_helm_deploy.deployment.execution import Execution, ServiceResult
    from qovery_helm_deploy.deployment.record import Record
    from qovery_helm_deploy.deployment.stories import Story


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What became of our request, as far as it is decided.

    standing: if it is final, all stories agree on it. Until then it is the standing of the simplest stories.
    execution: the one that our request became. Until the standing is final, by the simplest stories: good enough to
        follow and to cancel, not to report a result.
    executions: every execution that our request may have become, by the same stories.
    services: the results of the services in the first of them.
    request_id: the id of our request, or of the one it was merged into.
    is_accepted: whether Qovery accepted our request, after a lost answer; None while that is unknown.
    trusts_answers: whether Qovery's answers about the request fit all other observations.
    """

    standing: Standing
    execution: Execution | None = None
    executions: tuple[Execution, ...] = ()
    services: Mapping[str, ServiceResult] = field(default_factory=dict)
    request_id: str | None = None
    is_accepted: bool | None = True
    trusts_answers: bool = True


@dataclass(frozen=True)
class _Considered:
    """The stories that count; and, of the stories that fit the answers, the simplest.

    `may_mean_otherwise` says that the answers may be about the environment instead of the request. Then they exclude no
    story.
    """

    all: frozenset[Story] = frozenset()
    simplest: frozenset[Story] = frozenset()
    trusts_answers: bool = True
    may_mean_otherwise: bool = True

    @property
    def open(self) -> tuple[object, ...]:
        """What later observations may change."""
        return self.all, self.may_mean_otherwise


class _End(NamedTuple):
    """The result of one story; `details` are the execution that runs, or the states of our services."""

    standing: Standing
    details: tuple[str, ...] = ()


def judge(record: Record, *, at: float) -> Judgement:
    """Return the judgement of the record at the time `at`."""
    considered = _consider(record)
    ends = {_end_of(record, story) for story in considered.all}
    is_over = all(end.standing.is_final for end in ends)
    standing = _standing_of(record, considered.simplest, is_shared=len(ends) == 1)
    if standing.is_final and not (len(ends) == 1 and is_over):
        is_settled = is_over and when_to_poll(record, at=at)[1] == math.inf
        standing = Standing.UNDECIDED if is_settled else Standing.UNCLEAR
    stories = considered.all if standing.is_final else considered.simplest
    executions = _executions_in(record, stories)
    is_identified = len(executions) == 1 and all(story.fate.kind is Kind.EXECUTION for story in stories)
    return Judgement(
        standing=standing,
        execution=executions[0] if is_identified else None,
        executions=executions,
        services=executions[0].services if executions else {},
        request_id=_request_id(record, considered),
        is_accepted=_is_accepted(record, considered),
        trusts_answers=considered.trusts_answers,
    )


def when_to_poll(record: Record, *, at: float) -> tuple[frozenset[Source], float]:
    """Return the calls that may show more later, even if their answers stay the same, and from which time on.

    The time is infinite if waiting alone cannot exclude any more stories.
    """
    considered = _consider(record)
    if len({_end_of(record, story) for story in considered.all}) <= 1:
        return frozenset(), math.inf
    return next_poll(record, lambda each: _consider(each).open, now=at)


def _consider(record: Record) -> _Considered:
    """Choose the stories with few coincidences.

    While the answers may be about the environment instead of the request, they exclude no story. Even then the simplest
    stories are chosen from those that fit the answers, unless these have too many coincidences. If the answers surely
    show the end of the request, stories that do not fit them are excluded first. If none is left, nothing is decided,
    unless the answers have always been the same: then they may be about an earlier deployment.
    """
    try:
        possible = stories_of(record)
    except TooManyError:
        return _Considered()
    answers = list(telling(record))
    may_mean_otherwise = all(may_be_of_the_environment(record, answer) for answer in answers)
    end = None if may_mean_otherwise else answers[-1].state
    if end and end.is_terminal:
        has_moved = len({answer.state for answer in answers}) > 1
        possible = tuple(story for story in possible if fits_answers(record, story)) or (() if has_moved else possible)
    few = _with_few_coincidences(possible)
    fitting = frozenset(story for story in few if fits_answers(record, story))
    return _Considered(
        few if may_mean_otherwise or not fitting else fitting,
        _with_few_coincidences(fitting or few, tolerance=0),
        trusts_answers=bool(fitting) or not few,
        may_mean_otherwise=may_mean_otherwise,
    )


def _with_few_coincidences(stories: Collection[Story], *, tolerance: int = TOLERANCE) -> frozenset[Story]:
    fewest = min((story.coincidences for story in stories), default=0)
    return frozenset(story for story in stories if story.coincidences <= fewest + tolerance)


def _end_of(record: Record, story: Story) -> _End:
    """Return the result of one story.

    If our request ran nothing, the service is as the latest other execution left it.
    """
    kind, own = story.fate.kind, record.own.services
    execution = record.executions[story.fate.target].execution if kind is Kind.EXECUTION else None
    if kind is Kind.SKIPPED:
        others = [seen.execution for seen in record.executions.values() if own & set(seen.execution.services)]
        execution = others[-1] if others else None
    if execution is None:
        return _End(kind.value)
    if not execution.has_known_end:
        return _End(Standing.UNCLEAR if execution.is_unseen else Standing.RUNNING, (execution.id,))
    results = (execution.services.get(service) for service in sorted(own))
    states = tuple(result.state if result else execution.id for result in results)
    return _End(Standing.REPLACED if story.is_replaced else Standing.ENDED, states)


def _standing_of(record: Record, stories: frozenset[Story], *, is_shared: bool) -> Standing:
    """Return the standing that stories agree on; if they share their result, the one that shows most of it."""
    standings = {_standing_in(record, story) for story in stories}
    if is_shared:
        return min(standings, key=lambda each: each.value)
    if Standing.QUEUED in standings and any(story.request_id in record.requests for story in stories):
        # A listed request may have left the queue since; it counts as queued until something shows that it left.
        standings.discard(Standing.STARTING)
    return standings.pop() if len(standings) == 1 else Standing.UNCLEAR


def _standing_in(record: Record, story: Story) -> Standing:
    return Standing.UNCHANGED if story.fate.kind is Kind.SKIPPED else _end_of(record, story).standing


def _executions_in(record: Record, stories: frozenset[Story]) -> tuple[Execution, ...]:
    targets = {story.fate.target for story in stories if story.fate.kind is Kind.EXECUTION}
    return tuple(seen.execution for key, seen in record.executions.items() if key in targets)


def _request_id(record: Record, considered: _Considered) -> str | None:
    # If nobody saw that our request was merged into this one, it may be somebody else's.
    stories = considered.simplest if record.own.id else considered.all
    sure = {story.request_id for story in stories if story.coincidences == 0 or not record.own.id}
    return sure.pop() if len(sure) == 1 and sure <= record.requests.keys() else record.own.id


def _is_accepted(record: Record, considered: _Considered) -> bool | None:
    kinds = {story.fate.kind for story in considered.all}
    if record.own.is_accepted or (kinds and Kind.NOT_ACCEPTED not in kinds):
        return True
    return False if kinds and kinds <= {Kind.NOT_ACCEPTED, Kind.REMOVED, Kind.SKIPPED} else None
