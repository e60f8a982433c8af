"""Cancels our request and nobody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from qovery_helm_deploy.errors import QoveryError, RefusedError

if TYPE_CHECKING:
    from qovery_helm_deploy.qovery.client import Client
    from qovery_helm_deploy.run.following import Follower


_BETWEEN_LOOKS = 0.5


async def cancel(client: Client, *, follower: Follower | None, request_id: str | None, environment_id: str) -> str:
    """Cancel the request where it waits, or the execution where it is ours and runs. Returns what came of it, in words.

    The queue's call names our request, so that it can hit no other. The environment's cancels whatever runs there, so
    that it is made only right after a look that shows our own execution running. As long as nothing shows yet whether
    ours runs, it looks again. Raises `QoveryError`.
    """
    while True:
        if request_id and not (follower and follower.claim.execution_id) and await _is_dequeued(client, request_id):
            return "The request was taken out of Qovery's queue."
        if follower is None:
            return "The deployment could not be canceled: nothing shows yet whether it runs."
        judgement = await follower.look_closely()
        if follower.is_ours_running:
            await client.cancel_environment(environment_id)
            return "The deployment was asked to cancel; Qovery stops it as soon as its current step can stop."
        if judgement.standing.is_final:
            return "There was nothing to cancel: the deployment was over already."
        await anyio.sleep(_BETWEEN_LOOKS)


async def _is_dequeued(client: Client, request_id: str) -> bool:
    try:
        await client.cancel_request(request_id)
    except RefusedError:
        return False  # It waits no more; whether it runs is asked next.
    return True


async def cancel_within(
    seconds: float, client: Client, *, follower: Follower | None, request_id: str | None, environment_id: str
) -> str:
    """Do the same in so many seconds, and tell in words what hindered it."""
    with anyio.move_on_after(seconds):
        try:
            return await cancel(client, follower=follower, request_id=request_id, environment_id=environment_id)
        except QoveryError as error:
            return f"The deployment could not be canceled: {error}"
    return "It was not canceled, and may go on: Qovery did not show in time whether what runs is this deployment."
