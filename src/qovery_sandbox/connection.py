"""What faults may do to a connection beyond answering: drop it, or let the answer trickle.

ASGI knows neither. Whoever carries the calls says in the scope's extensions how it is done: `server` to a socket,
`transport` by raising what httpx would.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

import anyio
from starlette.responses import StreamingResponse

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from starlette.types import Receive, Scope, Send

DROP = "qovery_sandbox.drop"
STREAM = "qovery_sandbox.stream"


class Drop(Enum):
    """The ways in which a connection ends without an answer, or never comes about.

    A socket that has brought a request is connected already: there, all but `CLOSED` are resets.
    """

    REFUSED = auto()
    UNREACHABLE = auto()
    UNRESOLVED = auto()
    UNTRUSTED = auto()
    RESET = auto()
    CLOSED = auto()


async def drop(scope: Scope, receive: Receive, how: Drop) -> None:
    """End the connection and wait until it is gone.

    All of the request is taken first: a client whose writing fails may go on to read, and see an orderly end there.
    """
    while (message := await receive())["type"] == "http.request" and message.get("more_body"):
        pass
    await _break(scope, how)
    await wait_for_disconnect(receive)


async def wait_for_disconnect(receive: Receive) -> None:
    """Do nothing until the caller has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def break_stream(scope: Scope, how: Drop) -> None:
    """End the connection in the middle of a streamed body."""
    await _break(scope, how)
    await anyio.sleep_forever()


async def stream(
    scope: Scope,
    receive: Receive,
    send: Send,
    *,
    status: int,
    headers: Mapping[str, str],
    chunks: AsyncGenerator[bytes, None],
) -> None:
    """Answer piece by piece, each piece as late as the generator makes it."""
    keep = scope.get("extensions", {}).get(STREAM)
    if keep is None:
        await StreamingResponse(chunks, status_code=status, headers=headers)(scope, receive, send)
        return
    keep(chunks)
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": b""})


async def _break(scope: Scope, how: Drop) -> None:
    try:
        extension = scope["extensions"][DROP]
    except KeyError:
        raise RuntimeError("dropping a connection takes SandboxTransport or RunningSandbox") from None
    await extension(how)
