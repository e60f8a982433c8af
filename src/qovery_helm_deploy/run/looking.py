"""Looks at a service: its status, its queue, its history."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import anyio

from qovery_helm_deploy.deployment.evidence import Look
from qovery_helm_deploy.errors import QoveryError

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from qovery_helm_deploy.deployment.evidence import Execution, QueuedRequest
    from qovery_helm_deploy.qovery.client import Client
    from qovery_helm_deploy.run.following import Follower

#: Seconds between two looks whether it is known by now which execution is ours.
_TIED_WITHIN = 1.0

T = TypeVar("T")


async def look_at(client: Client, service_id: str, *, at: float) -> Look:
    """Read the status, then the queue, then the history; what is concluded from them rests on this order."""
    status = await client.status(service_id)
    taken_at = client.transport.server_time
    queue, history = await records_of(client, service_id)
    return Look(at=at, status=status, queue=queue, history=history, taken_at=taken_at)


async def records_of(
    client: Client, service_id: str
) -> tuple[tuple[QueuedRequest, ...] | None, tuple[Execution, ...] | None]:
    """Read the queue, then the history; `None` for what cannot be had now."""
    queue = await if_it_can_be_had(client.queue(service_id))
    return queue, await if_it_can_be_had(client.history(service_id))


async def if_it_can_be_had(call: Awaitable[T]) -> T | None:
    """Await a call; `None` where it fails."""
    try:
        return await call
    except QoveryError:
        return None


async def execution_of(follower: Follower) -> str:
    """Wait until it is known which execution is ours."""
    while follower.claim.execution_id is None:  # noqa: ASYNC110 - looks find it out, and tell nobody
        await anyio.sleep(_TIED_WITHIN)
    return follower.claim.execution_id
