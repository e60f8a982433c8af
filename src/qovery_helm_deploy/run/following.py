"""Follows an accepted request to its end, or to the end of the time allowed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import anyio

from qovery_helm_deploy.deployment.next_poll import RECORDS, Source, records_for, wanted_now
from qovery_helm_deploy.deployment.pace import LONGEST, Pace
from qovery_helm_deploy.deployment.past_durations import past_durations
from qovery_helm_deploy.deployment.phases import Phase, extended
from qovery_helm_deploy.deployment.standing import Standing
from qovery_helm_deploy.deployment.verdict import Verdict, lost_contact, timed_out
from qovery_helm_deploy.run.narration import requests_ahead

if TYPE_CHECKING:
    from qovery_helm_deploy.deployment.judgement import Judgement
    from qovery_helm_deploy.deployment.status import State
    from qovery_helm_deploy.inputs import Inputs
    from qovery_helm_deploy.qovery.budget import RateBudget
    from qovery_helm_deploy.run.narration import Narrator
    from qovery_helm_deploy.run.observer import Observer
    from qovery_helm_deploy.run.pushes import Pushes

#: Seconds that the last poll, at the deadline, may take.
_LAST_POLL = 5.0
#: The least seconds between two polls, even if Qovery pushes a message.
_SOONEST = 1.0
#: Seconds without a change after which the step also reads the history, and the queue while the request is queued: at
#: first, and after that. Otherwise an answer that never changes would hide the end.
_FIRST_RECORDS_QUEUED, _FIRST_RECORDS_RUNNING, _NEXT_RECORDS = 5.0, 15.0, 300.0


class Follower:
    """Polls until our request has ended; `judgement` is the latest.

    `has_statuses` is true if the last observation included the statuses of the services. A push causes a poll; the
    caller runs the listener of `pushes`.
    """

    def __init__(
        self, observer: Observer, *, inputs: Inputs, budget: RateBudget, narrator: Narrator, pushes: Pushes
    ) -> None:
        self._observer = observer
        self._inputs = inputs
        self._budget = budget
        self._narrator = narrator
        self._pace = Pace(
            fixed=inputs.poll_interval,
            durations=past_durations(observer.past, services=observer.record.own.services),
        )
        self._accepted_at = self._changed_at = self._records_at = anyio.current_time()
        self._began_at: float | None = None
        self._is_in_contact = False
        self.has_statuses = False
        self._wanted_later: tuple[frozenset[Source], float] = (frozenset(), math.inf)
        self.pushes = pushes
        self.phases: tuple[Phase, ...] = ()
        self.judgement = observer.judge()

    @property
    def elapsed(self) -> float:
        """Seconds since Qovery accepted the request."""
        return anyio.current_time() - self._accepted_at

    @property
    def uses_pushes(self) -> bool:
        """Whether a push may cause a poll: not with a fixed interval."""
        return self._inputs.poll_interval is None

    @property
    def execution_id(self) -> str | None:
        """The execution that our request became, once it is identified."""
        return self.judgement.execution.id if self.judgement.execution else None

    @property
    def state(self) -> State | None:
        """The state of the execution if it is over, or if no trusted answer shows it in progress; else the answer's."""
        execution, answers = self.judgement.execution, self._observer.record.answers
        answered = answers[-1].state if answers and self.judgement.trusts_answers else None
        if execution and (execution.is_over or answered is None or not answered.is_in_progress):
            return execution.state
        return answered

    async def follow(self) -> Verdict | None:
        """Poll until the request has ended; return a verdict if the time runs out first, else None.

        Raises `RefusedError` if Qovery refuses every call for long enough.
        """
        await anyio.sleep(min(_SOONEST, self._least_interval))
        with anyio.CancelScope() as scope:
            while True:
                scope.deadline = self._deadline + _LAST_POLL
                await self._poll()
                if self.judgement.standing.is_final:
                    return None
                left = self._deadline - anyio.current_time()
                if left <= 0:
                    break
                await self.pushes.sleep(min(self._interval, left), at_least=self._least_interval)
        return self._overdue()

    async def observe_all(self) -> None:
        """Read everything at once, even what failed before, so that the judgement is of this moment."""
        is_answered = self._observer.record.own.id is not None
        self._observer.reopen()
        await self._read(RECORDS | ({Source.ANSWER} if is_answered else set()))

    async def _poll(self) -> None:
        self.pushes.begin_poll()
        before = self._signature
        await self._observe()
        has_news = self._signature != before
        if has_news:
            self._changed_at = anyio.current_time()
            self._narrator.explain(self.judgement)
        self._report()
        self.pushes.end_poll(has_news=has_news)

    async def _observe(self) -> None:
        """Make the fewest calls that can show a change, then those that their answers make useful."""
        answers = self._observer.answers
        sources = self._observer.next_sources(self.judgement) | self._due_sources
        await self._read(sources)
        is_answered = self._observer.answers > answers
        judgement = self.judgement
        wanted = wanted_now(self._observer.record, judgement) if is_answered else records_for(judgement.standing)
        more = wanted - sources
        if more and Source.ANSWER in sources and self._is_answered_to_be_over:
            # The report needs the statuses, and this is probably the last poll.
            more |= {Source.STATUSES}
        if more:
            await self._read(more)
        self._is_in_contact = self._observer.answers > answers
        self._wanted_later = self._observer.when_to_poll()

    def _report(self) -> None:
        record, request_id = self._observer.record, self.judgement.request_id
        if record.own.id and request_id and request_id != record.own.id:
            self._narrator.report_merger(request_id)
        results = [self.judgement.services.get(service) for service in record.own.services]
        result = results[0] if len(results) == 1 else None
        # An execution can contain other services, so its end state can differ from that of this service.
        state = result.state if result and self.judgement.standing is Standing.ENDED else self.state
        self._narrator.report(self.judgement, state, ahead=requests_ahead(record), at=self.elapsed)

    async def _read(self, sources: frozenset[Source] | set[Source]) -> None:
        await self._observer.observe(sources)
        self.has_statuses = Source.STATUSES in sources
        if RECORDS & sources:
            self._records_at = anyio.current_time()
        self.judge()

    def judge(self) -> None:
        """Renew the judgement from what was observed."""
        now = anyio.current_time()
        self.judgement = self._observer.judge()
        self.phases = extended(self.phases, self.judgement.standing, self.state, at=self.elapsed)
        if self.judgement.standing in {Standing.RUNNING, Standing.STARTING} or self.judgement.standing.is_final:
            self._began_at = self._began_at or now
        elif self.judgement.standing is Standing.QUEUED:
            self._began_at = None

    @property
    def _is_answered_to_be_over(self) -> bool:
        answers = self._observer.record.answers
        return bool(answers and answers[-1].state and answers[-1].state.is_terminal)

    @property
    def _signature(self) -> tuple[object, ...]:
        return self.judgement.standing, self.execution_id, self.state

    @property
    def _due_sources(self) -> frozenset[Source]:
        """The sources to read now although no answer has changed, because they may show something new."""
        now = anyio.current_time()
        sources, wanted_at = self._wanted_later
        if now >= wanted_at:
            return sources
        is_queued = self.judgement.standing is Standing.QUEUED
        first = _FIRST_RECORDS_QUEUED if is_queued else _FIRST_RECORDS_RUNNING
        after = first if self._records_at <= self._changed_at else _NEXT_RECORDS
        if now - max(self._records_at, self._changed_at) < after:
            return frozenset()
        return RECORDS if is_queued else frozenset({Source.HISTORY})

    @property
    def _deadline(self) -> float:
        """When to give up. With a `queue_timeout`, the time in the queue counts only for that, not for `timeout`."""
        if self._inputs.queue_timeout is None:
            return self._accepted_at + self._inputs.timeout
        if self._began_at is None:
            return self._accepted_at + self._inputs.queue_timeout
        return self._began_at + self._inputs.timeout

    @property
    def _interval(self) -> float:
        now = anyio.current_time()
        if self._began_at is not None and self.judgement.standing is Standing.RUNNING:
            interval = self._pace.while_running(elapsed=now - self._began_at)
            interval = min(interval * self.pushes.stretch, max(interval, LONGEST))
        else:
            interval = self._pace.while_waiting(since_change=now - self._changed_at)
        if self._inputs.poll_interval is None:
            interval = min(interval, max(self._wanted_later[1] - now, 0.0))
        return max(interval, self._least_interval)

    @property
    def _least_interval(self) -> float:
        """The least seconds between two polls: the user's fixed interval, or what the known rate limit allows."""
        now = anyio.current_time()
        if self._inputs.poll_interval is not None:
            return max(self._inputs.poll_interval, self._budget.least_interval(now=now))
        return max(_SOONEST, self._budget.least_interval(now=now), self._budget.modest_interval(now=now))

    def _overdue(self) -> Verdict:
        if not self._is_in_contact:
            error = self._observer.last_error
            return lost_contact(str(error) if error else "Qovery did not answer.", elapsed=self.elapsed)
        is_queue_limit = self._inputs.queue_timeout is not None and self._began_at is None
        limit = "queue_timeout" if is_queue_limit else "timeout"
        return timed_out(self.judgement.standing, self.state, elapsed=self.elapsed, limit=limit)


def is_running(judgement: Judgement) -> bool:
    """Return whether the execution of our request is identified and in progress."""
    return judgement.standing is Standing.RUNNING and judgement.execution is not None
