"""Tells whether a directory still holds what was put there, by a list of checksums that `sha256sum --check` reads too.

Its last line is a comment with a key: what was written in part lacks it, and what was made for something else has
another.
"""

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

SUMS = "SHA256SUMS"


def record(directory: Path, key: str) -> None:
    """Write the checksums of all that is in a directory."""
    paths = sorted(path for path in directory.rglob("*") if path.is_file() and path != directory / SUMS)
    lines = [f"{_sum(path)}  {path.relative_to(directory).as_posix()}" for path in paths]
    # In bytes: Windows would end the lines otherwise.
    (directory / SUMS).write_bytes("\n".join([*lines, f"# {key}", ""]).encode())


def is_intact(directory: Path, key: str, parts: tuple[str, ...] = ("",)) -> bool:
    """Whether these parts of a directory (paths that end in a slash) hold every file as it was recorded for a key."""
    try:
        lines = (directory / SUMS).read_bytes().decode().splitlines()
        is_whole = bool(lines) and lines[-1] == f"# {key}"
        return is_whole and all(_sum(directory / path) == checksum for checksum, path in _recorded(lines, parts))
    except (OSError, ValueError):
        return False


def _recorded(lines: list[str], parts: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    own = f".{sys.implementation.cache_tag}.pyc"
    for line in lines[:-1]:
        checksum, _, path = line.partition("  ")
        # What was compiled for other Pythons is nobody's business here.
        if path.startswith(parts) and (not path.endswith(".pyc") or path.endswith(own)):
            yield checksum, path


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
