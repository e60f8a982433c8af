"""Faults of the connection and of time: what a network does to calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import anyio

from qovery_sandbox.connection import Drop, break_stream, drop, stream, wait_for_disconnect
from qovery_sandbox.recording import record

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from qovery_sandbox.faults import Fault


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
