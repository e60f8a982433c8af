"""An httpx transport that calls the sandbox without a socket."""

from __future__ import annotations

import errno
import os
import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import anyio
import httpx

from qovery_sandbox.connection import DROP, STREAM, Drop

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from starlette.types import ASGIApp, Receive, Scope, Send


class DroppedConnectionError(Exception):
    """Raised by a fault for the transport."""

    def __init__(self, kind: Drop) -> None:
        super().__init__(kind.name)
        self.kind = kind


@dataclass(frozen=True, kw_only=True)
class ConnectionFailure:
    """The httpx error of a failed connection, and its cause, as with a real connection."""

    error: type[httpx.TransportError]
    message: str
    cause: Callable[[], OSError | None] = lambda: None

    def error_for(self, request: httpx.Request, *, message: str | None = None) -> httpx.TransportError:
        """Return the error, with another message if given."""
        return self.error(self.message if message is None else message, request=request)


FAILURES = {
    Drop.REFUSED: ConnectionFailure(
        error=httpx.ConnectError,
        message="All connection attempts failed",
        cause=lambda: ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED)),
    ),
    Drop.UNREACHABLE: ConnectionFailure(error=httpx.ConnectTimeout, message=""),
    Drop.UNRESOLVED: ConnectionFailure(
        error=httpx.ConnectError,
        message="[Errno -2] Name or service not known",
        cause=lambda: socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
    ),
    Drop.UNTRUSTED: ConnectionFailure(
        error=httpx.ConnectError,
        message="[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate (_ssl.c:1006)",
        cause=lambda: ssl.SSLCertVerificationError(1, "certificate verify failed: self-signed certificate"),
    ),
    Drop.RESET: ConnectionFailure(
        error=httpx.ReadError,
        message="",
        cause=lambda: ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET)),
    ),
    Drop.CLOSED: ConnectionFailure(
        error=httpx.RemoteProtocolError, message="Server disconnected without sending a response."
    ),
}


_INCOMPLETE_BODY = "peer closed connection without sending complete message body (incomplete chunked read)"


@dataclass
class SandboxTransport(httpx.AsyncBaseTransport):
    """Calls `app` for an `httpx.AsyncClient`, on the client's clock. Faults raise the errors that httpx would raise.

    The client's read timeout applies to the response and to each chunk of a body. If `origin` is given, requests to
    another origin fail and are kept in `misdirected`.
    """

    app: ASGIApp
    origin: str | None = None
    misdirected: list[httpx.Request] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._is_misdirected(request):
            self.misdirected.append(request)
            failure = FAILURES[Drop.UNRESOLVED]
            raise failure.error_for(request) from failure.cause()
        call = _Call(app=self.app, request=request)
        try:
            with anyio.fail_after(call.timeout("read")):
                response = await httpx.ASGITransport(app=call).handle_async_request(request)
        except DroppedConnectionError as error:
            if error.kind is Drop.UNREACHABLE:
                await anyio.sleep(call.timeout("connect") or 0)
            failure = FAILURES[error.kind]
            raise failure.error_for(request) from failure.cause()
        except TimeoutError as error:
            raise httpx.ReadTimeout("", request=request) from error
        return call.streamed(response)

    def _is_misdirected(self, request: httpx.Request) -> bool:
        if self.origin is None:
            return False
        origin, url = httpx.URL(self.origin), request.url
        return (url.scheme, url.host, url.port) != (origin.scheme, origin.host, origin.port)


@dataclass
class _Call:
    """The app for one call, with the ASGI extensions that faults need."""

    app: ASGIApp
    request: httpx.Request
    chunks: AsyncGenerator[bytes, None] | None = None

    def timeout(self, kind: str) -> float | None:
        seconds: float | None = self.request.extensions.get("timeout", {}).get(kind)
        return seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["extensions"] = {DROP: self._drop, STREAM: self._keep}
        await self.app(scope, receive, send)

    def streamed(self, response: httpx.Response) -> httpx.Response:
        if self.chunks is None:
            return response
        stream = _Stream(self.chunks, request=self.request, timeout=self.timeout("read"))
        return httpx.Response(response.status_code, headers=response.headers, stream=stream)

    async def _drop(self, kind: Drop) -> None:
        raise DroppedConnectionError(kind)

    def _keep(self, chunks: AsyncGenerator[bytes, None]) -> None:
        self.chunks = chunks


class _Stream(httpx.AsyncByteStream, AsyncIterator[bytes]):
    """A body in chunks. The read timeout applies to each chunk."""

    def __init__(
        self,
        chunks: AsyncGenerator[bytes, None],
        *,
        request: httpx.Request,
        timeout: float | None,
    ) -> None:
        self._chunks = chunks
        self._request = request
        self._timeout = timeout

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        try:
            with anyio.fail_after(self._timeout):
                return await anext(self._chunks)
        except DroppedConnectionError as error:
            failure, message = FAILURES[error.kind], _INCOMPLETE_BODY if error.kind is Drop.CLOSED else None
            raise failure.error_for(self._request, message=message) from failure.cause()
        except TimeoutError as error:
            raise httpx.ReadTimeout("", request=self._request) from error

    async def aclose(self) -> None:
        await self._chunks.aclose()
