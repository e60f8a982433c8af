"""Asks Qovery for one deployment, and for at most one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio

from qovery_helm_deploy.deployment.evidence import Baseline
from qovery_helm_deploy.deployment.joining import find_joinable
from qovery_helm_deploy.deployment.status import Status
from qovery_helm_deploy.deployment.traces import Traces, may_be_merged_into
from qovery_helm_deploy.errors import (
    ConflictError,
    NoAnswerError,
    QoveryError,
    RateLimitedError,
    UnreachableError,
)
from qovery_helm_deploy.run.looking import if_it_can_be_had, look_at

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from qovery_helm_deploy.deployment.evidence import Asked
    from qovery_helm_deploy.deployment.service import Service
    from qovery_helm_deploy.qovery.client import Client
    from qovery_helm_deploy.run.statuses import Statuses

#: Seconds for which traces of a request are looked for whose answer was lost; what Qovery shows lags by seconds.
_TRACES_WITHIN = 30.0
_BETWEEN_LOOKS = 2.0
#: Seconds for which a Qovery that cannot be reached is tried.
_UNREACHABLE_FOR = 300.0
#: Seconds beyond the time allowed that a request on its way has to be answered.
_LAST_ANSWER = 5.0
_FIRST_DELAY = 2.0
_LONGEST_DELAY = 30.0


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """Qovery took the request; `status` is what it answered, if that could be read.

    `execution_id` is that of our execution, where an answer was lost and it is the trace that was found.
    """

    status: Status | None
    execution_id: str | None = None


class Requester:
    """Sends one service's deploy request. `baseline` is how the service stood right before the latest try.

    `accepted` is set as soon as it is known. `may_be_accepted` is true while a request is on its way, and stays so when
    its answer was lost and nothing showed whether it arrived.
    """

    def __init__(
        self,
        client: Client,
        statuses: Statuses,
        *,
        service: Service,
        asked: Asked,
        joins: bool,
        say: Callable[[str], None],
    ) -> None:
        self._client = client
        self._statuses = statuses
        self._service_id = service.id
        self._environment_id = service.environment_id
        self._asked = asked
        self._joins = joins
        self._say = say
        self._posting = anyio.CancelScope(shield=True)
        self._answer_by = math.inf
        self._lost_at = 0.0
        self._no_later: datetime | None = None
        self.baseline: Baseline | None = None
        self.accepted: Acceptance | None = None
        self.may_be_accepted = False
        self.last_error: QoveryError | None = None

    async def request(self, *, give_up_at: float) -> None:
        """Ask until Qovery accepts (see `accepted`) or refuses; the caller's cancel scope ends it at `give_up_at`.

        A request that is on its way then has a few seconds more to be answered. Raises `RefusedError` when Qovery says
        no, `UnreachableError` after five minutes without a connection, and `NoAnswerError` when it cannot be told
        whether the request was accepted.
        """
        started, delay = anyio.current_time(), _FIRST_DELAY
        self._answer_by = give_up_at + _LAST_ANSWER
        while self.accepted is None:
            await self._client.transport.rest()
            self.baseline = baseline = await self._look_before()
            if self._joins and self._is_joined(baseline):
                return
            try:
                self.accepted = await self._post()
            except (ConflictError, RateLimitedError, UnreachableError) as error:
                if isinstance(error, UnreachableError) and anyio.current_time() - started > _UNREACHABLE_FOR:
                    raise
                self._say(f"{error} Nothing was accepted; trying again.")
                await anyio.sleep(max(delay, error.retry_after or 0.0))
                delay = min(2 * delay, _LONGEST_DELAY)
            except NoAnswerError as error:
                self._say(f"{error} Looking whether the request was accepted.")
                await self._find_traces(baseline)
                if not self.accepted:
                    await anyio.sleep_until(self._lost_at + (error.retry_after or 0.0))

    async def _look_before(self) -> Baseline:
        """Take in how the service stands. Raises `QoveryError` where its status cannot be had."""
        reading = await self._statuses.read_at_start(self._service_id, environment_id=self._environment_id)
        queue = await if_it_can_be_had(self._client.queue(self._service_id))
        history = await if_it_can_be_had(self._client.long_history(self._service_id))
        return Baseline(status=reading.status, queue=queue, history=history, taken_at=reading.taken_at)

    def _is_joined(self, baseline: Baseline) -> bool:
        """Whether an earlier attempt of the job has asked already; what it asked for is taken for ours then."""
        self._joins = False
        joinable = find_joinable(baseline, self._asked)
        if joinable is None:
            self._say("nothing is waiting or running that an earlier attempt of this job may have asked for.")
            return False
        self._say(f"joining what an earlier attempt asked for: {joinable.request_id or joinable.execution_id}.")
        status = Status(state=baseline.status.state, request_id=joinable.request_id)
        self.baseline = joinable.baseline
        self.accepted = Acceptance(status=status, execution_id=joinable.execution_id)
        return True

    def hurry(self, *, seconds: float) -> None:
        """Give a request that is on its way no more than so many seconds to be answered."""
        self._posting.deadline = min(self._posting.deadline, anyio.current_time() + seconds)

    async def _post(self) -> Acceptance:
        """Send the request, shielded: once it is on its way, its answer is worth waiting for."""
        self._posting = anyio.CancelScope(shield=True, deadline=self._answer_by)
        with self._posting:
            self.may_be_accepted = True
            try:
                acceptance = Acceptance(status=await self._client.deploy(self._service_id, self._asked))
            except QoveryError as error:
                self.may_be_accepted, self._lost_at = isinstance(error, NoAnswerError), anyio.current_time()
                self.last_error = error
                raise
            self.accepted, self.may_be_accepted = acceptance, False
            return acceptance
        self._lost_at = anyio.current_time()
        raise NoAnswerError("The step was interrupted before Qovery answered the request.")

    async def _find_traces(self, baseline: Baseline) -> None:
        """Look long enough for what a request leaves behind; nothing is accepted when it certainly left nothing.

        Raises `NoAnswerError` where that cannot be told: because something is there that may be ours or not, or because
        an accepted request would leave nothing either, as one does that is merged into a request that waits. So does
        `DIFF` without a difference; but it deploys nothing then, however often one asks.
        """
        is_doubtful = may_be_merged_into(baseline.queue)
        self._no_later = None
        while True:
            traces = await self.look_for_traces()
            if self.accepted:
                return
            is_doubtful = is_doubtful or traces.are_any
            if traces.look.is_complete and traces.look.at >= _TRACES_WITHIN:
                break
            await anyio.sleep(_BETWEEN_LOOKS)
        if is_doubtful:
            raise NoAnswerError("Qovery's answer was lost, and nothing tells whether the request was accepted.")
        self._say("Nothing was accepted; asking again.")
        self.may_be_accepted = False

    async def look_for_traces(self) -> Traces:
        """Look once for what a request leaves behind whose answer did not come; what is certainly ours is adopted."""
        look = await look_at(self._client, self._service_id, at=anyio.current_time() - self._lost_at)
        self._no_later = self._no_later or look.taken_at
        baseline = self.baseline or Baseline(status=look.status)
        traces = Traces.of(look, asked=self._asked, baseline=baseline, no_later=self._no_later)
        if traces.is_ours_among:
            self._say(f"The request was accepted{f' as {traces.request_id}' if traces.request_id else ''}.")
            self.accepted = Acceptance(status=traces.status, execution_id=traces.execution_id)
            self.may_be_accepted = False
        return traces
