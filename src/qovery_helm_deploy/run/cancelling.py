"""Cancels our request and nobody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from qovery_helm_deploy.errors import ConflictError, NotFoundError, QoveryError

if TYPE_CHECKING:
    from qovery_helm_deploy.qovery.client import Client
    from qovery_helm_deploy.run.following import Follower
    from qovery_helm_deploy.run.statuses import Statuses

_BETWEEN_TRIES = 0.5


class Cancelling:
    """Cancels the request that `follower` follows, in an environment."""

    def __init__(self, client: Client, statuses: Statuses, *, follower: Follower, environment_id: str) -> None:
        self._client = client
        self._statuses = statuses
        self._follower = follower
        self._environment_id = environment_id
        self._hindrance: QoveryError | None = None

    async def cancel_within(self, seconds: float) -> str:
        """Try for so many seconds. Returns what came of it, in words."""
        with anyio.move_on_after(seconds):
            while True:
                told = await self._try()
                if told:
                    return told
                await anyio.sleep(_BETWEEN_TRIES)
        if self._hindrance:
            return f"The deployment could not be canceled, and may go on: {self._hindrance}"
        return "It was not canceled, and may go on: Qovery did not show in time whether what runs is this deployment."

    async def _try(self) -> str | None:
        """Cancel the request where it waits, or the execution where it is ours and runs; `None` where neither is shown.

        The queue's call names our request, so that it can hit no other. The environment's cancels whatever runs there,
        so that it is made only right after a look that shows our own execution running.
        """
        try:
            if await self._is_dequeued():
                return "The request was taken out of Qovery's queue."
            judgement = await self._follower.look_closely()
            if judgement.standing.is_final:
                return "There was nothing to cancel: the deployment was over already."
            if self._follower.is_ours_running:
                await self._client.cancel_environment(self._environment_id)
                return "The deployment was asked to cancel; Qovery stops it as soon as its current step can stop."
        except QoveryError as error:
            self._hindrance = error
        return None

    async def _is_dequeued(self) -> bool:
        claim = self._follower.claim
        if claim.merged_into in self._statuses.dequeued:
            return True
        if not claim.request_id or claim.execution_id:
            return False
        try:
            await self._client.cancel_request(claim.request_id)
        except (ConflictError, NotFoundError):
            return False  # It waits no more; whether it runs is asked next.
        self._statuses.dequeued.add(claim.request_id)
        return True
