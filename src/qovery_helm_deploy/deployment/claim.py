"""What is known so far of our request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qovery_helm_deploy.deployment.contradiction import contradicts, is_compatible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from qovery_helm_deploy.deployment.evidence import (
        Asked,
        Baseline,
        Execution,
        Identity,
        QueuedRequest,
    )
    from qovery_helm_deploy.deployment.status import State, Status

#: Seconds after which the queue and the history are asked again although the status has not changed.
RECORDS_EVERY = 15.0
#: Seconds within which a request that was accepted, and whose id nobody told, is listed in the queue, if it waits.
AT_ONCE = 1.0
#: Seconds after which what is listed for the first time came later than that.
LISTED_BY = AT_ONCE + 0.5
#: Seconds by which the queue may lag: for so long an execution that began may be ours, and a request that was accepted
#: may not be listed yet.
QUEUE_LAG = 3.0
#: Seconds by which a status may lag behind the queue.
STATUS_LAG = 10.0
#: Seconds after which it is another's for certain if our request still waits.
FOREIGN_AFTER = 5.0
#: Seconds after which something more may be concluded from what has not changed.
_TELLING = (AT_ONCE, QUEUE_LAG, FOREIGN_AFTER, STATUS_LAG)
#: Seconds after the acceptance within which what happened at that time may not show yet at all.
SETTLING = 5.0
#: Seconds for which an end has to stand where neither queue nor history can be asked.
UNHEARD = 30.0


@dataclass(frozen=True, kw_only=True)
class Rest:
    """When the service was first seen at rest: `at` seconds after the acceptance, `by` Qovery's clock."""

    state: State
    at: float
    by: datetime | None


