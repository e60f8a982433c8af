"""What is known so far of our request, gathered look by look, until one execution is tied to it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import takewhile
from typing import TYPE_CHECKING

from qovery_helm_deploy.deployment.contradiction import contradicts, is_compatible, may_be_of
from qovery_helm_deploy.deployment.evidence import (
    LONGEST_LAG,
    Asked,
    Baseline,
    Execution,
    Identity,
    Look,
    QueuedRequest,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from qovery_helm_deploy.deployment.status import Status

#: Seconds after the acceptance within which the queue may not list our request yet.
SETTLING = 5.0
#: Seconds after which the queue and the history are asked again although the status has not changed.
RECORDS_EVERY = 15.0
#: Seconds by which a status may lag behind the queue.
STATUS_LAG = 10.0
#: Seconds by which the queue may lag behind the status: an execution that began may be ours for so long.
QUEUE_LAG = 3.0
#: How close to each other two dates tell no order, and how soon after a request left the queue its execution begins.
_TELLING = timedelta(seconds=1)
_BEGINS_WITHIN = timedelta(seconds=15)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What ties our request to an execution; times are seconds since its acceptance.

    `identity` is who we are to Qovery, learned from our entry in the queue; `others` waited beside us at the last look,
    and those of them that came first are `ahead`. What began while we waited is `sighted` at a time, and `foreign` once
    the queue had the time to let us go and did not. `missing_since` is when the queue was first without us,
    and `left_by` that time by Qovery's clock.
    `is_confirmed` says that history lists our execution and contradicts nothing.
    """

    asked: Asked
    baseline: Baseline
    request_id: str | None
    merged_into: str | None = None
    identity: Identity | None = None
    was_queued: bool = False
    others: tuple[QueuedRequest, ...] = ()
    ahead: tuple[QueuedRequest, ...] = ()
    foreign: frozenset[str] = frozenset()
    sighted: Mapping[str, float] = field(default_factory=dict)
    missing_since: float | None = None
    left_by: datetime | None = None
    execution_id: str | None = None
    has_run: bool = False
    is_confirmed: bool = False
    looked_at: float | None = None
    looked_upon: tuple[object, ...] = ()

    @classmethod
    def from_acceptance(
        cls, *, asked: Asked, baseline: Baseline, accepted: Status | None, execution_id: str | None = None
    ) -> Claim:
        """Take the request id from the answer to the deploy call, unless it still tells an earlier request's.

        `execution_id` is given where the answer was lost, and an execution was found to be ours.
        """
        request_id = accepted.request_id if accepted else None
        if request_id == baseline.status.request_id and not baseline.has_queued(request_id):
            request_id = None
        return cls(
            asked=asked, baseline=baseline, request_id=request_id, ahead=baseline.queue, execution_id=execution_id
        )

    def wants_records(self, status: Status, *, at: float) -> bool:
        """Whether this status alone decides nothing, so that the queue and the history have to be asked."""
        if self.has_on_it(status) and (
            status.state.is_in_progress or (self.has_run and self.is_confirmed and status.state.ends_a_deployment)
        ):
            return False
        if self.looked_at is None or self.looked_upon != _signature(status):
            return True
        is_undecided = self.missing_since is not None and status.state.is_terminal
        is_sighted = any(at - since >= QUEUE_LAG for since in self.sighted.values())
        return is_undecided or is_sighted or at - self.looked_at >= RECORDS_EVERY

    def has_on_it(self, status: Status) -> bool:
        """Whether the status is about the execution that is ours."""
        return self.execution_id is not None and status.execution_id == self.execution_id

    def is_ours(self, request_id: str | None) -> bool:
        return request_id is not None and request_id in {self.request_id, self.merged_into}

    def is_new(self, execution_id: str) -> bool:
        """Whether an execution can be ours: not there before our request, and not begun while it waited."""
        return execution_id not in self.foreign and not self.baseline.has_execution(execution_id)

    def is_ruled_out(self, execution: Execution) -> bool:
        # A request that ours was merged into may have been created long before ours.
        is_from_before = self.merged_into is None and self.baseline.is_before(execution.created_at)
        return is_from_before or contradicts(execution, asked=self.asked, identity=self.identity)


def gather(claim: Claim, look: Look) -> Claim:
    """Take in a look at the status and, where they were asked, at the queue and the history."""
    if claim.has_on_it(look.status) and look.status.state.is_in_progress:
        claim = replace(claim, has_run=True)
    if look.queue is None and look.history is None:
        return claim
    claim = replace(claim, looked_at=look.at, looked_upon=_signature(look.status))
    if claim.execution_id:
        return _confirm(claim, look)
    waiting = look.queued(claim.request_id) or look.queued(claim.merged_into)
    return _wait(claim, look, waiting) if waiting else _search(claim, look)


def _confirm(claim: Claim, look: Look) -> Claim:
    told = look.execution(claim.execution_id)
    if told and claim.is_ruled_out(told):
        return replace(claim, execution_id=None, has_run=False, foreign=claim.foreign | {told.id})
    return replace(claim, is_confirmed=claim.is_confirmed or told is not None)


