"""Faults: rules that select calls, and what happens to a selected call."""

from __future__ import annotations

import json
import random
from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol

import anyio
from starlette.responses import Response

from qovery_sandbox.connection import Drop, break_stream, drop, record, stream, wait_for_disconnect

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Container, Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_CHUNK = b" " * 65_536


class Fault(Protocol):
    """An ASGI middleware: the fault may call `app`, which serves the call, or respond itself, or not at all."""

    async def __call__(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send, /) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call before it is served. `path` is the template; `number` counts the calls of this method and path from 1."""

    method: str
    path: str
    number: int
    at: float
    random: random.Random = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class When:
    """Selects calls that match all given fields. `path` is the template, `since` and `until` are simulated seconds."""

    method: str | None = None
    path: str | None = None
    nth: Container[int] | None = None
    since: float = 0.0
    until: float = float("inf")
    probability: float = 1.0

    def __call__(self, call: Call) -> bool:
        return (
            self.method in {None, call.method}
            and self.path in {None, call.path}
            and (self.nth is None or call.number in self.nth)
            and self.since <= call.at < self.until
            and (self.probability >= 1 or call.random.random() < self.probability)
        )


@dataclass(frozen=True)
class Rule:
    """A fault for the calls that `when` selects. `when` is a `When` or another function of a call."""

    when: Callable[[Call], bool]
    fault: Fault


@dataclass(kw_only=True)
class Faults:
    """Rules. If several select a call, their faults are nested; the first one is outermost."""

    rules: list[Rule] = field(default_factory=list)
    seed: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 - reproducible on purpose
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(self, when: Callable[[Call], bool], fault: Fault) -> None:
        self.rules.append(Rule(when, fault))

    def faults_for(self, *, method: str, path: str, at: float) -> list[Fault]:
        """Count a call, and return its faults."""
        self._counts[method, path] += 1
        call = Call(method=method, path=path, number=self._counts[method, path], at=at, random=self._random)
        return [rule.fault for rule in self.rules if rule.when(call)]


@dataclass(frozen=True)
class Answer:
    """A fixed response. The call is not served."""

    status: int = 200
    body: str | bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    async def __call__(self, _app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        response = Response(self.body, status_code=self.status, media_type=self.content_type, headers=self.headers)
        await response(scope, receive, send)


def json_error(status: int, *, message: str = "", headers: Mapping[str, str] | None = None) -> Answer:
    """Return an error response in Qovery's form."""
    phrase = HTTPStatus(status).phrase
    body = {"status": status, "error": phrase, "message": message or phrase, "path": "/", "timestamp": "-"}
    return Answer(status, json.dumps(body), headers=headers or {})


def html_page(status: int = 200, *, headers: Mapping[str, str] | None = None) -> Answer:
    """Return an HTML page as a proxy sends it, with any status."""
    title = f"{status} {HTTPStatus(status).phrase}"
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1><hr>gateway</body></html>"
    return Answer(status, page, "text/html", headers or {})


def empty_body(status: int = 200) -> Answer:
    return Answer(status)


def redirect(location: str, status: int = 307) -> Answer:
    """Return a redirect, also to another origin."""
    return Answer(status, b"", "text/plain", {"Location": location})


@dataclass(frozen=True)
class Truncated:
    """Half of the body, with a matching Content-Length."""

    async def __call__(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        response = await record(app, scope, receive)
        await response.to_send(body=response.body[: len(response.body) // 2])(scope, receive, send)


@dataclass(frozen=True)
class WrongTypes:
    """The same JSON with wrong types: every value has another type."""

    async def __call__(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        response = await record(app, scope, receive)
        body = json.dumps(_change_types(json.loads(response.body or b"{}"))).encode()
        await response.to_send(body=body)(scope, receive, send)


class _Chunked(ABC):
    """The response with another body, sent in chunks and without a length."""

    async def __call__(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        response = await record(app, scope, receive)
        headers = response.headers_without_length()
        chunks = self._chunks(response.body)
        await stream(scope, receive, send, status=response.status, headers=headers, chunks=chunks)

    @abstractmethod
    def _chunks(self, body: bytes) -> AsyncGenerator[bytes, None]: ...


@dataclass(frozen=True)
class Huge(_Chunked):
    """The same JSON after `size` bytes of white space."""

    size: int = 64 * 1024 * 1024

    async def _chunks(self, body: bytes) -> AsyncGenerator[bytes, None]:
        for start in range(0, self.size, len(_CHUNK)):
            yield _CHUNK[: self.size - start]
        yield body


def _change_types(value: Any) -> Any:  # noqa: ANN401 - any JSON
    match value:
        case dict() if value:
            return {name: _change_types(inner) for name, inner in value.items()}
        case list() | dict():
            return "list or object"
        case bool() | None:
            return 1
        case str():
            return [value]
        case _:
            return str(value)


@dataclass(frozen=True)
class Dropped:
    """The connection closes. The call is not served."""

    how: Drop = Drop.RESET

    async def __call__(self, _app: ASGIApp, scope: Scope, receive: Receive, _send: Send) -> None:
        await drop(scope, receive, self.how)


@dataclass(frozen=True)
class AnswerLost:
    """The call is served, but the client gets the fault `then` instead of the response."""

    then: Fault = field(default_factory=Dropped)

    async def __call__(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        response = await record(app, scope, receive)
        await self.then(response.to_send(), scope, _receive_from_end(receive), send)


@dataclass(frozen=True)
class Hang:
    """No response until the client disconnects. The call is not served, except inside `AnswerLost`."""

    async def __call__(self, _app: ASGIApp, _scope: Scope, receive: Receive, _send: Send) -> None:
        await wait_for_disconnect(receive)


@dataclass(frozen=True)
class Late:
    """The call is served after `before` seconds, and the response sent after `after` more seconds."""

    before: float = 0.0
    after: float = 0.0

    async def __call__(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        await anyio.sleep(self.before)
        response = await record(app, scope, receive)
        await anyio.sleep(self.after)
        await response.to_send()(scope, receive, send)


@dataclass(frozen=True)
class Dripping(_Chunked):
    """A slow body: `size` bytes every `interval` seconds. If `is_endless`, the body never ends."""

    interval: float = 1.0
    size: int = 1
    is_endless: bool = field(default=False, kw_only=True)

    async def _chunks(self, body: bytes) -> AsyncGenerator[bytes, None]:
        for start in range(0, len(body), self.size):
            await anyio.sleep(self.interval)
            yield body[start : start + self.size]
        while self.is_endless:
            await anyio.sleep(self.interval)
            yield b" "


@dataclass(frozen=True)
class CutOff:
    """The connection closes in the middle of the body."""

    how: Drop = Drop.CLOSED

    async def __call__(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        response = await record(app, scope, receive)
        chunks = self._chunks(response.body, scope)
        await stream(scope, receive, send, status=response.status, headers=response.headers, chunks=chunks)

    async def _chunks(self, body: bytes, scope: Scope) -> AsyncGenerator[bytes, None]:
        yield body[: len(body) // 2]
        await break_stream(scope, self.how)


def _receive_from_end(receive: Receive) -> Receive:
    """Return a `receive` that starts with the end of a request, for an app that runs after the body was read."""
    messages: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive_from_end() -> Message:
        return messages.pop() if messages else await receive()

    return receive_from_end
