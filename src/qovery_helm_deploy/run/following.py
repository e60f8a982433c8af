"""Follows an accepted request to its end, or to the end of the time allowed."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import anyio

from qovery_helm_deploy.deployment.claim import AT_ONCE, QUEUE_LAG, RECORDS_EVERY, STATUS_LAG, Claim
from qovery_helm_deploy.deployment.evidence import Execution, Look, QueuedRequest
from qovery_helm_deploy.deployment.expectation import Expectation
from qovery_helm_deploy.deployment.ownership import Judgement, Standing, judge
from qovery_helm_deploy.deployment.pace import LONGEST_RUNNING, Pace
from qovery_helm_deploy.deployment.phases import Phase, extended
from qovery_helm_deploy.deployment.verdict import Verdict, lost_contact, timed_out, verdict_of
from qovery_helm_deploy.run.looking import if_it_can_be_had, look_at
from qovery_helm_deploy.run.pushes import Pushes

if TYPE_CHECKING:
    from qovery_helm_deploy.deployment.service import Service
    from qovery_helm_deploy.deployment.status import Status
    from qovery_helm_deploy.inputs import Inputs
    from qovery_helm_deploy.qovery.client import Client
    from qovery_helm_deploy.run.narration import Narrator
    from qovery_helm_deploy.run.statuses import Reading, Statuses

#: Seconds that the last look, at the deadline, may take.
_LAST_LOOK = 5.0
#: Seconds by which a look at a moment comes later, so that no clock puts it before.
_SURELY_AFTER = 0.01
#: Seconds after a look that the next may come, whatever is pushed.
_SOONEST = 1.0
#: How old a status may be that was asked for another service's sake, as a share of the time since the last look.
_SHARE = 0.5
#: How old, in seconds, it may be where queue and history are asked besides: what they show is held against it.
_FRESH = 2.0
#: Queue and history, too, are asked the more seldom the longer nothing has changed.
_SHARE_OF_RECORDS, _LONGEST_WITHOUT_RECORDS = 0.2, 90.0
#: So many services are few: each may look as often as if it were alone.
_FEW = 4


class Follower:
    """Looks until our request has ended; `claim`, `status` and `judgement` are the latest.

    `pushes` may tell it to look at once; somebody else has to listen to them.
    """

    def __init__(
        self, statuses: Statuses, client: Client, *, service: Service, claim: Claim, inputs: Inputs, narrator: Narrator
    ) -> None:
        self._statuses = statuses
        self._client = client
        self._service_id = service.id
        self._environment_id = service.environment_id
        self._inputs = inputs
        self._narrator = narrator
        expectation = Expectation.from_history(claim.baseline.history)
        self._pace = Pace(fixed=inputs.poll_interval, expectation=expectation)
        self._accepted_at = self._changed_at = anyio.current_time()
        self._waited_until = self._accepted_at
        self._started_at: float | None = None
        self._running_since: float | None = None
        self._is_in_contact = False
        self.pushes = Pushes(client, service_id=service.id)
        self.claim = claim
        self.phases: tuple[Phase, ...] = ()
        self.deployed: Execution | None = None
        self.status: Status | None = None
        self.judgement: Judgement | None = None

    @property
    def elapsed(self) -> float:
        """Seconds since the request was accepted."""
        return anyio.current_time() - self._accepted_at

    @property
    def duration(self) -> float:
        """Seconds that our execution took as Qovery tells it, else those since the acceptance."""
        if self.status and self.claim.has_on_it(self.status) and self.status.total_duration is not None:
            return self.status.total_duration
        execution = self.judgement.execution if self.judgement else None
        return execution.duration if execution and execution.duration is not None else round(self.elapsed, 1)

    @property
    def may_be_hastened(self) -> bool:
        """Whether `pushes` matter: a fixed interval is kept whatever is pushed."""
        return self._inputs.poll_interval is None

    @property
    def is_ours_running(self) -> bool:
        """Whether the latest look showed our own execution in progress, and history did not deny it."""
        return self.judgement is not None and self.judgement.is_provably_running

    @property
    def _may_be_running(self) -> bool:
        """Whether something runs that may be our own execution, though nothing ties it to our request yet.

        At first it is too early to say so: what tells them apart shows in the first seconds, and has to be seen.
        """
        if self.elapsed < STATUS_LAG:
            return False
        is_open = self.judgement is not None and self.judgement.standing is Standing.UNCLEAR
        return is_open and self.status is not None and self.status.state.is_in_progress

    async def follow(self) -> Verdict:
        """Look until the end. Raises `RefusedError` when Qovery refuses to tell any more."""
        self._statuses.follow(self._service_id, environment_id=self._environment_id)
        try:
            return await self._follow()
        finally:
            self._statuses.unfollow(self._service_id, environment_id=self._environment_id)

    async def _follow(self) -> Verdict:
        interval = 0.0
        with anyio.CancelScope() as scope:
            while True:
                scope.deadline = self._deadline + _LAST_LOOK
                judgement = await self._look(sharing=_SHARE * interval)
                if judgement.standing.is_final:
                    return verdict_of(judgement)
                left = self._deadline - anyio.current_time()
                if left <= 0:
                    break
                interval = min(self._interval, self._until_telling, left)
                await self.pushes.sleep(interval, at_least=self._least_interval)
        return self._overdue()

    async def look_closely(self) -> Judgement:
        """Look at everything at once, so that the judgement is of this moment."""
        look = await look_at(self._client, self._service_id, at=self.elapsed)
        return self._take_in(look)

    async def _look(self, *, sharing: float) -> Judgement:
        """Look once; a status will do that was asked for another service's sake `sharing` seconds ago."""
        self._is_in_contact = False
        is_pushed = self.pushes.begin_look()
        shown_before = self.status and self.status.shown
        now = anyio.current_time()
        since = now if is_pushed else max(now - sharing, self._accepted_at)
        reading = await self._read(since=since)
        self._is_in_contact = True
        queue, history = None, None
        if self.claim.wants_records(reading.status, at=self.elapsed, patience=self._records_every):
            if anyio.current_time() - reading.asked_at > _FRESH:
                reading = await self._read(since=anyio.current_time())
            queue, history = await self._records(reading)
        look = Look(
            at=self.elapsed,
            status=reading.status,
            queue=queue,
            history=history,
            taken_at=reading.taken_at,
            age=anyio.current_time() - reading.asked_at,
            beside=reading.beside,
            is_another_running=reading.is_another_running,
        )
        judgement = self._take_in(look)
        self.pushes.end_look(has_news=reading.status.shown != shown_before)
        if self._narrator.tell(judgement, reading.status, at=self.elapsed):
            self._changed_at = anyio.current_time()
        return judgement

    async def _read(self, *, since: float) -> Reading:
        """Read the status; where no queue tells whether ours waits, those of others, too, behind which it may wait."""
        return await self._statuses.read(
            self._service_id,
            environment_id=self._environment_id,
            since=since,
            with_others=not self.claim.has_seen_queue,
        )

    async def _records(self, reading: Reading) -> tuple[tuple[QueuedRequest, ...] | None, tuple[Execution, ...] | None]:
        """Read the queue, then the history, which is let be where the queue says that all is as it was."""
        queue = await self._statuses.queue(
            self._service_id,
            environment_id=self._environment_id,
            since=reading.had_at,
            request_ids={self.claim.request_id, self.claim.merged_into},
        )
        if queue is not None and self.claim.waits_as_before(reading.status, queue):
            return queue, None
        return queue, await if_it_can_be_had(self._client.history(self._service_id))

    def _take_in(self, look: Look) -> Judgement:
        merged_into = self.claim.merged_into
        siblings = frozenset(self._statuses.requested - {self.claim.request_id})
        self.claim, self.judgement = judge(self.claim, replace(look, siblings=siblings))
        if self.claim.merged_into not in {None, merged_into}:
            self._narrator.say(f"the request was merged into {self.claim.merged_into} in Qovery's queue.")
        self.status = look.status
        self.phases = extended(self.phases, self.judgement, at=look.at)
        self.deployed = look.execution(self.claim.execution_id) or self.deployed
        has_left_queue = self.claim.execution_id is not None or self.claim.absence is not None
        if not has_left_queue:
            self._started_at = None
        elif self._started_at is None:
            self._started_at = anyio.current_time()
        if self.judgement.standing is Standing.WAITING:
            self._waited_until = anyio.current_time()
        if self._running_since is None and self.is_ours_running:
            self._running_since = self._begin(look)
        return self.judgement

    def _begin(self, look: Look) -> float:
        """Estimate when our execution began: as history tells, if that can be, else when it was first seen."""
        now = anyio.current_time()
        execution = look.execution(self.claim.execution_id)
        if execution is None or execution.created_at is None or look.taken_at is None:
            return now
        told = now - (look.taken_at - execution.created_at).total_seconds()
        return told if self._waited_until <= told <= now else now

    @property
    def _deadline(self) -> float:
        """With a `queue_timeout`, the time in the queue counts for that alone."""
        if self._inputs.queue_timeout is None:
            return self._accepted_at + self._inputs.timeout
        if self._started_at is None:
            return self._accepted_at + self._inputs.queue_timeout
        return self._started_at + self._inputs.timeout

    @property
    def _records_every(self) -> float:
        """Seconds between two looks at queue and history: more where nothing changes, or many services are followed."""
        waiting = anyio.current_time() - self._changed_at
        patience = min(max(RECORDS_EVERY, _SHARE_OF_RECORDS * waiting), _LONGEST_WITHOUT_RECORDS)
        return patience * max(1.0, self._statuses.count / _FEW)

    @property
    def _interval(self) -> float:
        now = anyio.current_time()
        if self._running_since is not None and self.is_ours_running:
            interval = self._pace.while_running(elapsed=now - self._running_since)
            interval = min(interval * self.pushes.thinning, max(interval, LONGEST_RUNNING))
        elif self._may_be_running:
            interval = self._pace.while_running(elapsed=now - self._changed_at)
        else:
            interval = self._pace.while_waiting(since_change=now - self._changed_at)
        return max(interval, self._least_interval)

    @property
    def _least_interval(self) -> float:
        """Seconds between two looks that the limit leaves, as far as it is known, or the user's fixed interval."""
        now, budget = anyio.current_time(), self._client.transport.budget
        if self._inputs.poll_interval is not None:
            return max(self._inputs.poll_interval, budget.least_interval(now=now))
        return max(_SOONEST, budget.least_interval(now=now), budget.modest_interval(now=now))

    @property
    def _until_telling(self) -> float:
        """Seconds until the next of the moments that tell most, however little is left of the limit."""
        if self._inputs.poll_interval is not None:
            return math.inf
        is_open = self.judgement is not None and self.judgement.standing is Standing.UNCLEAR
        moments = (AT_ONCE, QUEUE_LAG, self.claim.tells_most_at if is_open else 0.0)
        moment = min((moment for moment in moments if moment > self.elapsed), default=math.inf)
        return moment + _SURELY_AFTER - self.elapsed

    def _overdue(self) -> Verdict:
        error = self._client.transport.last_error
        if not self._is_in_contact:
            return lost_contact(str(error) if error else "Qovery did not answer.", elapsed=self.elapsed)
        is_queue_limit = self._inputs.queue_timeout is not None and self._started_at is None
        standing = self.judgement.standing if self.judgement else Standing.UNCLEAR
        state = self.judgement.state if self.judgement else None
        limit = "queue_timeout" if is_queue_limit else "timeout"
        return timed_out(standing, state, elapsed=self.elapsed, limit=limit)