def _wait(claim: Claim, look: Look, waiting: QueuedRequest) -> Claim:
    """Note what cannot be ours because it began before ours left the queue.

    That is what was seen before, and of the history all but the newest entry: one deployment runs at a time.
    """
    others = tuple(queued for queued in look.queue or () if queued.id != waiting.id)
    *older, newest = [known.id for known in _news(claim, look)] or [""]
    sighted = {newest: claim.sighted.get(newest, look.at)} if newest else {}
    overdue = {execution_id for execution_id, since in sighted.items() if look.at - since >= QUEUE_LAG}
    return replace(
        claim,
        merged_into=None if waiting.id == claim.request_id else claim.merged_into,
        identity=waiting.by,
        was_queued=True,
        others=others,
        ahead=tuple(queued for queued in others if queued in claim.ahead) if claim.was_queued else others,
        foreign=claim.foreign | overdue | set(older),
        sighted={execution_id: since for execution_id, since in sighted.items() if execution_id not in overdue},
        missing_since=None,
        left_by=None,
    )


def _search(claim: Claim, look: Look) -> Claim:
    is_running = claim.is_ours(look.status.request_id) and look.status.state.is_in_progress
    claim = replace(claim, has_run=claim.has_run or is_running)
    execution_id = _our_execution(claim, look)
    if look.queue is not None and claim.missing_since is None:
        claim = replace(claim, missing_since=look.at, left_by=look.taken_at)
    if execution_id is None:
        return replace(claim, sighted={}, merged_into=claim.merged_into or _merger(claim, look))
    is_running = look.status.execution_id == execution_id and look.status.state.is_in_progress
    is_confirmed = look.execution(execution_id) is not None
    return replace(claim, execution_id=execution_id, has_run=is_running, is_confirmed=is_confirmed)


def _our_execution(claim: Claim, look: Look) -> str | None:
    """Tie an execution to our request: by our id on it, else by its place in the order of those that may be ours."""
    if look.queue is None:
        # A status may show the id of a request that waits beside an execution that is another's. Only the queue tells
        # that ours has left it.
        return None
    candidates = candidates_of(claim, look)
    missing_for = 0.0 if claim.missing_since is None else look.at - claim.missing_since
    named = look.status.execution_id if claim.is_ours(look.status.request_id) else None
    if missing_for >= STATUS_LAG and any(candidate.id == named for candidate in candidates):
        # No status is older than the queue without us, so that our id on it cannot be that of a waiting request.
        return named
    if not candidates or not _is_first(candidates) or look.execution(candidates[0].id) is None:
        return None
    # Without an origin, what began at the same time may not have shown yet.
    is_settled = candidates[0].by.origin is not None or look.at >= SETTLING
    return candidates[0].id if is_settled else None


def _is_first(candidates: Sequence[Execution]) -> bool:
    """Whether the first candidate surely began before the second: dates this close to each other tell no order."""
    first, second = candidates[0], candidates[1] if len(candidates) > 1 else None
    if second is None:
        return True
    if first.created_at is None or second.created_at is None:
        return False
    return second.created_at - first.created_at > _TELLING


def candidates_of(claim: Claim, look: Look) -> Sequence[Execution]:
    """List the executions that may be ours, oldest first."""
    news = _news(claim, look)
    for queued in claim.ahead:
        if look.queued(queued.id) is None and not claim.is_ours(queued.id):
            # It left the queue before ours did, so the first execution that may be its is its, and not ours.
            its = next((known for known in news if may_be_of(known.by, queued.by)), None)
            news = [known for known in news if known is not its]
    return [
        known
        for known in news
        if not (claim.is_ruled_out(known) or _is_for_another(claim, look, known) or _is_late(claim, known))
    ]


def _is_late(claim: Claim, execution: Execution) -> bool:
    """Whether an execution began so long after ours left the queue that it is another's."""
    if claim.left_by is None or execution.created_at is None:
        return False
    return _BEGINS_WITHIN < execution.created_at - claim.left_by < LONGEST_LAG


def _news(claim: Claim, look: Look) -> list[Execution]:
    """List what began since our request, or left the queue with it, oldest first."""
    # History begins with the newest: what follows one that cannot be ours is older still.
    told = [*takewhile(lambda known: claim.is_new(known.id), look.history or ())][::-1]
    current = look.status.execution_id
    if claim.baseline.history is None:
        # Any old entry would look new; only what the status shows is known to be.
        told = [known for known in told if known.id == current]
    if current and claim.is_new(current) and look.execution(current) is None:
        told.append(Execution(id=current, state=look.status.state, by=Identity()))
    return told


def _is_for_another(claim: Claim, look: Look, execution: Execution) -> bool:
    """Whether the status shows this execution under a request that is neither ours nor merely the next one waiting."""
    named = look.status.request_id
    is_told = named is not None and claim.request_id is not None and execution.id == look.status.execution_id
    is_from_before = named == claim.baseline.status.request_id or claim.baseline.has_queued(named)
    return is_told and not is_from_before and not claim.is_ours(named) and look.queued(named) is None


def _merger(claim: Claim, look: Look) -> str | None:
    """Find the waiting request that ours was merged into: Qovery merges the waiting requests of one user.

    Which id survives is unknown. Ours did, where it is in the queue. Else it is the one that came as ours went, or,
    where ours never was in the queue although the service is queued, the only one that is.
    """
    alike = [queued for queued in look.queue or () if is_compatible(queued.by, claim.identity)]
    if claim.was_queued:
        alike = [queued for queued in alike if queued not in claim.others]
    elif look.at < SETTLING or not look.status.state.is_queued:
        return None
    return alike[0].id if len(alike) == 1 and not candidates_of(claim, look) else None


def _signature(status: Status) -> tuple[object, ...]:
    return status.state, status.execution_id, status.request_id
