"""Requests one deployment, and at most one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import anyio

from qovery_helm_deploy.deployment.joining import find_joinable
from qovery_helm_deploy.deployment.next_poll import RECORDS
from qovery_helm_deploy.deployment.observations import Call, OwnRequest
from qovery_helm_deploy.errors import (
    ConflictError,
    NoAnswerError,
    QoveryError,
    RateLimitedError,
    UnreachableError,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from qovery_helm_deploy.deployment.asked import Asked
    from qovery_helm_deploy.deployment.judgement import Judgement
    from qovery_helm_deploy.run.observer import Observer

#: Seconds between two observations after a lost answer: in the first ten seconds, and after that.
_BETWEEN_FIRST_TRIES, _FIRST, _BETWEEN_TRIES = 1.0, 10.0, 3.0
#: Seconds without an answer after which the step gives up: usually, and for errors that last.
_UNREACHABLE_FOR, _LASTING_FOR = 300.0, 10.0
#: Seconds beyond the time allowed that a request on its way has to be answered.
_LAST_ANSWER = 5.0
_FIRST_DELAY = 2.0
_LONGEST_DELAY = 30.0


class Requester:
    """Sends one deploy request; `post` makes the call and returns the request's id.

    `is_accepted` is set as soon as it is known. `may_be_accepted` is true while a request is on its way, and stays so
    if its answer was lost and nothing shows whether Qovery accepted it.
    """

    def __init__(
        self, observer: Observer, *, asked: Asked, post: Callable[[], Awaitable[str | None]], say: Callable[[str], None]
    ) -> None:
        self._observer = observer
        self._asked = asked
        self._post = post
        self._say = say
        self._posting = anyio.CancelScope(shield=True)
        self._answer_by = self._reached_at = math.inf
        self._delay = _FIRST_DELAY
        self.is_accepted = False
        self.may_be_accepted = False
        self.last_error: QoveryError | None = None

    async def request(self, *, give_up_at: float, rest: Callable[[], Awaitable[None]], joins: bool) -> None:
        """Request until Qovery accepts or refuses; the caller's cancel scope ends it at `give_up_at`.

        A request on its way then has a few seconds more to be answered. `rest` waits while the rate limit is used up.
        Raises `RefusedError` if Qovery refuses, any other `QoveryError` after five minutes without an answer, and
        `NoAnswerError` if nothing shows whether Qovery accepted the request.
        """
        self._reached_at = anyio.current_time()
        self._answer_by = give_up_at + _LAST_ANSWER
        while not self.is_accepted:
            await rest()
            try:
                await self._observer.observe_before()
            except QoveryError as error:
                await self._back_off(error)
                continue
            if joins and self._is_joined():
                return
            joins = False
            try:
                await self._send()
            except (ConflictError, RateLimitedError, UnreachableError) as error:
                await self._back_off(error)
            except NoAnswerError as error:
                self._say(f"{error} Checking whether Qovery accepted the request.")
                await self._find_lost(error)

    async def _back_off(self, error: QoveryError) -> None:
        """Wait before the next try. Raises the error if Qovery has been out of reach for too long."""
        now, limit = anyio.current_time(), _UNREACHABLE_FOR
        if isinstance(error, UnreachableError) and error.is_lasting:
            limit = _LASTING_FOR
        if isinstance(error, (ConflictError, RateLimitedError)):
            self._reached_at = now
        elif now - self._reached_at > limit:
            raise error
        self._say(f"{error} Nothing was requested yet; retrying.")
        await anyio.sleep(max(self._delay, error.retry_after or 0.0))
        self._delay = min(2 * self._delay, _LONGEST_DELAY)

    def hurry(self, *, seconds: float) -> None:
        """Give a request that is on its way no more than so many seconds to be answered."""
        self._posting.deadline = min(self._posting.deadline, anyio.current_time() + seconds)

    async def observe_lost(self) -> Judgement:
        """Observe once whether Qovery accepted a request whose answer was lost."""
        await self._observer.observe(RECORDS)
        judgement = self._observer.judge()
        if judgement.is_accepted:
            self.is_accepted, self.may_be_accepted = True, False
        return judgement

    def _is_joined(self) -> bool:
        """Follow the request of an earlier attempt of this job, if there is one to follow."""
        own = find_joinable(self._observer.record, self._asked, at=anyio.current_time())
        if own is None:
            self._say("No deployment of an earlier attempt of this job is queued or running")
            return False
        self._observer.set_own(own)
        self.is_accepted = True
        return True

    async def _send(self) -> None:
        """Send the request, shielded from cancellation: its answer is worth a few seconds."""
        sent_at = anyio.current_time()
        self._posting = anyio.CancelScope(shield=True, deadline=self._answer_by)
        with self._posting:
            self.may_be_accepted = True
            try:
                request_id = await self._post()
            except QoveryError as error:
                self.last_error, self.may_be_accepted = error, isinstance(error, NoAnswerError)
                if self.may_be_accepted:
                    self._set_own(sent_at, request_id=None, is_accepted=False)
                raise
            self._set_own(sent_at, request_id=request_id, is_accepted=True)
            self.is_accepted, self.may_be_accepted = True, False
            return
        self._set_own(sent_at, request_id=None, is_accepted=False)
        raise NoAnswerError("The step was interrupted before Qovery answered the request.")

    def _set_own(self, sent_at: float, *, request_id: str | None, is_accepted: bool) -> None:
        services, statuses = self._observer.record.own.services, self._observer.statuses
        before = {status.request_id for status in statuses.services.values()} if statuses else set()
        is_queued = request_id in self._observer.record.requests
        self._observer.set_own(
            OwnRequest(
                services=services,
                asked=self._asked,
                call=Call(sent_at, anyio.current_time()),
                # An answer may still show the id of an earlier deployment.
                id=None if request_id in before and not is_queued else request_id,
                is_accepted=is_accepted,
            )
        )

    async def _find_lost(self, error: NoAnswerError) -> None:
        """Observe until it is clear whether Qovery accepted the request. Raises `NoAnswerError` if it stays unclear."""
        lost_at = anyio.current_time()
        while True:
            judgement = await self.observe_lost()
            if self.is_accepted:
                return
            if judgement.is_accepted is False:
                break
            if judgement.standing.is_final or self._observer.when_to_poll()[1] == math.inf:
                raise NoAnswerError("Qovery's answer was lost, and nothing shows whether Qovery accepted the request.")
            is_first = anyio.current_time() - lost_at < _FIRST
            await anyio.sleep(_BETWEEN_FIRST_TRIES if is_first else _BETWEEN_TRIES)
        self._say("Qovery did not accept the request; requesting again.")
        self.may_be_accepted = False
        await anyio.sleep_until(lost_at + (error.retry_after or 0.0))
