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
    """How a connection fails.

    On a socket, the connection already exists when the sandbox reads the request. There, every value but `CLOSED` is a
    reset.
    """

    REFUSED = auto()
    UNREACHABLE = auto()
    UNRESOLVED = auto()
    UNTRUSTED = auto()
    RESET = auto()
    CLOSED = auto()


async def drop(scope: Scope, receive: Receive, kind: Drop) -> None:
    """Close the connection and wait until the client has disconnected.

    The request is read first: a client that fails while writing may read next, and take the failure for a normal end.
    """
    while (message := await receive())["type"] == "http.request" and message.get("more_body"):
        pass
    await _break(scope, kind)
    await wait_for_disconnect(receive)


async def wait_for_disconnect(receive: Receive) -> None:
    """Wait until the client has disconnected."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def break_stream(scope: Scope, kind: Drop) -> None:
    """Close the connection in the middle of a streamed body."""
    await _break(scope, kind)
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
    """Send a body chunk by chunk, each as soon as the generator yields it."""
    keep = scope.get("extensions", {}).get(STREAM)
    if keep is None:
        await StreamingResponse(chunks, status_code=status, headers=headers)(scope, receive, send)
        return
    keep(chunks)
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": b""})


async def _break(scope: Scope, kind: Drop) -> None:
    try:
        extension = scope["extensions"][DROP]
    except KeyError:
        raise RuntimeError(
            "Dropped needs SandboxTransport or RunningSandbox: other ASGI servers cannot drop a connection."
        ) from None
    await extension(kind)


@dataclass(kw_only=True)
class RecordedResponse:
    """A response that was made but not sent."""

    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def headers_without_length(self) -> dict[str, str]:
        return {name: value for name, value in self.headers.items() if name != "content-length"}

    def to_send(self, *, body: bytes | None = None) -> Response:
        """Return a response to send, with another body if given."""
        content = self.body if body is None else body
        return Response(content, status_code=self.status, headers=self.headers_without_length())


async def record(app: ASGIApp, scope: Scope, receive: Receive) -> RecordedResponse:
    """Serve the call and return the response without sending it."""
    response = RecordedResponse()

    async def keep(message: Message) -> None:
        if message["type"] == "http.response.start":
            response.status = message["status"]
            response.headers = {name.decode().lower(): value.decode() for name, value in message["headers"]}
        else:
            response.body += message.get("body", b"")

    await app(scope, receive, keep)
    return response
