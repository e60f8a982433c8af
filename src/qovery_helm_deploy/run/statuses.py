"""Reads how the services stand that are deployed: one call serves every service of an environment."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

import anyio

from qovery_helm_deploy.errors import QoveryError
from qovery_helm_deploy.run.looking import if_it_can_be_had

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from qovery_helm_deploy.deployment.evidence import QueuedRequest
    from qovery_helm_deploy.deployment.status import Status
    from qovery_helm_deploy.qovery.client import Client

#: How old, in seconds, the status before a request may be that was asked for another service's sake.
_AGE_AT_START = 2.0
#: Seconds for which one call for all is waited for at start, before each service asks for itself.
_PATIENCE_AT_START = 5.0

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A status, when it was asked for and had, and when it was taken by Qovery's own clock, where that is told.

    Of the environment's other services: `beside` are the executions seen in progress at the same time, and
    `is_another_running` says that one was in progress when it was last asked for.
    """

    status: Status
    asked_at: float
    had_at: float
    taken_at: datetime | None
    beside: frozenset[str] = frozenset()
    is_another_running: bool = False


@dataclass(frozen=True, kw_only=True)
class _Shot(Generic[T]):
    asked_at: float
    had_at: float
    taken_at: datetime | None
    by_service: Mapping[str, T]


class _Shared(Generic[T]):
    """A call that tells of every service of an environment, made once for all who ask at about the same time."""

    def __init__(self, client: Client, call: Callable[[str], Awaitable[Mapping[str, T]]]) -> None:
        self._client = client
        self._call = call
        self._shots: dict[str, _Shot[T]] = {}
        self._asking: defaultdict[str, anyio.Lock] = defaultdict(anyio.Lock)
        self._opaque: set[str] = set()

    async def read(self, environment_id: str, *, since: float) -> _Shot[T] | None:
        """Read what was asked no earlier than `since`; `None` once it could not be had."""
        async with self._asking[environment_id]:
            shot = self._shots.get(environment_id)
            if shot and shot.asked_at >= since:
                return shot
            if environment_id in self._opaque:
                return None
            asked_at = anyio.current_time()
            try:
                by_service = await self._call(environment_id)
            except QoveryError:
                self._opaque.add(environment_id)
                return None
            shot = self._shots[environment_id] = _Shot(
                asked_at=asked_at,
                had_at=anyio.current_time(),
                taken_at=self._client.transport.server_time,
                by_service=by_service,
            )
            return shot


class Statuses:
    """Asks for a single service, or for its environment as a whole where several of its services are deployed.

    An environment that cannot be asked as a whole (another role may be needed for that) is asked service by service.
    `requested` are the ids of what this step has asked for, `dequeued` of what it has taken out of the queue again.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._statuses = _Shared(client, self._of_all)
        self._queues = _Shared(client, client.environment_queue)
        self._listed: set[str] = set()
        self.requested: set[str] = set()
        self.dequeued: set[str] = set()
        self._running: defaultdict[str, dict[str, Status]] = defaultdict(dict)
        self._expected: defaultdict[str, set[str]] = defaultdict(set)
        self._followed: defaultdict[str, set[str]] = defaultdict(set)

    @property
    def count(self) -> int:
        """How many services are followed."""
        return sum(len(services) for services in self._followed.values())

    def expect(self, service_id: str, *, environment_id: str) -> None:
        """Know of a service before its deployment is asked for."""
        self._expected[environment_id].add(service_id)

    def follow(self, service_id: str, *, environment_id: str) -> None:
        self._followed[environment_id].add(service_id)

    def unfollow(self, service_id: str, *, environment_id: str) -> None:
        self._followed[environment_id].discard(service_id)
        self._running[environment_id].pop(service_id, None)

    async def read_at_start(self, service_id: str, *, environment_id: str) -> Reading:
        """Read a service's status before its deployment is asked for. Raises `QoveryError` as the client does."""
        if len(self._expected[environment_id]) > 1:
            since = anyio.current_time() - _AGE_AT_START
            with anyio.move_on_after(_PATIENCE_AT_START):
                reading = await self._shared(service_id, environment_id=environment_id, since=since)
                if reading:
                    return reading
        return await self._alone(self._client.status_at_start, service_id, environment_id=environment_id)

    async def read(self, service_id: str, *, environment_id: str, since: float, with_others: bool = False) -> Reading:
        """Read a service's status, asked no earlier than `since`. Raises `RefusedError` as the client does.

        It is had `with_others` where several are followed anyway.
        """
        if with_others or len(self._followed[environment_id]) > 1:
            reading = await self._shared(service_id, environment_id=environment_id, since=since)
            if reading:
                return reading
        return await self._alone(self._client.status, service_id, environment_id=environment_id)

    async def queue(
        self, service_id: str, *, environment_id: str, since: float, request_ids: AbstractSet[str | None]
    ) -> tuple[QueuedRequest, ...] | None:
        """Read which requests for a service wait, asked no earlier than `since`; `None` where that cannot be had now.

        An environment's queue is believed if it lists one of `request_ids`, or did so before and still lists another of
        this step's. Else it proves nothing, for nobody has said what it leaves out, and the service's own is asked.
        """
        if request_ids != {None} and len(self._followed[environment_id]) > 1:
            shot = await self._queues.read(environment_id, since=since)
            queues = shot.by_service if shot else {}
            queue = queues.get(service_id, ())
            waiting = {queued.id for each in queues.values() for queued in each}
            has_listed_it = not self._listed.isdisjoint(request_ids)
            self._listed |= waiting
            is_listed = any(queued.id in request_ids for queued in queue)
            if is_listed or (has_listed_it and not waiting.isdisjoint(self.requested - request_ids)):
                return queue
        return await if_it_can_be_had(self._client.queue(service_id))

    async def _shared(self, service_id: str, *, environment_id: str, since: float) -> Reading | None:
        shot = await self._statuses.read(environment_id, since=since)
        if shot is None or service_id not in shot.by_service:
            return None
        beside = self._running_beside(service_id, environment_id=environment_id)
        return Reading(
            status=shot.by_service[service_id],
            asked_at=shot.asked_at,
            had_at=shot.had_at,
            taken_at=shot.taken_at,
            beside=frozenset(status.execution_id for status in beside if status.execution_id is not None),
            is_another_running=bool(beside),
        )

    async def _of_all(self, environment_id: str) -> Mapping[str, Status]:
        told = await self._client.statuses(environment_id)
        self._running[environment_id] = {
            service_id: status for service_id, status in told.items() if status.state.is_in_progress
        }
        return told

    async def _alone(
        self, call: Callable[[str], Awaitable[Status]], service_id: str, *, environment_id: str
    ) -> Reading:
        asked_at = anyio.current_time()
        status = await call(service_id)
        running = self._running[environment_id]
        if status.state.is_in_progress:
            running[service_id] = status
        else:
            running.pop(service_id, None)
        return Reading(
            status=status,
            asked_at=asked_at,
            had_at=anyio.current_time(),
            taken_at=self._client.transport.server_time,
            is_another_running=bool(self._running_beside(service_id, environment_id=environment_id)),
        )

    def _running_beside(self, service_id: str, *, environment_id: str) -> list[Status]:
        running = self._running[environment_id]
        return [status for other_id, status in running.items() if other_id != service_id]
