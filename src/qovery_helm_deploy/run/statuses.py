"""Reads the statuses of all services that are followed: one call serves every service of an environment."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio

from qovery_helm_deploy.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from qovery_helm_deploy.deployment.status import Status
    from qovery_helm_deploy.qovery.client import Client


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A status, with the time it was taken by Qovery's own clock, where that is told."""

    status: Status
    taken_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class _Shot:
    asked_at: float
    taken_at: datetime | None
    statuses: Mapping[str, Status]


class Statuses:
    """Asks for a single service, or for its environment as a whole where several of its services are followed.

    An environment that cannot be asked as a whole (another role may be needed for that) is asked service by service.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._followed: defaultdict[str, set[str]] = defaultdict(set)
        self._shots: dict[str, _Shot] = {}
        self._asking: defaultdict[str, anyio.Lock] = defaultdict(anyio.Lock)
        self._opaque: set[str] = set()

    @property
    def count(self) -> int:
        """How many services are followed."""
        return sum(len(services) for services in self._followed.values())

    def follow(self, service_id: str, *, environment_id: str) -> None:
        self._followed[environment_id].add(service_id)

    def unfollow(self, service_id: str, *, environment_id: str) -> None:
        self._followed[environment_id].discard(service_id)

    async def read(self, service_id: str, *, environment_id: str, max_age: float) -> Reading:
        """Read a service's status, at most `max_age` seconds old. Raises `RefusedError` as the client does."""
        if len(self._followed[environment_id]) > 1:
            shot = await self._shot(environment_id, max_age=max_age)
            if shot and service_id in shot.statuses:
                return Reading(status=shot.statuses[service_id], taken_at=shot.taken_at)
        status = await self._client.status(service_id)
        return Reading(status=status, taken_at=self._client.transport.server_time)

    async def _shot(self, environment_id: str, *, max_age: float) -> _Shot | None:
        async with self._asking[environment_id]:
            shot = self._shots.get(environment_id)
            if environment_id in self._opaque:
                return None
            if shot and anyio.current_time() - shot.asked_at <= max_age:
                return shot
            asked_at = anyio.current_time()
            try:
                statuses = await self._client.statuses(environment_id)
            except RefusedError:
                self._opaque.add(environment_id)
                return None
            taken_at = self._client.transport.server_time
            shot = self._shots[environment_id] = _Shot(asked_at=asked_at, taken_at=taken_at, statuses=statuses)
            return shot
