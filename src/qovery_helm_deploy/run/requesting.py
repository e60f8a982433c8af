"""Asks Qovery for one deployment, and for at most one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio

from qovery_helm_deploy.deployment.claim import Claim, candidates_of
from qovery_helm_deploy.deployment.contradiction import is_compatible
from qovery_helm_deploy.deployment.evidence import Asked, Baseline, Identity, Look
from qovery_helm_deploy.deployment.status import Status
from qovery_helm_deploy.errors import (
    ConflictError,
    NoAnswerError,
    QoveryError,
    RateLimitedError,
    UnreachableError,
)
from qovery_helm_deploy.run.looking import look_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from qovery_helm_deploy.qovery.client import Client

#: Seconds for which traces of a request are looked for whose answer was lost; what Qovery shows lags by seconds.
_TRACES_WITHIN = 20.0
_BETWEEN_LOOKS = 2.0
#: Seconds for which a Qovery that cannot be reached is tried.
_UNREACHABLE_FOR = 300.0
_FIRST_DELAY = 2.0
_LONGEST_DELAY = 30.0


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """Qovery took the request; `status` is what it answered, if that could be read."""

    status: Status | None


class Requester:
    """Sends one service's deploy request.

    `accepted` is set as soon as it is known. `may_be_accepted` is true while a request is on its way, and stays so when
    its answer was lost and nothing showed whether it arrived.
    """

    def __init__(
        self, client: Client, *, service_id: str, asked: Asked, baseline: Baseline, say: Callable[[str], None]
    ) -> None:
        self._client = client
        self._service_id = service_id
        self._asked = asked
        self._baseline = baseline
        self._say = say
        self._posting = anyio.CancelScope(shield=True)
        self.accepted: Acceptance | None = None
        self.may_be_accepted = False
        self.last_error: QoveryError | None = None

    async def request(self) -> Acceptance:
        """Ask until Qovery accepts or refuses; the caller's cancel scope limits the time.

        Raises `RefusedError` when Qovery says no, `UnreachableError` after five minutes without a connection, and
        `NoAnswerError` when it cannot be told whether the request was accepted.
        """
        started = anyio.current_time()
        delay = _FIRST_DELAY
        while not self.accepted:
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
                self.accepted = await self._find_traces()
        return self.accepted

    def hurry(self, *, seconds: float) -> None:
        """Give a request that is on its way no more than so many seconds to be answered."""
        self._posting.deadline = min(self._posting.deadline, anyio.current_time() + seconds)

    async def _post(self) -> Acceptance:
        """Send the request, shielded: once it is on its way, its answer is worth waiting for."""
        self._posting = anyio.CancelScope(shield=True)
        with self._posting:
            self.may_be_accepted = True
            try:
                acceptance = Acceptance(status=await self._client.deploy(self._service_id, self._asked))
            except QoveryError as error:
                self.may_be_accepted = isinstance(error, NoAnswerError)
                self.last_error = error
                raise
            self.accepted, self.may_be_accepted = acceptance, False
            return acceptance
        raise NoAnswerError("The step was interrupted before Qovery answered the request.")

    async def _find_traces(self) -> Acceptance | None:
        """Look long enough for what a request leaves behind; `None` when it certainly left nothing.

        Raises `NoAnswerError` where an accepted request would leave nothing either: `DIFF` without a difference.
        """
        since = anyio.current_time()
        while True:
            look = await look_at(self._client, self._service_id, at=anyio.current_time() - since)
            acceptance = self._trace_in(look)
            if acceptance:
                return acceptance
            is_complete = look.queue is not None and look.history is not None
            if is_complete and look.at >= _TRACES_WITHIN:
                break
            await anyio.sleep(_BETWEEN_LOOKS)
        if self._asked.only_differences:
            raise NoAnswerError("Qovery's answer was lost, and a request that finds no difference leaves no trace.")
        self._say("Nothing was accepted; asking again.")
        self.may_be_accepted = False
        return None

    def _trace_in(self, look: Look) -> Acceptance | None:
        claim = Claim.from_acceptance(asked=self._asked, baseline=self._baseline, accepted=None)
        unknown = Identity()
        newcomers = [
            queued.id
            for queued in look.queue or ()
            if not self._baseline.has_queued(queued.id) and is_compatible(queued.by, unknown)
        ]
        if len(newcomers) == 1:
            self._say(f"The request was accepted as {newcomers[0]}.")
            return Acceptance(status=Status(state=look.status.state, request_id=newcomers[0]))
        if newcomers or (look.history is not None and candidates_of(claim, look)):
            self._say("The request was accepted.")
            return Acceptance(status=None)
        return None
