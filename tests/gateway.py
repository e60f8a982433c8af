"""Gateways on virtual time: one pushes what is written down beforehand, one what happens in a sandbox."""

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
    """Pushes each message so many seconds after it was connected to; then it breaks off, unless it stays silent.

    Without messages it is one that nobody can connect to. `connected` keeps what it was asked for.
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
        raise NoAnswerError("Qovery's gateway cannot be listened to: it is written so.")


@dataclass(kw_only=True)
class SandboxGateway:
    """Pushes what the sandbox would, as its dialect has it, without a connection."""

    world: World

    async def listen(self, path: str, params: Mapping[str, str], take: Callable[[object], None]) -> None:
        if self.world.dialect.gateway != "absent" and params["environment"] in self.world.environments:
            async for message in messages_of(FEEDS[path](self.world, params)):
                if not isinstance(message, str):
                    take(message)
        raise NoAnswerError("Qovery's gateway cannot be listened to: the dialect has it so.")
