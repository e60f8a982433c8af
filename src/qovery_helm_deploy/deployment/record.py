"""The record: everything observed of a deployment request and its environment, as facts with their times.

It holds no conclusion. Each `with_…` method returns a record with one more observation. Times are seconds of one clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from qovery_helm_deploy.deployment import assumptions
from qovery_helm_deploy.deployment.execution import Execution, Identity, QueuedRequest, number_of
from qovery_helm_deploy.deployment.observations import (
    ALWAYS,
    NEVER,
    Answer,
    Call,
    ObservedExecution,
    ObservedRequest,
    OwnRequest,
    Span,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from qovery_helm_deploy.deployment.status import EnvironmentStatuses, State

#: Equal answers that are closer together than this count as two: in seconds, and as a share of the request's age. So
#: an hour's answers are about a hundred, however often the step polls.
_CLOSE, _CLOSE_SHARE = 2.0, 0.05
#: Seconds after which statuses count instead of a history that was read.
_OLD = 30.0
#: How many executions are kept that were over before the request.
_RECENT = 3


@dataclass(frozen=True, kw_only=True)
class Record:
    """What was observed. `executions` stand in the order in which they began.

    `known_ids` are the executions before the request; None where they could not be read. `queues` are the calls that
    listed what waits, `empty_queues` the statuses by which nothing waits for our services, and `histories` the calls
    that showed executions. `busy_last` is when a state last said that something waits or runs.
    """

    own: OwnRequest
    own_observed: ObservedRequest
    known_ids: frozenset[str] | None = None
    queues: tuple[Call, ...] = ()
    empty_queues: tuple[Call, ...] = ()
    histories: tuple[Call, ...] = ()
    requests: Mapping[str, ObservedRequest] = field(default_factory=lambda: MappingProxyType({}))
    executions: Mapping[str, ObservedExecution] = field(default_factory=lambda: MappingProxyType({}))
    answers: tuple[Answer, ...] = ()
    busy_last: float = ALWAYS
    history_read_at: float = ALWAYS

    @classmethod
    def of(cls, own: OwnRequest) -> Record:
        """Begin a record with nothing but the request."""
        by = Identity(origin=assumptions.OUR_ORIGIN)
        request = QueuedRequest(id="", by=by, services=own.services, action="DEPLOY")
        return cls(own=own, own_observed=ObservedRequest(request=request, came=own.came))

    @property
    def own_listed(self) -> ObservedRequest | None:
        """Our own request as the queue listed it with its id; None if the queue did not."""
        return None if self.is_answered_with_another else self._listed_with_own_id

    @property
    def is_answered_with_another(self) -> bool:
        """Whether Qovery answered the request with the id of one that waited before."""
        return self._listed_with_own_id is not None and self._listed_with_own_id.is_older

    @property
    def _listed_with_own_id(self) -> ObservedRequest | None:
        return self.requests.get(self.own.id) if self.own.id else None

    @property
    def late_own(self) -> ObservedRequest:
        """Our own request if Qovery accepted it late, after the answer was lost."""
        came = Span(self.own.came.until, self.own.accepted_by)
        observed = ObservedRequest(request=self.own_observed.request, came=came)
        for call in self.queues:
            observed = observed.without(call)
        return observed

    @property
    def shown_until(self) -> float:
        """Up to this time, every execution that began is known."""
        return max((call.asked_at for call in self.histories), default=ALWAYS) - assumptions.LONGEST_LAG

    def with_own(self, own: OwnRequest) -> Record:
        """Replace the request, of which more is known now; all observations stay."""
        return replace(self, own=own, own_observed=replace(self.own_observed, came=own.came))

    def with_queue(self, call: Call, listed: Sequence[QueuedRequest]) -> Record:
        """Add an answer of the environment's queue."""
        ids = frozenset(request.id for request in listed)
        requests = {
            known: observed if known in ids else observed.without(call, beside=ids)
            for known, observed in self.requests.items()
        }
        for request in listed:
            requests[request.id] = self._listed(request, call)
        record = replace(self, requests=requests, queues=(*self.queues, call))
        return replace(record, own_observed=record.own_listed or self.own_observed.without(call, beside=ids))

    def with_history(self, call: Call, listed: Iterable[Execution]) -> Record:
        """Add an answer of the environment's history, newest first."""
        newest_first = tuple(listed)
        if not self.own.is_sent:
            return self._with_known(known.id for known in newest_first)._with_baseline(call, newest_first)  # noqa: SLF001
        record = self._with_executions(call, self._not_older(newest_first))
        return replace(record, history_read_at=call.asked_at, histories=(*self.histories, call))

    def with_statuses(self, call: Call, statuses: EnvironmentStatuses) -> Record:
        """Add an answer of the environment's statuses.

        They show the latest execution of each service, and whether a request for it waits.
        """
        if not self.own.is_sent:
            executions = statuses.executions()
            ids = (statuses.last_execution_id, *(known.id for known in executions))
            record = self._with_known(filter(None, ids))
            return record if self.histories else record._with_baseline(call, executions)  # noqa: SLF001
        record = self
        if call.asked_at - self.history_read_at > _OLD:
            record = self._with_executions(call, [*statuses.executions(), *self._unseen(statuses)])
            record = replace(record, histories=(*self.histories, call))
        mine = [statuses.services[service] for service in self.own.services if service in statuses.services]
        if any(status.state.is_queued or status.state.is_in_progress for status in mine):
            record = replace(record, busy_last=call.answered_at)
        if mine and all(status.queued_requests == 0 for status in mine):
            record = record.without_queued(call)
        return record

    def without_queued(self, call: Call) -> Record:
        """Add that no request waits for our services, by statuses, which lag longer than the queue."""
        shown_at = Call(call.asked_at - assumptions.LONGEST_LAG + assumptions.QUEUE_LAG, call.answered_at)
        return replace(self, own_observed=self.own_observed.without(shown_at), empty_queues=(*self.empty_queues, call))

    def with_answer(self, call: Call, state: State | None, *, about: str | None = None) -> Record:
        """Add an answer about the request; of equal ones in quick succession, only the first and the last count."""
        answers = self.answers
        is_alike = len(answers) > 1 and {each[1:] for each in answers[-2:]} == {(state, about)}
        close = max(_CLOSE, _CLOSE_SHARE * (call.answered_at - self.own.call.answered_at))
        if is_alike and call.answered_at - answers[-2].call.answered_at < close:
            answers = answers[:-1]
        is_busy = state is not None and (state.is_queued or state.is_in_progress)
        busy_last = call.answered_at if is_busy else self.busy_last
        return replace(self, answers=(*answers, Answer(call, state, about)), busy_last=busy_last)

    @property
    def _newest_known(self) -> int | None:
        """The highest number of the executions before the request; None if no number is known."""
        numbers = map(number_of, self.known_ids or ())
        return max((number for number in numbers if number is not None), default=None)

    def _listed(self, request: QueuedRequest, call: Call) -> ObservedRequest:
        known = self.requests.get(request.id)
        if known:
            request = replace(request, services=request.services or known.request.services)
            return replace(known, request=request, listed_last=max(call.asked_at, known.listed_last), gone_by=NEVER)
        since = max((earlier.asked_at for earlier in self.queues), default=ALWAYS) - assumptions.QUEUE_LAG
        came = self.own.came if request.id == self.own.id else Span(since, call.answered_at)
        return ObservedRequest(
            request=request,
            came=came,
            is_older=not self.own.is_sent,
            services_at_first=request.services,
            listed_last=call.asked_at,
        )

    def _with_known(self, ids: Iterable[str]) -> Record:
        return replace(self, known_ids=frozenset(self.known_ids or ()).union(ids))

    def _with_baseline(self, call: Call, newest_first: Sequence[Execution]) -> Record:
        # Of those that are over, the latest may belong to requests that the queue still lists.
        kept = [known for known in newest_first if not known.is_over or known in newest_first[:_RECENT]]
        record = replace(self, executions={}, histories=())._with_executions(call, kept)  # noqa: SLF001
        return replace(record, histories=(call,))

    def _not_older(self, newest_first: Sequence[Execution]) -> Sequence[Execution]:
        """Leave out what history lists behind an execution known before the request."""
        known = self.known_ids or frozenset()
        first_known = next((at for at, each in enumerate(newest_first) if each.id in known), len(newest_first))
        behind = [each for each in newest_first[first_known:] if each.id in self.executions or each.number is not None]
        return [*newest_first[:first_known], *behind]

    def _with_executions(self, call: Call, newest_first: Sequence[Execution]) -> Record:
        executions = {key: seen for key, seen in self.executions.items() if not seen.execution.is_unseen}
        for execution in reversed(newest_first):
            known = self.executions.get(execution.id) or self._first_observed(execution, call)
            if known.is_new is not False or execution.id in self.executions or not self.own.is_sent:
                executions[execution.id] = known.seen(execution, call)
        numbers = [seen.execution.number for seen in executions.values()]
        if None not in numbers:
            executions = dict(sorted(executions.items(), key=lambda each: each[1].execution.number or 0))
        for key in list(executions)[:-1]:
            executions[key] = executions[key].over_at_last(call.answered_at)
        return replace(self, executions=executions)

    def _unseen(self, statuses: EnvironmentStatuses) -> Sequence[Execution]:
        known = [seen.execution.number for seen in self.executions.values() if not seen.execution.is_unseen]
        newest = self._newest_known
        return () if newest is None or None in known else statuses.unseen(after=newest, known=filter(None, known))

    def _first_observed(self, execution: Execution, call: Call) -> ObservedExecution:
        # History may list an execution only once it is over.
        since = self.shown_until - ((execution.duration or 0.0) if execution.is_over else 0.0)
        began = Span(min(since, call.answered_at), call.answered_at)
        return ObservedExecution(execution=execution, began=began, is_new=self._is_new(execution))

    def _is_new(self, execution: Execution) -> bool | None:
        # Dates do not count: nobody promises that the clock of the history is that of anything else.
        if self.known_ids is None:
            return None
        if execution.id in self.known_ids:
            return False
        newest = self._newest_known
        return newest is None or execution.number is None or execution.number > newest
