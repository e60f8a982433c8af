"""A TLS server and a proxy in front of it, on real sockets."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import trustme

_ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}"


def server_context(ca: trustme.CA, *hosts: str) -> ssl.SSLContext:
    """Return a context with a certificate for these hosts, else for this machine."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(*(hosts or ("127.0.0.1", "localhost"))).configure_cert(context)
    return context


@contextlib.contextmanager
def serving(context: ssl.SSLContext | None) -> Iterator[int]:
    """Answer every call with 200; yield the port."""

    def answer(client: socket.socket) -> None:
        client.recv(65536)
        client.sendall(_ANSWER)

    with _listening(answer, context) as port:
        yield port


@contextlib.contextmanager
def proxying(to: int, seen: list[bytes], *, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Connect every CONNECT request to the port `to` of this machine, keep its head in `seen`, and yield the port."""

    def lead(client: socket.socket) -> None:
        seen.append(client.recv(65536))
        with socket.create_connection(("127.0.0.1", to)) as beyond:
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            back = threading.Thread(target=_copy, args=(beyond, client), daemon=True)
            back.start()
            _copy(client, beyond)
            beyond.shutdown(socket.SHUT_RDWR)
            back.join()

    with _listening(lead, context) as port:
        yield port


@contextlib.contextmanager
def _listening(handle: Callable[[socket.socket], None], context: ssl.SSLContext | None) -> Iterator[int]:
    def take(client: socket.socket) -> None:
        with contextlib.suppress(OSError), client, _wrapped(client, context) as wrapped:
            handle(wrapped)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=take, args=(listener.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def _wrapped(client: socket.socket, context: ssl.SSLContext | None) -> socket.socket:
    return context.wrap_socket(client, server_side=True) if context else client


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
