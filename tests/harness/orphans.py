"""Finds what a step leaves running, as the runner does: by a variable that all of the step's processes inherit."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

VARIABLE = "RUNNER_TRACKING_ID"

_PROCESSES = Path("/proc")


def end_all(tracking: str) -> list[str]:
    """Kill them, and return their command lines. Where there is no /proc, none are found."""
    orphans = dict(_find(f"{VARIABLE}={tracking}".encode()))
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
