"""The rules: everything that the engine knows of how Qovery carries out deployment requests.

The rules about one fate say whether one request can have it. The rules about a story say whether the fates of all its
requests can be true together. Times are spans: a fate or story breaks a rule only if it breaks it at every time in the
spans. A rule's docstring has its name, the rule, and its source. docs/architecture.md has an example.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from qovery_helm_deploy.deployment import assumptions
from qovery_helm_deploy.deployment.observations import ObservedExecution, ObservedRequest, Span
from qovery_helm_deploy.deployment.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qovery_helm_deploy.deployment.execution import Execution, Identity
    from qovery_helm_deploy.deployment.record import Record


class Kind(Enum):
    """What can become of a deployment request; the value is where our own request stands then."""

    WAITING = Standing.QUEUED
    STARTING = Standing.STARTING
    EXECUTION = Standing.RUNNING
    MERGED = Standing.UNCLEAR
    REMOVED = Standing.REMOVED
    SKIPPED = Standing.UNCHANGED
    NOT_ACCEPTED = Standing.NOT_ACCEPTED


class Fate(NamedTuple):
    """What became of one request; `target` is the id of its execution, or of the request it was merged into."""

    kind: Kind
    target: str = ""


@dataclass(frozen=True, kw_only=True)
class StoryRequest:
    """One request in a story, with the observed times at which it entered and left the queue."""

    id: str
    seen: ObservedRequest
    is_own: bool = False

    @property
    def by(self) -> Identity:
        return self.seen.request.by


#: A story under examination: each request with its fate.
Fates = Sequence[tuple[StoryRequest, Fate]]


def can_become(record: Record, request: StoryRequest, observed: ObservedExecution) -> bool:
    """Return whether a request may have become an execution, according to all rules about one fate."""
    execution = observed.execution
    return (
        is_same_action(request, execution)
        and is_same_user(request, execution)
        and contains(execution, request.seen.services_at_first or request.seen.request.services)
        and may_become(record, request, observed)
    )


def may_be_own(record: Record, seen: ObservedRequest) -> bool:
    """Return whether a request in the queue may be our own, if the id of our own is unknown."""
    request, own = seen.request, record.own
    is_alike = request.by.origin in {None, assumptions.OUR_ORIGIN} and request.action in {None, "DEPLOY"}
    is_for = not request.services or own.services <= request.services
    return is_alike and is_for and seen.came.since <= own.accepted_by


def may_wait(record: Record, request: StoryRequest) -> bool:
    """Listed: a request waits as long as the queue lists it. Source: Qovery's documentation of the queue.

    Where the queue cannot be read, a request no longer waits once nothing has run for `LONGEST_START`.
    """
    if request.seen.gone_by < math.inf:
        return False
    idle_by = max(idle_since(record, request), record.busy_last)
    return bool(record.queues) or record.shown_until <= idle_by + assumptions.LONGEST_START


def may_start(record: Record, request: StoryRequest) -> bool:
    """Start: after a request left the queue, its execution begins within a limited time.

    It leaves the queue only when no other execution runs. Source: the console shows one deployment at a time.
    """
    is_free = all(other.ended.since <= request.seen.left.until for other in record.executions.values())
    is_diff = request.is_own and record.own.asked.only_differences
    limit = assumptions.LONGEST_START_OF_DIFF if is_diff else assumptions.LONGEST_START
    return is_free and record.shown_until <= busy_by(record, request) + limit


def may_become(record: Record, request: StoryRequest, observed: ObservedExecution) -> bool:
    """Not before: an execution begins after its request came and left the queue, and within a limited time after that.

    One at a time: whatever began earlier was over when the request left. Source: Qovery's documentation of the queue.
    """
    is_soon = observed.began.since <= busy_by(record, request) + assumptions.LONGEST_START
    is_free = all(other.ended.since <= request.seen.left.until for other in earlier_than(record, observed))
    return begins_after(request, observed) and is_soon and is_free


def begins_after(request: StoryRequest, observed: ObservedExecution) -> bool:
    """Not before, merged or not: an execution begins after each of its requests came and left the queue."""
    is_old = request.is_own and observed.is_new is False
    return not is_old and observed.began.until >= request.seen.left.since


def is_same_action(request: StoryRequest, execution: Execution) -> bool:
    """Action: an execution has its request's action. Source: `trigger_action` in Qovery's specification."""
    return _are_same_action(request.seen.request.action, execution.action)


def is_same_user(request: StoryRequest, execution: Execution) -> bool:
    """Same user: an execution has its request's user. Source: `triggered_by` in Qovery's specification."""
    return _are_same(request.by.user, execution.by.user)


def is_same_origin(request: StoryRequest, execution: Execution) -> bool:
    """Same origin: an execution has its request's origin, unless requests were merged.

    Source: `origin` in Qovery's specification.
    """
    return _are_same(request.by.origin, execution.by.origin)


def contains(execution: Execution, services: Iterable[str]) -> bool:
    """Contains: an execution includes every service of its requests. Source: `stages` in Qovery's specification."""
    requested, shown = set(services), set(execution.services)
    return not shown or requested <= shown or (execution.is_partial and bool(requested & shown))


