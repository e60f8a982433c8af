"""Faults: rules that select calls, and what happens to a selected call."""

from __future__ import annotations

import json
import random
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


class Fault(Protocol):
    """Stands between the caller and `app`, which answers properly when it is let."""

    async def __call__(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send, /) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call about to be served; `number` counts those with this method and path template from 1."""

    method: str
    path: str
    number: int
    at: float
    random: random.Random = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class When:
    """Picks calls; everything given has to apply. `path` is a template, `since` and `until` are world seconds."""

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
    """What befalls the calls that `when` picks, by `When` or any other function of a call."""

    when: Callable[[Call], bool]
    fault: Fault


@dataclass(kw_only=True)
class Faults:
    """Rules in order, the first one nearest to the caller; a call may be picked by several."""

    rules: list[Rule] = field(default_factory=list)
    seed: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 - repeatability is the point
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(self, when: Callable[[Call], bool], fault: Fault) -> None:
        self.rules.append(Rule(when, fault))

    def strike(self, *, method: str, path: str, at: float) -> list[Fault]:
        """Count a call and tell what befalls it."""
        self._counts[method, path] += 1
        call = Call(method=method, path=path, number=self._counts[method, path], at=at, random=self._random)
        return [rule.fault for rule in self.rules if rule.when(call)]


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


@dataclass(frozen=True)
class Dropped:
    """The connection ends before anything is accepted."""

    how: Drop = Drop.RESET

    async def __call__(self, _app: ASGIApp, scope: Scope, receive: Receive, _send: Send) -> None:
        await drop(scope, receive, self.how)


@dataclass(frozen=True)
class AnswerLost:
    """The call is served, but its answer is lost: the caller sees `then` instead."""

    then: Fault = field(default_factory=Dropped)

    async def __call__(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await record(app, scope, receive)
        await self.then(answer.response(), scope, _again(receive), send)


@dataclass(frozen=True)
class Hang:
    """No answer ever, nor is anything accepted; within `AnswerLost`, it is."""

    async def __call__(self, _app: ASGIApp, _scope: Scope, receive: Receive, _send: Send) -> None:
        await wait_for_disconnect(receive)


@dataclass(frozen=True)
class Late:
    """The call is served `before` seconds late, and its answer sent `after` seconds later."""

    before: float = 0.0
    after: float = 0.0

    async def __call__(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        await anyio.sleep(self.before)
        answer = await record(app, scope, receive)
        await anyio.sleep(self.after)
        await answer.response()(scope, receive, send)


@dataclass(frozen=True)
class Dripping:
    """The body comes in pieces of `size` bytes, one every `interval` seconds; an endless one never finishes."""

    interval: float = 1.0
    size: int = 1
    is_endless: bool = field(default=False, kw_only=True)

    async def __call__(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await record(app, scope, receive)
        headers = answer.headers_without_length()
        chunks = self._chunks(answer.body)
        await stream(scope, receive, send, status=answer.status, headers=headers, chunks=chunks)

    async def _chunks(self, body: bytes) -> AsyncGenerator[bytes, None]:
        for start in range(0, len(body), self.size):
            await anyio.sleep(self.interval)
            yield body[start : start + self.size]
        while self.is_endless:
            await anyio.sleep(self.interval)
            yield b" "


@dataclass(frozen=True)
class CutOff:
    """The connection ends in the middle of the body."""

    how: Drop = Drop.CLOSED

    async def __call__(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await record(app, scope, receive)
        chunks = self._chunks(answer.body, scope)
        await stream(scope, receive, send, status=answer.status, headers=answer.headers, chunks=chunks)

    async def _chunks(self, body: bytes, scope: Scope) -> AsyncGenerator[bytes, None]:
        yield body[: len(body) // 2]
        await break_stream(scope, self.how)


def _again(receive: Receive) -> Receive:
    """Give the end of a request to somebody who comes after it was read."""
    messages: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive_again() -> Message:
        return messages.pop() if messages else await receive()

    return receive_again
