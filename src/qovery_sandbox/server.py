"""An HTTP server for the sandbox."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
import time
from concurrent.futures import Future
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from qovery_sandbox.app import create_app
from qovery_sandbox.connection import DROP, Drop
from qovery_sandbox.world import World

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from starlette.types import ASGIApp, Receive, Scope, Send

    from qovery_sandbox.faults import Faults

T = TypeVar("T")

#: With this option, closing a socket resets the connection.
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


def realtime_world(*, speed: float = 1.0, seed: int = 0) -> World:
    """Return a world on the real clock. `speed` is the number of simulated seconds per real second."""
    start = time.monotonic()
    return World(lambda: (time.monotonic() - start) * speed, seed=seed, epoch=datetime.now(UTC))


def listen(*, host: str = "127.0.0.1", port: int = 0) -> socket.socket:
    """Return a bound socket. Port 0 means any free port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sets TCP_NODELAY only on sockets with an explicit protocol. Without it, each response is 40 ms late.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


def url_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Server(uvicorn.Server):
    """Serves a world. Calls `on_ready` once the server accepts connections."""

    def __init__(
        self, world: World, *, faults: Faults | None = None, on_ready: Callable[[], object] | None = None
    ) -> None:
        super().__init__(
            uvicorn.Config(
                create_app(world, faults),
                http=_DroppableProtocol,
                ws="websockets-sansio",
                lifespan="off",
                log_level="warning",
                access_log=False,
                server_header=False,
                # The application sends a date from the simulated clock.
                date_header=False,
                timeout_graceful_shutdown=1,
            )
        )
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._on_ready:
            self._on_ready()


def serve(
    world: World, listener: socket.socket, *, faults: Faults | None = None, on_ready: Callable[[], object] | None = None
) -> None:
    """Serve until SIGINT or SIGTERM. Must run in the main thread."""
    with contextlib.suppress(KeyboardInterrupt):
        Server(world, faults=faults, on_ready=on_ready).run(sockets=[listener])


class RunningSandbox:
    """A server in a thread, for a `with` block. `with RunningSandbox() as url` gives its URL."""

    def __init__(self, world: World | None = None, *, faults: Faults | None = None) -> None:
        self.world = world or realtime_world()
        self._loop: Future[asyncio.AbstractEventLoop] = Future()
        self._listener = listen()
        self._server = Server(self.world, faults=faults, on_ready=self._set_loop)
        self._thread = threading.Thread(target=self._run, name="qovery-sandbox", daemon=True)
        self.url = url_of(self._listener)

    def __enter__(self) -> str:
        self._thread.start()
        self._loop.result()
        return self.url

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._thread.join()
        self._listener.close()

    def do(self, action: Callable[[], T]) -> T:
        """Call a function in the server's thread, and return the result. Use it for every access to a served world."""
        done: Future[T] = Future()
        self._loop.result().call_soon_threadsafe(_complete, done, action)
        return done.result()

    def _run(self) -> None:
        try:
            self._server.run(sockets=[self._listener])
        except BaseException as error:
            if self._loop.done():
                raise
            self._loop.set_exception(error)

    def _set_loop(self) -> None:
        self._loop.set_result(asyncio.get_running_loop())


def _complete(done: Future[T], action: Callable[[], T]) -> None:
    try:
        done.set_result(action())
    except Exception as error:  # noqa: BLE001 - raised in the calling thread
        done.set_exception(error)


class _DroppableProtocol(H11Protocol):
    """Adds an ASGI extension with which the application can drop the connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in the base class
        super().connection_made(transport)
        self.app = partial(_with_drop, self.app, transport)


async def _with_drop(app: ASGIApp, transport: asyncio.Transport, scope: Scope, receive: Receive, send: Send) -> None:
    scope.setdefault("extensions", {})[DROP] = partial(_drop, transport)
    await app(scope, receive, send)


async def _drop(transport: asyncio.Transport, kind: Drop) -> None:
    if kind is not Drop.CLOSED:
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    transport.abort()
