"""Cancels the deployment of our request, and nobody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from qovery_helm_deploy.deployment.standing import Standing
from qovery_helm_deploy.errors import ConflictError, NotFoundError, QoveryError, RefusedError
from qovery_helm_deploy.run.following import is_running

if TYPE_CHECKING:
    from qovery_helm_deploy.deployment.judgement import Judgement
    from qovery_helm_deploy.qovery.client import Client
    from qovery_helm_deploy.run.following import Follower
    from qovery_helm_deploy.run.observer import Observer

_BETWEEN_TRIES = 0.5


class Canceller:
    """Cancels what `follower` follows: its request while it waits, its execution while it runs."""

    def __init__(self, client: Client, observer: Observer, *, follower: Follower, environment_id: str) -> None:
        self._client = client
        self._observer = observer
        self._follower = follower
        self._environment_id = environment_id
        self._is_queue_open = True
        self._obstacle: QoveryError | None = None

    async def cancel_within(self, seconds: float) -> str:
        """Try for so many seconds; return the result in words."""
        with anyio.move_on_after(seconds):
            while True:
                result = await self._try()
                if result:
                    return result
                await anyio.sleep(_BETWEEN_TRIES)
        if self._obstacle:
            return f"The deployment could not be canceled and may go on: {self._obstacle}"
        return "The deployment was not canceled and may go on: Qovery did not show in time which execution it is."

    async def _try(self) -> str | None:
        """Look, then cancel what the look shows; None if there is nothing to cancel yet.

        A queued request is canceled by its id. The environment's call cancels whatever runs there, so it follows right
        after a look that shows the execution of our request running.
        """
        try:
            await self._follower.look_closely()
            judgement = self._follower.judgement
            if judgement.standing.is_final:
                return "There was nothing to cancel: the deployment was already over."
            obstacle = self._obstacle_of_others()
            if obstacle:
                return f"The deployment was not canceled, because {obstacle}."
            if is_running(judgement):
                await self._client.cancel_environment(self._environment_id)
                return "The deployment was asked to cancel; Qovery stops it as soon as its current step can stop."
            if await self._is_dequeued(judgement):
                return "The request was removed from Qovery's queue."
        except QoveryError as error:
            self._obstacle = error
        return None

    def _obstacle_of_others(self) -> str:
        """Say what would be canceled besides our own services, if anything would."""
        record, judgement = self._observer.record, self._follower.judgement
        queued = record.requests.get(judgement.request_id or "")
        if judgement.execution:
            services = frozenset(judgement.execution.services)
        elif queued and queued.is_older and not record.own.is_joined:
            return "another job requested it before"
        else:
            services = queued.request.services if queued else record.own.services
        if not services or not (judgement.execution or record.queues):
            return "Qovery does not show which services it contains"
        others = sorted(services - record.own.services)
        return f"it also contains services that this step did not ask for: {', '.join(others)}" if others else ""

    async def _is_dequeued(self, judgement: Judgement) -> bool:
        """Remove our request from the queue, by its id; false where it does not wait, or Qovery refused before."""
        if judgement.request_id is None or judgement.standing is Standing.RUNNING or not self._is_queue_open:
            return False
        try:
            await self._client.cancel_request(judgement.request_id)
        except (ConflictError, NotFoundError):
            return False  # It waits no more; the next look shows whether it runs.
        except RefusedError:
            self._is_queue_open = False
            raise
        return True
