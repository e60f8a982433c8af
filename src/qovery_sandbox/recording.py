"""Answers kept back instead of sent, so that a fault can delay, change or lose them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope


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
