"""The WebSocket gateway: sends the log or the statuses of an execution while it runs.

Qovery's specification does not describe the gateway. Paths, query and authentication are those of Qovery's console. The
form of the messages is a guess, and a choice of the dialect.
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
from qovery_sandbox.services import ENVIRONMENTS
from qovery_sandbox.statuses import service_status

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

    from qovery_sandbox.deployments import Execution
    from qovery_sandbox.statuses import Json
    from qovery_sandbox.world import World

#: Seconds of the client's clock.
_POLL_INTERVAL = 0.1
_TOKEN_PROTOCOL = "auth.bearer."  # noqa: S105 - a prefix
_POLICY_VIOLATION = 1008


def routes(world: World) -> list[WebSocketRoute]:
    return [WebSocketRoute(path, _endpoint(world, feed)) for path, feed in FEEDS.items()]


def _endpoint(world: World, feed: type[Feed]) -> Callable[[WebSocket], Awaitable[None]]:
    async def send_messages(websocket: WebSocket) -> None:
        is_accepted = _is_authenticated(websocket, world) and _is_known_environment(websocket)
        if world.dialect.gateway == "absent" or not is_accepted:
            await websocket.close(_POLICY_VIOLATION)
            return
        await websocket.accept(subprotocol="v1")
        async with anyio.create_task_group() as group:
            group.start_soon(_cancel_on_disconnect, websocket, group.cancel_scope)
            async for message in messages_of(feed(world, websocket.query_params)):
                await websocket.send_text(message if isinstance(message, str) else json.dumps(message))
            await websocket.close()
            group.cancel_scope.cancel()

    return send_messages


class Feed:
    """The messages about one execution. The query parameters are those of the gateway."""

    def __init__(self, world: World, query: Mapping[str, str]) -> None:
        self.world = world
        self._environment = world.environments[query["environment"]]
        self._execution_id = query.get("version")

    def new_items(self) -> Sequence[Json]:
        """Return the items since the last call."""
        snapshot = Snapshot(environment=self._environment, at=self.world.now)
        execution = next((each for each in snapshot.executions() if each.id == self._execution_id), None)
        return self.new_items_of(execution, snapshot) if execution else ()

    def new_items_of(self, execution: Execution, snapshot: Snapshot) -> Sequence[Json]:
        raise NotImplementedError


class LogFeed(Feed):
    """The log entries of an execution."""

    _sent = 0

    def new_items_of(self, execution: Execution, snapshot: Snapshot) -> Sequence[Json]:
        world = self.world
        entries = deployment_log(execution, world.services, at=snapshot.at, calendar=world.calendar, limit=None)
        sent, self._sent = self._sent, len(entries)
        return entries[sent:]


class StatusFeed(Feed):
    """The statuses of the services of an execution, again whenever one of them changes."""

    _sent: Json | None = None

    def new_items_of(self, execution: Execution, snapshot: Snapshot) -> Sequence[Json]:
        world = self.world
        services = [each.id for each in world.services.values() if execution.run_of(each.id)]
        render = partial(service_status, snapshot=snapshot, dialect=world.dialect, calendar=world.calendar)
        sent, self._sent = self._sent, {"helms": [render(service_id) for service_id in services]}
        return () if self._sent == sent else (self._sent,)


def _is_authenticated(websocket: WebSocket, world: World) -> bool:
    protocols: list[str] = websocket.scope["subprotocols"]
    tokens = [each.removeprefix(_TOKEN_PROTOCOL) for each in protocols if each.startswith(_TOKEN_PROTOCOL)]
    return "v1" in protocols and any(token in world.tokens.by_value for token in tokens)


def _is_known_environment(websocket: WebSocket) -> bool:
    query = websocket.query_params
    parents = (query.get("organization"), query.get("cluster"), query.get("project"))
    is_known = parents == (ORGANIZATION_ID, CLUSTER_ID, PROJECT_ID)
    return is_known and query.get("environment") in {each.id for each in ENVIRONMENTS}


async def _cancel_on_disconnect(websocket: WebSocket, scope: anyio.CancelScope) -> None:
    try:
        while True:
            await websocket.receive_text()
    except WebSocketDisconnect:
        scope.cancel()


FEEDS: dict[str, type[Feed]] = {"/deployment/logs": LogFeed, "/deployment/status": StatusFeed}


async def messages_of(feed: Feed) -> AsyncIterator[Json | list[Json] | str]:
    """Yield the messages of a feed, in the form that the dialect chooses."""
    while True:
        items = feed.new_items()
        match feed.world.dialect.gateway:
            case "entry":
                for item in items:
                    yield item
            case "array" if items:
                yield [*items]
            case "nonsense":
                yield "<html>502 Bad Gateway</html>"
                yield {"unknown_field": ["at", feed.world.now]}
            case "ends" if items:
                yield items[0]
                return
            case _:
                pass
        await anyio.sleep(_POLL_INTERVAL)
