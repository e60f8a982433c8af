"""The WebSocket gateway: pushes the log or the statuses of an execution while it runs, to whoever brings a token.

Qovery's specification does not know it; its console connects so. What a message looks like is this sandbox's guess, and
a dialect of it.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

import anyio
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from qovery_sandbox.deployment_log import deployment_log
from qovery_sandbox.environment import Snapshot
from qovery_sandbox.ids import CLUSTER_ID, ORGANIZATION_ID, PROJECT_ID
from qovery_sandbox.services import PLACES
from qovery_sandbox.statuses import service_status

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

    from qovery_sandbox.deployments import Execution
    from qovery_sandbox.statuses import Json
    from qovery_sandbox.world import World

#: Seconds of the caller's clock between two looks for what is new.
_EVERY = 0.1
_SCHEME = "auth.bearer."
_DENIED = 1008


def routes(world: World) -> list[WebSocketRoute]:
    return [WebSocketRoute(path, _endpoint(world, feed)) for path, feed in FEEDS.items()]


def _endpoint(world: World, feed: type[Feed]) -> Callable[[WebSocket], Awaitable[None]]:
    async def push(websocket: WebSocket) -> None:
        if world.dialect.gateway == "absent" or not (_is_allowed(websocket, world) and _is_known(websocket)):
            await websocket.close(_DENIED)
            return
        await websocket.accept(subprotocol="v1")
        async with anyio.create_task_group() as group:
            group.start_soon(_until_gone, websocket, group.cancel_scope)
            async for message in messages_of(feed(world, websocket.query_params)):
                await websocket.send_text(message if isinstance(message, str) else json.dumps(message))
            await websocket.close()
            group.cancel_scope.cancel()

    return push


class Feed:
    """What is to be told of one execution of an environment."""

    def __init__(self, world: World, query: Mapping[str, str]) -> None:
        self.world = world
        self._environment = world.environments[query["environment"]]
        self._execution_id = query.get("version")

    def news(self) -> Sequence[Json]:
        """Tell what is new since the last call."""
        snapshot = Snapshot(environment=self._environment, at=self.world.now)
        execution = next((each for each in snapshot.executions() if each.id == self._execution_id), None)
        return self.news_of(execution, snapshot) if execution else ()

    def news_of(self, execution: Execution, snapshot: Snapshot) -> Sequence[Json]:
        raise NotImplementedError


class LogFeed(Feed):
    """Each entry of the log."""

    _told = 0

    def news_of(self, execution: Execution, snapshot: Snapshot) -> Sequence[Json]:
        world = self.world
        entries = deployment_log(execution, world.services, at=snapshot.at, calendar=world.calendar, limit=None)
        told, self._told = self._told, len(entries)
        return entries[told:]


class StatusFeed(Feed):
    """The statuses of the environment's services, whenever one of them changes."""

    _told: Json | None = None

    def news_of(self, execution: Execution, snapshot: Snapshot) -> Sequence[Json]:
        world = self.world
        services = [each.id for each in world.services.values() if execution.run_of(each.id)]
        render = partial(service_status, snapshot=snapshot, dialect=world.dialect, calendar=world.calendar)
        told, self._told = self._told, {"helms": [render(service_id) for service_id in services]}
        return () if self._told == told else (self._told,)


def _is_allowed(websocket: WebSocket, world: World) -> bool:
    protocols: list[str] = websocket.scope["subprotocols"]
    tokens = [each.removeprefix(_SCHEME) for each in protocols if each.startswith(_SCHEME)]
    return "v1" in protocols and any(token in world.access.grants for token in tokens)


def _is_known(websocket: WebSocket) -> bool:
    query = websocket.query_params
    place = (query.get("organization"), query.get("cluster"), query.get("project"))
    is_here = place == (ORGANIZATION_ID, CLUSTER_ID, PROJECT_ID)
    return is_here and query.get("environment") in {each.id for each in PLACES}


async def _until_gone(websocket: WebSocket, scope: anyio.CancelScope) -> None:
    try:
        while True:
            await websocket.receive_text()
    except WebSocketDisconnect:
        scope.cancel()


FEEDS: dict[str, type[Feed]] = {"/deployment/logs": LogFeed, "/deployment/status": StatusFeed}


async def messages_of(feed: Feed) -> AsyncIterator[Json | list[Json] | str]:
    """Tell what is new in messages, until, where the dialect has it so, the patience ends."""
    while True:
        news = feed.news()
        match feed.world.dialect.gateway:
            case "entry":
                for each in news:
                    yield each
            case "array" if news:
                yield [*news]
            case "nonsense":
                yield "<html>502 Bad Gateway</html>"
                yield {"unheard": ["of", feed.world.now]}
            case "ends" if news:
                yield news[0]
                return
            case _:
                pass
        await anyio.sleep(_EVERY)
