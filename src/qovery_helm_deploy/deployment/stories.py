"""The stories: every way in which the requests seen can have become the executions seen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

from qovery_helm_deploy.deployment import rules
from qovery_helm_deploy.deployment.assumptions import MOST_EXECUTIONS, MOST_REQUESTS, OUR_ORIGIN
from qovery_helm_deploy.deployment.coincidences import coincidences_of, coincidences_of_acceptance
from qovery_helm_deploy.deployment.execution import Identity
from qovery_helm_deploy.deployment.observations import ObservedExecution, ObservedRequest, Span
from qovery_helm_deploy.deployment.rules import Fate, Fates, Kind, StoryRequest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from qovery_helm_deploy.deployment.record import Record

#: The id of our own request in a story in which the queue never listed it, and if it was accepted late besides.
_UNLISTED, _LATE = "", "late"


class TooManyError(Exception):
    """More requests or executions matter than can be enumerated."""


@dataclass(frozen=True, kw_only=True)
class Story:
    """One explanation: what became of our request, over mergers, and how many coincidences that takes.

    `request_id` is the id of our request, or of the one it was merged into; empty where the queue never listed it.
    `is_replaced` says that the execution has other versions than our request asked for.
    """

    fate: Fate
    request_id: str
    coincidences: int
    is_replaced: bool = False


def stories_of(record: Record) -> tuple[Story, ...]:
    """Return every story that breaks no rule, whatever Qovery answered about the request.

    Raises `TooManyError` if more requests or executions may matter than a plain enumeration can handle.
    """
    return tuple(story for own in _own_requests(record) for story in _stories_with(record, own))


def _own_requests(record: Record) -> Iterator[StoryRequest]:
    """Yield each request that may be our own: the one with its id, else any that came with it, else an unlisted one."""
    own = record.own
    if record.own_listed:
        yield _own(record.own_listed, record.own_listed.request.id)
        return
    yield _own(record.own_observed, _UNLISTED)
    if not own.is_accepted:
        yield _own(record.late_own, _LATE)
    if own.execution_id is None and (own.id is None or record.is_answered_with_another):
        for request_id, seen in record.requests.items():
            if not seen.is_older and rules.may_be_own(record, seen):
                came = Span(max(seen.came.since, own.came.since), min(seen.came.until, own.accepted_by))
                yield _own(replace(seen, came=came), request_id)


def _own(seen: ObservedRequest, request_id: str) -> StoryRequest:
    by = Identity(user=seen.request.by.user, origin=seen.request.by.origin or OUR_ORIGIN)
    return StoryRequest(id=request_id, seen=replace(seen, request=replace(seen.request, by=by)), is_own=True)


def _stories_with(record: Record, own: StoryRequest) -> Iterator[Story]:
    others = [StoryRequest(id=key, seen=seen) for key, seen in record.requests.items() if key not in {own.id, ""}]
    wanted = _wanted(record, own, others)
    others = [other for other in others if _matters(record, other, own=own, wanted=wanted)]
    if len(others) >= MOST_REQUESTS or len(wanted) > MOST_EXECUTIONS:
        raise TooManyError
    cast = [own, *others]
    new = [
        observed
        for observed in record.executions.values()
        if observed.is_new and any(rules.can_become(record, request, observed) for request in cast)
    ]
    fates = [
        [(fate, coincidences_of(record, request, fate)) for fate in _fates_of(record, request, cast)]
        for request in cast
    ]
    for chosen in product(*fates):
        fated = tuple((request, fate) for request, (fate, _) in zip(cast, chosen, strict=True))
        coincidences = sum(each for _, each in chosen)
        story = _story_of(record, fated, new, coincidences=coincidences)
        if story:
            yield story


def _wanted(record: Record, own: StoryRequest, others: Sequence[StoryRequest]) -> list[ObservedExecution]:
    """Return the executions that our request, or one it may have been merged into, may have become."""
    partners = [own, *(other for other in others if rules.may_merge(own, other))]
    return [
        observed
        for observed in record.executions.values()
        if rules.contains(observed.execution, own.seen.request.services)
        and any(rules.can_become(record, request, observed) for request in partners)
    ]


def _matters(record: Record, other: StoryRequest, *, own: StoryRequest, wanted: Sequence[ObservedExecution]) -> bool:
    services, mine = other.seen.request.services, own.seen.request.services
    together = [each for each in wanted if rules.contains(each.execution, services)]
    if services and not services & mine and not together:
        return False  # It asks for other services, and so does whatever it became.
    is_partner = rules.may_merge(own, other) or rules.may_merge(other, own)
    return is_partner or any(rules.can_become(record, other, observed) for observed in wanted)


def _fates_of(record: Record, request: StoryRequest, cast: Sequence[StoryRequest]) -> Iterator[Fate]:
    """Yield every fate of one request that breaks no rule by itself."""
    own = record.own
    if request.is_own and own.execution_id is not None:
        yield Fate(Kind.EXECUTION, own.execution_id)
        return
    if rules.may_wait(record, request):
        yield Fate(Kind.WAITING)
    if rules.may_start(record, request):
        yield Fate(Kind.STARTING)
    for execution_id, observed in record.executions.items():
        if rules.can_become(record, request, observed):
            yield Fate(Kind.EXECUTION, execution_id)
    for other in cast:
        if rules.may_merge(request, other):
            yield Fate(Kind.MERGED, other.id)
    is_diff = request.is_own and own.asked.only_differences
    if not is_diff or not request.seen.is_waiting:
        yield Fate(Kind.SKIPPED if is_diff else Kind.REMOVED)
    if request.id == _UNLISTED and not own.is_accepted:
        yield Fate(Kind.NOT_ACCEPTED)


def _story_of(record: Record, story: Fates, new: Sequence[ObservedExecution], *, coincidences: int) -> Story | None:
    """Return a story, or None if it breaks a rule."""
    fates = {request.id: fate for request, fate in story}
    own = story[0][0]
    end_id = _end_of(own.id, fates)
    if end_id is None or not rules.has_own_executions(story) or not rules.keeps_order(record, story):
        return None
    if not rules.deploys_nothing_else(record, story):
        return None
    is_merged = any(fate.kind is Kind.MERGED and own.id in {request.id, fate.target} for request, fate in story)
    fate, is_replaced = fates[end_id], False
    if fate.kind is Kind.EXECUTION and record.own.execution_id is None:
        observed = record.executions[fate.target]
        execution = observed.execution
        if not rules.begins_after(own, observed) or not rules.contains(execution, own.seen.request.services):
            return None
        is_replaced = not rules.has_versions(record, execution)
        if not is_merged and not rules.is_same_origin(own, execution):
            return None
        if not is_merged and is_replaced:
            coincidences += 2  # Nobody saw the other request, nor that it was merged into our request.
    taken = {fate.target for fate in fates.values() if fate.kind is Kind.EXECUTION}
    unaccounted = [each for each in new if each.execution.id not in taken]
    if not all(rules.may_be_of_nobody_seen(record, story, observed) for observed in unaccounted):
        return None
    coincidences += len(unaccounted) + coincidences_of_acceptance(record, own, fate)
    return Story(fate=fate, request_id=end_id, coincidences=coincidences, is_replaced=is_replaced)


def _end_of(request_id: str, fates: dict[str, Fate]) -> str | None:
    """Follow a request through mergers to the one that remains; None if they go in a circle."""
    for _ in fates:
        if fates[request_id].kind is not Kind.MERGED:
            return request_id
        request_id = fates[request_id].target
    return None
