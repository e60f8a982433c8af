"""The WebSocket gateway: pushes the log of an execution while it is written, to whoever brings a token.

Qovery's specification does not know it; its console connects so. What a message looks like is this sandbox's guess, and
a dialect of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
from starlette.websockets import WebSocket, WebSocketDisconnect

from qovery_sandbox.catalogue import PLACES
from qovery_sandbox.deployment_log import deployment_log
from qovery_sandbox.identity import CLUSTER_ID, ORGANIZATION_ID, PROJECT_ID
from qovery_sandbox.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from qovery_sandbox.status import Json
    from qovery_sandbox.world import World

PATH = "/deployment/logs"
#: Seconds of the caller's clock between two looks for what is new.
_EVERY = 0.1
_SCHEME = "auth.bearer."
_DENIED = 1008


def log_endpoint(world: World) -> Callable[[WebSocket], Awaitable[None]]:
    async def push_log(websocket: WebSocket) -> None:
        if world.dialect.gateway == "absent" or not (_is_allowed(websocket, world) and _is_known(websocket)):
            await websocket.close(_DENIED)
            return
        await websocket.accept(subprotocol="v1")
        async with anyio.create_task_group() as group:
            group.start_soon(_until_gone, websocket, group.cancel_scope)
            await _push(websocket, world)
            await websocket.close()
            group.cancel_scope.cancel()

    return push_log


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


async def _push(websocket: WebSocket, world: World) -> None:
    """Push what is new, until the connection or, where the dialect has it so, the patience ends."""
    told = 0
    while True:
        entries = _entries(websocket, world)
        match world.dialect.gateway:
            case "entry":
                for entry in entries[told:]:
                    await websocket.send_json(entry)
            case "array" if entries[told:]:
                await websocket.send_json(entries[told:])
            case "nonsense":
                await websocket.send_text("<html>502 Bad Gateway</html>")
                await websocket.send_json({"unheard": ["of", len(entries)]})
            case "ends" if entries:
                await websocket.send_json(entries[0])
                return
            case _:
                pass
        told = len(entries)
        await anyio.sleep(_EVERY)


def _entries(websocket: WebSocket, world: World) -> Sequence[Json]:
    query = websocket.query_params
    snapshot = Snapshot(environment=world.environments[query["environment"]], at=world.now)
    execution = next((each for each in snapshot.executions() if each.id == query.get("version")), None)
    if execution is None:
        return ()
    return deployment_log(execution, world.services, at=world.now, calendar=world.calendar, limit=None)
