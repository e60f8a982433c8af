"""When each request and each execution was observed. Times are seconds of one clock."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from qovery_helm_deploy.deployment.assumptions import LATEST_ACCEPTANCE, LONGEST_LAG, QUEUE_LAG, USUAL_ACCEPTANCE

if TYPE_CHECKING:
    from qovery_helm_deploy.deployment.asked import Asked
    from qovery_helm_deploy.deployment.execution import Execution, QueuedRequest
    from qovery_helm_deploy.deployment.status import State

NEVER, ALWAYS = math.inf, -math.inf


class Call(NamedTuple):
    """When a call was made and answered. Its answer shows a moment between the two, or one earlier by the lag."""

    asked_at: float
    answered_at: float


#: The call of a request that was not sent yet.
NOT_SENT = Call(math.inf, math.inf)


class Span(NamedTuple):
    """Something happened between these two times."""

    since: float
    until: float


@dataclass(frozen=True, kw_only=True)
class OwnRequest:
    """The deployment request of this step; `call` is the one that sent it, infinite until then.

    `id` is None where Qovery did not return one that belongs to this request. `is_accepted` is False while nobody knows
    whether Qovery accepted it, because the answer was lost. `execution_id` is set for the request of an earlier attempt
    of the job, whose execution this step joins.
    """

    services: frozenset[str]
    asked: Asked
    call: Call = NOT_SENT
    id: str | None = None
    is_accepted: bool = True
    execution_id: str | None = None

    @property
    def is_sent(self) -> bool:
        return self.call.asked_at < NEVER

    @property
    def is_joined(self) -> bool:
        """Whether an earlier attempt of the job made the request."""
        return self.call.asked_at == ALWAYS

    @property
    def accepted_by(self) -> float:
        """When Qovery accepted the request at the latest, if it did."""
        return self.call.answered_at + (0.0 if self.is_accepted else LATEST_ACCEPTANCE)

    @property
    def came(self) -> Span:
        """When Qovery usually accepted the request, if it did."""
        sent_at, answered_at = self.call
        return Span(sent_at, answered_at if self.is_accepted else answered_at + USUAL_ACCEPTANCE)


@dataclass(frozen=True, kw_only=True)
class ObservedRequest:
    """When the queue listed a request.

    `gone_by` is the time of the first answer without it, and `beside_when_gone` are the ids which that answer lists.
    `services_at_first` are the services of the first listing. `is_older` says that this was before our own request.
    """

    request: QueuedRequest
    came: Span
    is_older: bool = False
    services_at_first: frozenset[str] = frozenset()
    listed_last: float = ALWAYS
    gone_by: float = NEVER
    beside_when_gone: frozenset[str] = frozenset()

    @property
    def is_listed(self) -> bool:
        """Whether the queue has listed the request."""
        return self.listed_last > ALWAYS

    @property
    def is_waiting(self) -> bool:
        """Whether the latest answer of the queue lists the request."""
        return self.is_listed and self.gone_by == NEVER

    def without(self, call: Call, *, beside: frozenset[str] = frozenset()) -> ObservedRequest:
        """Add an answer of the queue that does not list the request; it counts if the request had surely come."""
        has_come = self.is_listed or call.asked_at - QUEUE_LAG >= self.came.until
        if self.gone_by < NEVER or not has_come:
            return self
        return replace(self, gone_by=call.answered_at, beside_when_gone=beside)

    @property
    def left(self) -> Span:
        """When the request left the queue; `until` is infinite while nothing shows that it did."""
        return Span(max(self.listed_last - QUEUE_LAG, self.came.since), self.gone_by)


@dataclass(frozen=True, kw_only=True)
class ObservedExecution:
    """When history showed an execution: `began` spans its beginning, `running_last` and `over_by` bound its end.

    `active_since` is the first answer that showed it in progress. `is_new` is None where nothing
    shows whether it is older than the request.
    """

    execution: Execution
    began: Span
    is_new: bool | None
    active_since: float = NEVER
    running_last: float = ALWAYS
    over_by: float = NEVER

    def seen(self, execution: Execution, call: Call) -> ObservedExecution:
        """Add an answer that shows the execution. One that is over stays over: an older answer may arrive later."""
        if self.over_by < NEVER and not execution.is_over:
            return self
        active_since = call.answered_at if execution.state.is_in_progress else NEVER
        return replace(
            self,
            execution=self.execution.updated(execution),
            active_since=min(self.active_since, active_since),
            running_last=self.running_last if execution.is_over else call.asked_at,
            over_by=min(self.over_by, call.answered_at) if execution.is_over else NEVER,
        )

    @property
    def is_running(self) -> bool:
        return self.over_by == NEVER

    def over_at_last(self, at: float) -> ObservedExecution:
        """Add that a later execution had begun by a time, so this execution was over, whatever Qovery still shows."""
        return replace(self, over_by=min(self.over_by, at))

    @property
    def ended(self) -> Span:
        """When the execution ended; `until` is infinite while it runs."""
        return Span(max(self.running_last - LONGEST_LAG, self.began.since), self.over_by)


class Answer(NamedTuple):
    """Qovery's answer about the request; `state` is None for 404, and `about` the request that the answer names."""

    call: Call
    state: State | None
    about: str | None = None
