"""Coincidences: what is rare in a story."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qovery_helm_deploy.deployment import rules
from qovery_helm_deploy.deployment.assumptions import OUR_ORIGIN, USUAL_START
from qovery_helm_deploy.deployment.rules import Fate, Kind, StoryRequest

if TYPE_CHECKING:
    from qovery_helm_deploy.deployment.observations import ObservedExecution
    from qovery_helm_deploy.deployment.record import Record

#: Calls that are sent together are answered at most this many seconds apart.
_TOGETHER = 1.0


def coincidences_of(record: Record, request: StoryRequest, fate: Fate) -> int:
    """Count what is rare in one request's fate: a removal, a merger that nobody saw, a late beginning."""
    match fate.kind:
        case Kind.REMOVED:
            # That our own request was removed before any observation showed it counts twice: nothing supports it.
            return 1 if request.seen.is_listed else 2
        case Kind.MERGED:
            return 0 if _is_merger_shown(record, request, into=fate.target) else 1
        case Kind.EXECUTION if fate.target in record.executions:
            return int(record.executions[fate.target].began.since - rules.busy_by(record, request) > USUAL_START)
        case Kind.STARTING:
            return int(record.shown_until - rules.left_by(record, request) > USUAL_START)
        case Kind.WAITING if not record.queues:
            return int(record.shown_until - rules.idle_since(record, request) > USUAL_START)
        case _:
            return 0


def _is_merger_shown(record: Record, request: StoryRequest, *, into: str) -> bool:
    """Return whether the queue showed the merger, or Qovery answered with the id of the request it was merged into."""
    other = record.requests.get(into)
    if other is None:
        return False  # The queue never listed it.
    has_seen_both = request.seen.is_listed and into in request.seen.beside_when_gone
    # An execution that began while the other request still waited may be this one: then no merger is shown.
    begun = [each for each in record.executions.values() if each.began.until + _TOGETHER < other.left.until]
    if has_seen_both and not any(rules.can_become(record, request, each) for each in begun):
        return True
    grown = other.request.services - other.services_at_first
    is_named = into in {record.own.id, *(answer.about for answer in record.answers)}
    return request.is_own and (is_named or bool(grown & record.own.services))


def coincidences_of_acceptance(record: Record, own: StoryRequest, fate: Fate) -> int:
    """Count what is rare after a lost answer: a late acceptance, or none although a request like this one appeared."""
    if record.own.is_accepted:
        return 0
    usual = record.own.came.until
    if fate.kind is not Kind.NOT_ACCEPTED:
        return int(own.seen.came.since >= usual)
    alike = [seen for seen in record.requests.values() if not seen.is_older and rules.may_be_own(record, seen)]
    is_listed = any(seen.came.since < usual for seen in alike)
    return 2 if is_listed or any(_is_like_own(record, own, each) for each in record.executions.values()) else 0


def _is_like_own(record: Record, own: StoryRequest, observed: ObservedExecution) -> bool:
    """Return whether an execution is just what our request would have become."""
    execution = observed.execution
    is_alike = execution.by.origin == OUR_ORIGIN and rules.has_versions(record, execution)
    is_then = observed.is_new is True and observed.began.since < own.seen.came.until
    return is_alike and is_then and rules.can_become(record, own, observed)
