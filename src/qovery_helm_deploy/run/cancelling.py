"""Cancels the deployment of our request, and no service of others."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import anyio

from qovery_helm_deploy.deployment.standing import Standing
from qovery_helm_deploy.deployment.status import State
from qovery_helm_deploy.errors import ConflictError, DeniedError, NotFoundError, QoveryError, RefusedError
from qovery_helm_deploy.run.following import is_running

if TYPE_CHECKING:
    from qovery_helm_deploy.deployment.judgement import Judgement
    from qovery_helm_deploy.qovery.client import Client
    from qovery_helm_deploy.run.following import Follower
    from qovery_helm_deploy.run.observer import Observer

_BETWEEN_TRIES = 0.5
_IS_CANCELING = "Qovery is canceling the deployment: it stops after Qovery's current deployment step."


class Canceller:
    """Cancels our request while it is queued, and its execution while it runs."""

    def __init__(self, client: Client, observer: Observer, *, follower: Follower, environment_id: str) -> None:
        self._client = client
        self._observer = observer
        self._follower = follower
        self._environment_id = environment_id
        self._queue_refusal: RefusedError | None = None
        self._obstacle: QoveryError | None = None
        self._is_requested = False
        self._is_nothing_running = False
        self._not_queued: set[str] = set()

    async def cancel_within(self, seconds: float) -> str:
        """Try for so many seconds; return a sentence about the result, empty if the deployment had ended before."""
        with anyio.move_on_after(seconds):
            while True:
                result = await self._try()
                if result is not None:
                    return result
                await anyio.sleep(_BETWEEN_TRIES)
        if isinstance(self._queue_refusal, DeniedError) and not is_running(self._follower.judgement):
            return (
                "The request stays in Qovery's queue: Qovery does not allow the token to make the call"
                f" `{self._queue_refusal.call}`. Cancel the request in the Qovery console."
            )
        if self._is_nothing_running:
            return "There was nothing to cancel: Qovery says that no deployment runs in the environment any more."
        if self._is_requested:
            cause = f": {self._obstacle}" if self._obstacle else "."
            return f"Qovery did not confirm the cancellation in time, so the deployment may continue{cause}"
        if self._obstacle:
            return f"The deployment could not be canceled and may continue: {self._obstacle}"
        return (
            "The deployment was not canceled and may continue: Qovery did not show in time which execution to cancel."
        )

    async def _try(self) -> str | None:
        """Observe, then cancel; return the sentence, or None if there is nothing to cancel yet.

        A queued request is canceled by its id. A running execution is canceled by a call that cancels any execution of
        the environment. So that call is made only right after an observation that shows our execution running.
        """
        began = anyio.current_time()
        try:
            await self._follower.observe_all()
            judgement = self._follower.judgement
            if judgement.standing.is_final:
                return ""
            obstacle = self._obstacle_of_others()
            if obstacle:
                return f"The deployment was not canceled, because {obstacle}."
            if judgement.execution and judgement.execution.state is State.CANCELING:
                return _IS_CANCELING
            if is_running(judgement):
                return await self._canceled_execution(judgement, since=began)
            if await self._is_dequeued(judgement):
                return "The request was removed from Qovery's queue."
        except QoveryError as error:
            self._obstacle = error
        return None

    async def _canceled_execution(self, judgement: Judgement, *, since: float) -> str | None:
        """Cancel our execution, if an answer since then shows it running; return None if it may be over.

        A 409 says so, and a second call could then cancel the next execution.
        """
        if self._is_nothing_running or self._may_be_over(judgement, since=since):
            return None
        self._is_requested = True
        try:
            await self._client.cancel_environment(self._environment_id)
        except ConflictError:
            self._is_nothing_running = True
            return None
        except RefusedError:
            self._is_requested = False
            raise
        return _IS_CANCELING

    def _may_be_over(self, judgement: Judgement, *, since: float) -> bool:
        """Return whether our execution may have ended, and another one begun, since the time that the history shows.

        That is so if another execution has begun, if Qovery answered that our request ended, if nothing shows our
        execution running `since` a time, or if another request left the queue since then.
        """
        record = self._observer.record
        execution = record.executions[judgement.execution.id] if judgement.execution else None
        answer = record.answers[-1] if record.answers and judgement.trusts_answers else None
        if execution is None or not execution.is_running or (answer and answer.state and answer.state.is_terminal):
            return True
        if max(execution.running_last, answer.call.asked_at if answer else -math.inf) < since:
            return True
        began = execution.began.since
        others = [seen for key, seen in record.requests.items() if key not in {record.own.id, judgement.request_id}]
        return any(seen.left.until < math.inf and seen.left.until > max(began, record.shown_until) for seen in others)

    def _obstacle_of_others(self) -> str:
        """Return why canceling would or might affect others; empty if it does not."""
        record, judgement = self._observer.record, self._follower.judgement
        queued = record.requests.get(judgement.request_id or "")
        if judgement.execution:
            services = frozenset(judgement.execution.services)
        elif queued and queued.is_older and not record.own.is_joined:
            return "another job made the request"
        else:
            services = queued.request.services if queued else record.own.services
        if not services or not (judgement.execution or record.queues):
            return "Qovery does not show which services the deployment contains"
        others = sorted(services - record.own.services)
        return f"it also deploys services that this step did not request: {', '.join(others)}" if others else ""

    async def _is_dequeued(self, judgement: Judgement) -> bool:
        """Remove our request from the queue; return false if it is not queued, or if Qovery refused this before."""
        request_id = judgement.request_id
        if request_id is None or judgement.standing is Standing.RUNNING or self._queue_refusal:
            return False
        if request_id in self._not_queued:
            return False
        try:
            await self._client.cancel_request(request_id)
        except (ConflictError, NotFoundError):
            self._not_queued.add(request_id)
            return False  # It left the queue; the next observation shows whether it runs.
        except RefusedError as error:
            self._queue_refusal = error
            raise
        return True