@dataclass(frozen=True, kw_only=True)
class Absence:
    """What was seen while the queue was without ours: `since` a time, `by` Qovery's clock.

    `rest` is there once the service is at rest although ours has left: what begins later is not ours.
    """

    since: float
    by: datetime | None
    rest: Rest | None = None


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What ties our request to an execution; times are seconds since its acceptance.

    Who we are: `request_id`, where Qovery told it; else `newcomers` are the requests that came to the queue about then,
    and `may_be_queued` says that ours is among them or has begun, and that nothing tells which; `has_been_shown` says
    that a status showed our own id. `identity` is learned from our entry in the queue, which `has_seen_queue` says can
    be asked at all; `has_seen_records` says so of queue or history. `queue_seen_at` is the first time that ours, if it
    waited, was listed there, and `has_looked_at_once` says that it was had before that. It `listed` those requests when
    it was last had, at `listed_at`; the ones before were found `unlisted_at` a time. Besides ours it has listed those
    `alike`. Ours was `merged_into` another, or `may_be_in` one of our step's.

    While ours waited: `others` waited beside it at the last look. Those that came first are `ahead` until it is known
    what they became; some `departed` while ours still waited, by a time, ours and Qovery's. What began is `sighted` at
    a time, and `foreign` once the queue had the time to let us go and did not. What ran without a name did so
    `unnamed_since` a time, and `has_unnamed_ahead` says that it is another's. It `may_hold_another`, one like it that
    was gone as it came, and that either was merged into it or had begun.

    Executions of other services were seen `beside` it, first at a time, so that ours began after them. At `behind_at`
    another service was last seen in progress, behind which ours may have waited.

    Since it left: `absence` is what was seen then. The `heirs` are alike and came as it went. `suspects` may have been
    ours, and so may the nameless run that `has_seen_unnamed` tells of.

    Once tied: `has_run` says that ours was seen in progress, `is_confirmed` that history lists it and contradicts
    nothing.
    """

    asked: Asked
    baseline: Baseline
    request_id: str | None = None
    merged_into: str | None = None
    may_be_in: str | None = None
    identity: Identity | None = None
    has_seen_queue: bool = False
    has_seen_records: bool = False
    listed: frozenset[str] = frozenset()
    listed_at: float = 0.0
    unlisted_at: Mapping[str, float] = field(default_factory=dict)
    was_queued: bool = False
    newcomers: frozenset[str] = frozenset()
    alike: frozenset[str] = frozenset()
    queue_seen_at: float | None = None
    has_looked_at_once: bool = False
    may_be_queued: bool = False
    has_been_shown: bool = False
    others: tuple[QueuedRequest, ...] = ()
    ahead: tuple[QueuedRequest, ...] = ()
    departed: Mapping[str, tuple[float, datetime | None]] = field(default_factory=dict)
    foreign: frozenset[str] = frozenset()
    sighted: Mapping[str, float] = field(default_factory=dict)
    unnamed_since: float | None = None
    has_unnamed_ahead: bool = False
    may_hold_another: bool = False
    beside: Mapping[str, float] = field(default_factory=dict)
    behind_at: float = 0.0
    absence: Absence | None = None
    heirs: frozenset[str] = frozenset()
    execution_id: str | None = None
    has_run: bool = False
    is_confirmed: bool = False
    suspects: frozenset[str] = frozenset()
    has_seen_unnamed: bool = False
    looked_at: float | None = None
    looked_upon: tuple[object, ...] = ()
    changed_at: float = 0.0

    @classmethod
    def from_acceptance(
        cls, *, asked: Asked, baseline: Baseline, accepted: Status | None, execution_id: str | None = None
    ) -> Claim:
        """Take the request id from the answer to the deploy call, unless it tells an earlier request's.

        The id of a request that waited before is that of the one ours was merged into, or just of the next to begin.
        `execution_id` is given where the answer was lost, and an execution was found to be ours.
        """
        told = accepted.request_id if accepted else None
        before = baseline.queued(told)
        is_new = before is None and told != baseline.status.request_id
        return cls(
            asked=asked,
            baseline=baseline,
            request_id=told if is_new else None,
            merged_into=told if before and is_compatible(before.by, None) else None,
            has_seen_queue=baseline.queue is not None,
            has_seen_records=baseline.queue is not None or baseline.history is not None,
            ahead=baseline.queue or (),
            unnamed_since=-QUEUE_LAG if baseline.has_unnamed_run else None,
            execution_id=execution_id,
        )

    @property
    def known_id(self) -> str | None:
        """The id of our request, or of the one that it was merged into."""
        return self.request_id or self.merged_into

    def is_seen_late(self, *, by: float = LISTED_BY) -> bool:
        """Whether the queue was first seen when ours, and one that slipped in before it, may have left it already."""
        is_late = self.queue_seen_at is not None and self.queue_seen_at > by
        return is_late and not (self.was_queued or self.merged_into)

    def wants_records(self, status: Status, *, at: float, patience: float = RECORDS_EVERY) -> bool:
        """Whether this status alone decides nothing, so that the queue and the history have to be asked.

        Where nothing changes they are asked again after `patience` seconds.
        """
        if self.has_on_it(status) and (
            status.state.is_in_progress or (self.has_run and self.is_confirmed and status.state.ends_a_deployment)
        ):
            return False
        if self.looked_at is None or self.looked_upon != signature_of(status):
            return True
        is_undecided = self.absence is not None and not status.state.is_busy
        is_due = is_undecided and self._may_decide(at=at, since=self.looked_at)
        is_missing = self.absence is not None or not self.was_queued
        moments = (AT_ONCE, QUEUE_LAG, SETTLING, self.tells_most_at) if is_missing else (QUEUE_LAG,)
        has_settled = any(self.looked_at < moment <= at for moment in moments)
        is_sighted = any(at - since >= QUEUE_LAG for since in self.sighted.values())
        return is_due or has_settled or is_sighted or at - self.looked_at >= patience

    @property
    def tells_most_at(self) -> float:
        """When no status is older any more than the queue without ours; 0 as long as ours has not left it."""
        return self.absence.since + STATUS_LAG if self.absence else 0.0

    @property
    def has_waited_for_nothing_known(self) -> bool:
        """Whether ours waited although nothing of the service was seen to run, so that something may have unseen."""
        is_known = self.baseline.status.state.is_busy or self.foreign or self.sighted
        return self.was_queued and not is_known

    def _may_decide(self, *, at: float, since: float) -> bool:
        """Whether time alone may decide more than it did at the last look, or history had the time to catch up."""
        telling = (STATUS_LAG,) if self.has_waited_for_nothing_known else _TELLING
        left_at = self.absence.since if self.absence else 0.0
        rested_at = self.absence.rest.at if self.absence and self.absence.rest else 0.0
        begins = (0.0, left_at, self.changed_at, rested_at)
        is_moment = any(since < begin + after <= at for begin in begins for after in telling)
        return is_moment or at - since >= telling[-1] / 2

    def waits_as_before(self, status: Status, queue: Sequence[QueuedRequest]) -> bool:
        """Whether ours waits, the queue is that of the last look, nothing has begun since, and nothing was open then.

        Then history could tell nothing that is not known.
        """
        _, execution_id, _ = self.looked_upon or (None, None, None)
        is_queued = status.state.is_queued and status.execution_id == execution_id
        has_begun_nothing = is_queued or self.looked_upon == signature_of(status)
        waited = self.was_queued and self.absence is None and self.execution_id is None
        has_departed = any(queued.id not in self.listed for queued in self.ahead)
        was_open = has_departed or bool(self.sighted) or self.unnamed_since is not None or self.may_be_queued
        is_listed = any(self.is_ours(request_id) for request_id in self.listed)
        is_same_queue = is_listed and self.listed == {queued.id for queued in queue}
        return waited and is_same_queue and has_begun_nothing and not was_open

    def gone_for(self, *, at: float) -> float:
        """Seconds for which the queue has been without ours."""
        return at - self.absence.since if self.absence else 0.0

    def unlisted_for(self, request_id: str, *, at: float) -> float:
        """Seconds for which the queue has been without a request that it had listed."""
        return at - self.unlisted_at.get(request_id, at)

    def missing_for(self, *, at: float) -> float:
        """Seconds for which ours has been neither waiting nor running, and the status has not changed either."""
        return at - max(self.absence.since, self.changed_at) if self.absence else 0.0

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