def deploys_nothing_else(record: Record, story: Fates) -> bool:
    """Nothing else: an execution deploys no service that its requests did not ask for. Source: `stages`, as above.

    Only our own services count, except those listed as READY: the execution skips them.
    """
    for request, fate in story:
        if fate.kind is Kind.EXECUTION:
            requested = [seen.request.services for seen in _together(request, story)]
            services = record.executions[fate.target].execution.services
            deployed = {key for key in record.own.services & services.keys() if services[key].state.name != "READY"}
            if all(requested) and not deployed <= frozenset[str]().union(*requested):
                return False
    return True


def has_versions(record: Record, execution: Execution) -> bool:
    """Versions: an execution has the versions that its request asked for. Source: `stages`, as above.

    If a later request was merged into this request, they may differ.
    """
    return all(
        record.own.asked.is_met_by(result)
        for service, result in execution.services.items()
        if service in record.own.services
    )


def may_merge(request: StoryRequest, into: StoryRequest) -> bool:
    """Merged: Qovery merges waiting requests of the same user with the same action. Source: its documentation."""
    if request.id == into.id or not _are_same_action(request.seen.request.action, into.seen.request.action):
        return False
    first = max(request.seen.left.since, into.seen.came.since)
    last = min(request.seen.left.until, into.seen.left.until)
    return first <= last and _are_same(request.by.user, into.by.user)


def keeps_order(record: Record, story: Fates) -> bool:
    """Order: of two waiting requests, the one queued first begins first. Source: Qovery's documentation of the queue.

    Merged requests count from the time of the earliest one.
    """
    places = [(_place(request, story), _turn(record, fate)) for request, fate in story if fate.kind is not Kind.MERGED]
    return not any(
        first_place.until < second_place.since and first_turn > second_turn
        for first_place, first_turn in places
        for second_place, second_turn in places
        if 0 <= second_turn < math.inf
    )


def has_own_executions(story: Fates) -> bool:
    """One each: two requests that were not merged do not become one execution. Source: Qovery's documentation."""
    taken = [fate.target for _, fate in story if fate.kind is Kind.EXECUTION]
    return len(taken) == len(set(taken))


def may_be_of_nobody_seen(record: Record, story: Fates, observed: ObservedExecution) -> bool:
    """Accounted for: an execution comes from a request; an unobserved one came and left between two observations.

    It came before each request that still waited when the execution began. Source: the order of the queue.
    """
    waited = [request.seen for request, _ in story if request.seen.left.since >= observed.began.until]
    came_by = min((seen.came.until for seen in waited), default=math.inf)
    left_after = observed.began.since - assumptions.USUAL_START
    between = [call for call in record.queues if call.answered_at < left_after]
    return all(call.asked_at - assumptions.QUEUE_LAG <= came_by for call in between)


def left_by(record: Record, request: StoryRequest) -> float:
    """Return the latest time at which a request can have left the queue.

    Where the queue cannot be read, the request had left it when nothing ran any more.
    """
    until = request.seen.left.until
    return until if record.queues else min(until, idle_since(record, request))


def busy_by(record: Record, request: StoryRequest) -> float:
    """Return the same, or when Qovery last reported our request as queued or running, if that was later."""
    return max(left_by(record, request), record.busy_last)


def idle_since(record: Record, request: StoryRequest) -> float:
    """Return the time by which everything was over that the request may wait for; infinite while something runs."""
    ends = (observed.ended.until for observed in record.executions.values())
    return max([request.seen.came.until, *ends])


def earlier_than(record: Record, observed: ObservedExecution) -> list[ObservedExecution]:
    """Return the executions that began before one."""
    executions = list(record.executions.values())
    return executions[: executions.index(observed)]


def _turn(record: Record, fate: Fate) -> float:
    """Return the position in the order of starts; -1 if the request starts no execution."""
    if fate.kind is Kind.EXECUTION:
        return list(record.executions).index(fate.target)
    return {Kind.STARTING: len(record.executions), Kind.WAITING: math.inf}.get(fate.kind, -1)


def _place(request: StoryRequest, story: Fates) -> Span:
    """Return when the earliest of the merged requests came."""
    together = _together(request, story)
    # A request that was listed before our request was sent is older, even if the spans overlap.
    until = min(-math.inf if seen.is_older else seen.came.until for seen in together)
    return Span(min(seen.came.since for seen in together), until)


def _together(request: StoryRequest, story: Fates) -> list[ObservedRequest]:
    """Return a request and those merged into it."""
    return [request.seen, *(other.seen for other, fate in story if fate == Fate(Kind.MERGED, request.id))]


def _are_same_action(one: str | None, other: str | None) -> bool:
    return "UNKNOWN" in {one, other} or _are_same(one, other)


def _are_same(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one == other
