"""What a fault can do to a connection besides sending a response: close it, or send a body slowly.

ASGI has no messages for either. `server` and `transport` put functions for them into the scope's extensions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING

import anyio
from starlette.responses import Response, StreamingResponse

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send


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


@dataclass(kw_only=True)
class RecordedAnswer:
    """An answer that was made but not sent."""

    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def headers_without_length(self) -> dict[str, str]:
        return {name: value for name, value in self.headers.items() if name != "content-length"}

    def response(self, *, body: bytes | None = None) -> Response:
        """Make it sendable, with another body if one is given."""
        content = self.body if body is None else body
        return Response(content, status_code=self.status, headers=self.headers_without_length())


async def record(app: ASGIApp, scope: Scope, receive: Receive) -> RecordedAnswer:
    """Let the app serve the call and keep what it answers."""
    answer = RecordedAnswer()

    async def keep(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {name.decode().lower(): value.decode() for name, value in message["headers"]}
        else:
            answer.body += message.get("body", b"")

    await app(scope, receive, keep)
    return answer
