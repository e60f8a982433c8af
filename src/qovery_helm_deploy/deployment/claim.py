"""What is known so far of our request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qovery_helm_deploy.deployment.contradiction import contradicts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from qovery_helm_deploy.deployment.evidence import (
        Asked,
        Baseline,
        Execution,
        Identity,
        QueuedRequest,
    )
    from qovery_helm_deploy.deployment.status import Status

#: Seconds after which the queue and the history are asked again although the status has not changed.
RECORDS_EVERY = 15.0
#: Seconds by which the queue may lag: for so long an execution that began may be ours, and a request that was accepted
#: may not be listed yet.
QUEUE_LAG = 3.0
#: Seconds after the acceptance within which what happened at that time may not show yet at all.
SETTLING = 5.0


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What ties our request to an execution; times are seconds since its acceptance.

    `has_seen_queue` says that the queue can be asked at all, `identity` who we are to Qovery, learned from our entry in
    it; `others` waited beside us at the last look,
    and those of them that came first are `ahead`. What began while we waited is `sighted` at a time, and `foreign` once
    the queue had the time to let us go and did not. `missing_since` is when the queue was first without us, and
    `left_by` that time by Qovery's clock. `has_run` says that ours was seen in progress, `is_confirmed` that history
    lists it and contradicts nothing, `may_have_begun` that something was in progress that may be ours, and
    `may_be_queued` that our request, whose id nobody told, may be one that was seen waiting.
    """

    asked: Asked
    baseline: Baseline
    request_id: str | None
    merged_into: str | None = None
    identity: Identity | None = None
    has_seen_queue: bool = False
    was_queued: bool = False
    may_be_queued: bool = False
    others: tuple[QueuedRequest, ...] = ()
    ahead: tuple[QueuedRequest, ...] = ()
    foreign: frozenset[str] = frozenset()
    sighted: Mapping[str, float] = field(default_factory=dict)
    missing_since: float | None = None
    left_by: datetime | None = None
    execution_id: str | None = None
    has_run: bool = False
    is_confirmed: bool = False
    may_have_begun: bool = False
    looked_at: float | None = None
    looked_upon: tuple[object, ...] = ()
    changed_at: float = 0.0

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
            asked=asked,
            baseline=baseline,
            request_id=request_id,
            has_seen_queue=baseline.queue is not None,
            ahead=baseline.queue or (),
            execution_id=execution_id,
        )

    def wants_records(self, status: Status, *, at: float) -> bool:
        """Whether this status alone decides nothing, so that the queue and the history have to be asked."""
        if self.has_on_it(status) and (
            status.state.is_in_progress or (self.has_run and self.is_confirmed and status.state.ends_a_deployment)
        ):
            return False
        if self.looked_at is None or self.looked_upon != signature_of(status):
            return True
        is_undecided = self.missing_since is not None and status.state.is_terminal
        has_settled = any(self.looked_at < moment <= at for moment in (QUEUE_LAG, SETTLING))
        is_sighted = any(at - since >= QUEUE_LAG for since in self.sighted.values())
        return is_undecided or has_settled or is_sighted or at - self.looked_at >= RECORDS_EVERY

    def missing_for(self, *, at: float) -> float:
        """Seconds for which ours has been neither waiting nor running, and the status has not changed either."""
        return 0.0 if self.missing_since is None else at - max(self.missing_since, self.changed_at)

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


def signature_of(status: Status) -> tuple[object, ...]:
    return status.state, status.execution_id, status.request_id
