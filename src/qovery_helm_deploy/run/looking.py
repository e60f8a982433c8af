"""Looks at a service: its status, its queue, its history."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from qovery_helm_deploy.deployment.evidence import Look
from qovery_helm_deploy.errors import QoveryError

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from qovery_helm_deploy.qovery.client import Client

T = TypeVar("T")


async def look_at(client: Client, service_id: str, *, at: float) -> Look:
    """Read the status, then the queue, then the history; what is concluded from them rests on this order."""
    status = await client.status(service_id)
    taken_at = client.transport.server_time
    queue = await if_it_can_be_had(client.queue(service_id))
    history = await if_it_can_be_had(client.history(service_id))
    return Look(at=at, status=status, queue=queue, history=history, taken_at=taken_at)


async def if_it_can_be_had(call: Awaitable[T]) -> T | None:
    """Await a call; `None` where it fails."""
    try:
        return await call
    except QoveryError:
        return None
