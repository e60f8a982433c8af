"""Finds the processes that a step left running, by a variable that they inherit, as the runner does."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

VARIABLE = "RUNNER_TRACKING_ID"

_PROCESSES = Path("/proc")
#: Seconds within which a killed process disappears.
_DYING = 0.1


def end_all(tracking: str) -> list[str]:
    """Kill the processes of a step, and return their command lines. Without /proc, none are found."""
    variable = f"{VARIABLE}={tracking}".encode()
    seen = dict(_find(variable))
    if seen:
        time.sleep(_DYING)
    orphans = {pid: command for pid, command in _find(variable) if pid in seen}
    for pid in orphans:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return list(orphans.values())


def _find(variable: bytes) -> Iterator[tuple[int, str]]:
    for process in _PROCESSES.glob("[0-9]*"):
        # A process may end, or belong to another user.
        with suppress(OSError):
            # A process that has ended, but that its parent has not waited for, has no environment.
            if variable in (process / "environ").read_bytes().split(b"\0"):
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                yield int(process.name), command.strip()
