"""Gateways on virtual time: one pushes scripted messages, the other those of a sandbox."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import anyio

from qovery_helm_deploy.errors import NoAnswerError
from qovery_sandbox.gateway import FEEDS, messages_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from qovery_sandbox.world import World


@dataclass(kw_only=True)
class ScriptedGateway:
    """Pushes each message at its second after the connection, and then closes, or stays open if `stays` is set.

    `connected` keeps the path and the parameters of each connection.
    """

    pushes: Sequence[tuple[float, object]] = ()
    stays: bool = False
    connected: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)

    async def listen(self, path: str, params: Mapping[str, str], take: Callable[[object], None]) -> None:
        self.connected.append((path, params))
        started = anyio.current_time()
        for at, message in self.pushes:
            await anyio.sleep_until(started + at)
            take(message)
        if self.stays:
            await anyio.sleep_forever()
        raise NoAnswerError("Cannot listen to Qovery's gateway: the script ends here.")


@dataclass(kw_only=True)
class SandboxGateway:
    """Pushes the messages of the sandbox's gateway in its dialect, without a connection."""

    world: World

    async def listen(self, path: str, params: Mapping[str, str], take: Callable[[object], None]) -> None:
        if self.world.dialect.gateway != "absent" and params["environment"] in self.world.environments:
            async for message in messages_of(FEEDS[path](self.world, params)):
                if not isinstance(message, str):
                    take(message)
        raise NoAnswerError("Cannot listen to Qovery's gateway: the dialect has no more messages.")
