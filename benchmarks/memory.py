"""The most memory that a process has had, as Linux tells it while the process is there.

What it tells afterwards (`ru_maxrss`) counts what the process was forked from, too.
"""

from __future__ import annotations

import re
from pathlib import Path

_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)


def peak_of(pid: int) -> float | None:
    """Return the peak in MiB, or `None` once the process has ended."""
    try:
        match = _PEAK.search(Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
    except OSError:
        return None
    return int(match[1]) / 1024 if match else None
