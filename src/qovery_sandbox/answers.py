"""Faults of the answer: what proxies and bugs put in place of the expected JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from qovery_sandbox.connection import stream
from qovery_sandbox.recording import record

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from starlette.types import ASGIApp, Receive, Scope, Send

_CHUNK = b" " * 65_536


@dataclass(frozen=True)
class Answer:
    """A given answer; nothing is accepted."""

    status: int = 200
    body: str | bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    async def __call__(self, _app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        response = Response(self.body, status_code=self.status, media_type=self.content_type, headers=self.headers)
        await response(scope, receive, send)


def json_error(status: int, *, message: str = "", headers: Mapping[str, str] | None = None) -> Answer:
    """Answer as Qovery words its errors."""
    phrase = HTTPStatus(status).phrase
    body = {"status": status, "error": phrase, "message": message or phrase, "path": "/", "timestamp": "-"}
    return Answer(status, json.dumps(body), headers=headers or {})


def html_page(status: int = 200, *, headers: Mapping[str, str] | None = None) -> Answer:
    """Answer as a proxy does: with its own page, whether it calls that an error or not."""
    title = f"{status} {HTTPStatus(status).phrase}"
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1><hr>gateway</body></html>"
    return Answer(status, page, "text/html", headers or {})


def empty_body(status: int = 200) -> Answer:
    return Answer(status)


def redirect(location: str, status: int = 307) -> Answer:
    """Send the caller elsewhere, perhaps to another origin."""
    return Answer(status, b"", "text/plain", {"Location": location})


@dataclass(frozen=True)
class Truncated:
    """Half of the body, sent as if it were all of it."""

    async def __call__(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await record(app, scope, receive)
        await answer.response(body=answer.body[: len(answer.body) // 2])(scope, receive, send)


@dataclass(frozen=True)
class WrongTypes:
    """The same JSON, with every value of another type."""

    async def __call__(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await record(app, scope, receive)
        body = json.dumps(_mistype(json.loads(answer.body or b"{}"))).encode()
        await answer.response(body=body)(scope, receive, send)


@dataclass(frozen=True)
class Huge:
    """The same JSON behind `size` bytes of white space."""

    size: int = 64 * 1024 * 1024

    async def __call__(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await record(app, scope, receive)
        headers = answer.headers_without_length()
        chunks = self._chunks(answer.body)
        await stream(scope, receive, send, status=answer.status, headers=headers, chunks=chunks)

    async def _chunks(self, body: bytes) -> AsyncGenerator[bytes, None]:
        for start in range(0, self.size, len(_CHUNK)):
            yield _CHUNK[: self.size - start]
        yield body


def _mistype(value: Any) -> Any:  # noqa: ANN401 - JSON is anything
    match value:
        case dict() if value:
            return {name: _mistype(inner) for name, inner in value.items()}
        case list() | dict():
            return "list or object"
        case bool() | None:
            return 1
        case str():
            return [value]
        case _:
            return str(value)
