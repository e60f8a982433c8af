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


class DroppedError(Exception):
    """Carries a drop from the fault out to the transport."""

    def __init__(self, how: Drop) -> None:
        super().__init__(how.name)
        self.how = how


@dataclass(frozen=True, kw_only=True)
class Breakage:
    """An httpx error to raise `from` the cause."""

    error: type[httpx.TransportError]
    words: str
    cause: Callable[[], OSError | None] = lambda: None

    def error_for(self, request: httpx.Request, *, words: str | None = None) -> httpx.TransportError:
        """Make the error, with `words` instead of the usual ones."""
        return self.error(self.words if words is None else words, request=request)


BREAKAGES = {
    Drop.REFUSED: Breakage(
        error=httpx.ConnectError,
        words="All connection attempts failed",
        cause=lambda: ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED)),
    ),
    Drop.UNREACHABLE: Breakage(error=httpx.ConnectTimeout, words=""),
    Drop.UNRESOLVED: Breakage(
        error=httpx.ConnectError,
        words="[Errno -2] Name or service not known",
        cause=lambda: socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
    ),
    Drop.UNTRUSTED: Breakage(
        error=httpx.ConnectError,
        words="[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate (_ssl.c:1006)",
        cause=lambda: ssl.SSLCertVerificationError(1, "certificate verify failed: self-signed certificate"),
    ),
    Drop.RESET: Breakage(
        error=httpx.ReadError,
        words="",
        cause=lambda: ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET)),
    ),
    Drop.CLOSED: Breakage(error=httpx.RemoteProtocolError, words="Server disconnected without sending a response."),
}


_CUT_OFF = "peer closed connection without sending complete message body (incomplete chunked read)"


@dataclass
class SandboxTransport(httpx.AsyncBaseTransport):
    """Carries the calls of an `httpx.AsyncClient` to `app`; faults surface as httpx's own errors.

    The client's read timeout holds, also between the pieces of a body. With an `origin`, calls to any other are kept
    in `strays`, token and all, and find nobody there.
    """

    app: ASGIApp
    origin: str | None = None
    strays: list[httpx.Request] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._is_stray(request):
            self.strays.append(request)
            breakage = BREAKAGES[Drop.UNRESOLVED]
            raise breakage.error_for(request) from breakage.cause()
        carriage = _Carriage(app=self.app, request=request)
        try:
            with anyio.fail_after(carriage.timeout("read")):
                response = await httpx.ASGITransport(app=carriage).handle_async_request(request)
        except DroppedError as error:
            if error.how is Drop.UNREACHABLE:
                await anyio.sleep(carriage.timeout("connect") or 0)
            breakage = BREAKAGES[error.how]
            raise breakage.error_for(request) from breakage.cause()
        except TimeoutError as error:
            raise httpx.ReadTimeout("", request=request) from error
        return carriage.streamed(response)

    def _is_stray(self, request: httpx.Request) -> bool:
        if self.origin is None:
            return False
        home, url = httpx.URL(self.origin), request.url
        return (url.scheme, url.host, url.port) != (home.scheme, home.host, home.port)


@dataclass
class _Carriage:
    """The app for one call, with the extensions that faults ask for."""

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

    async def _drop(self, how: Drop) -> None:
        raise DroppedError(how)

    def _keep(self, chunks: AsyncGenerator[bytes, None]) -> None:
        self.chunks = chunks


class _Stream(httpx.AsyncByteStream, AsyncIterator[bytes]):
    """A body that comes piece by piece, each within the read timeout."""

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
        except DroppedError as error:
            breakage, words = BREAKAGES[error.how], _CUT_OFF if error.how is Drop.CLOSED else None
            raise breakage.error_for(self._request, words=words) from breakage.cause()
        except TimeoutError as error:
            raise httpx.ReadTimeout("", request=self._request) from error

    async def aclose(self) -> None:
        await self._chunks.aclose()
