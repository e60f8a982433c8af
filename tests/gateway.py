"""A gateway that pushes what is written down beforehand; on virtual time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import anyio

from qovery_helm_deploy.errors import NoAnswerError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


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
