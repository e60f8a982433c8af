"""What httpx raises for each way in which a connection ends, with the cause that a real one would have."""

from __future__ import annotations

import errno
import os
import socket
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from qovery_sandbox.connection import Drop

if TYPE_CHECKING:
    from collections.abc import Callable


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
