"""Finds what a step leaves running, as the runner does: by a variable that all of the step's processes inherit."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

VARIABLE = "RUNNER_TRACKING_ID"

_PROCESSES = Path("/proc")
#: Seconds that a process which was killed may take to be gone; one that was left running takes longer.
_DYING = 0.1


def end_all(tracking: str) -> list[str]:
    """Kill them, and return their command lines. Where there is no /proc, none are found."""
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
            # What a process that has ended leaves until its parent takes notice has no environment any more.
            if variable in (process / "environ").read_bytes().split(b"\0"):
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                yield int(process.name), command.strip()
