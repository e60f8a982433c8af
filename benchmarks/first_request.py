"""How long a program takes from its start to its first request, and how much memory it needs at most."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.memory import peak_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_WITHIN = 120.0
_ANSWER = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


@dataclass(frozen=True, kw_only=True)
class Start:
    """`seconds` to the first request; `peak` memory in MiB until then."""

    seconds: float
    peak: float


def measure(command: Sequence[str], environment: Mapping[str, str]) -> Start:
    """Start a program; `{url}` in its environment is where its request is waited for. It is ended after that."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        server.settimeout(_WITHIN)
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        arrived: list[float] = []
        listener = threading.Thread(target=_answer, args=(server, arrived), daemon=True)
        listener.start()
        began = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603
            command,
            env={name: value.replace("{url}", url) for name, value in environment.items()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        listener.join(_WITHIN)
        peak = peak_of(process.pid)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    if not arrived or peak is None:
        raise RuntimeError(f"{command[0]} made no request within {_WITHIN:.0f} s")
    return Start(seconds=arrived[0] - began, peak=peak)


def _answer(server: socket.socket, arrived: list[float]) -> None:
    connection, _ = server.accept()
    with connection:
        if connection.recv(1):
            arrived.append(time.perf_counter())
        connection.sendall(_ANSWER)
