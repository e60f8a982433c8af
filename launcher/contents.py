"""Checks whether a directory is unchanged, by a list of checksums that `sha256sum --check` reads too.

Its last line is a comment with a key: what was written in part lacks it, and what was made for something else has
another.
"""

import hashlib
import sys
from collections.abc import Iterator
from importlib.util import MAGIC_NUMBER
from pathlib import Path

SUMS = "SHA256SUMS"

# How bytecode begins that this Python loads without reading its source.
_UNCHECKED = MAGIC_NUMBER + b"\1\0\0\0"


def record(directory: Path, key: str) -> None:
    """Write the checksums of all that is in a directory."""
    paths = sorted(path for path in directory.rglob("*") if path.is_file() and path != directory / SUMS)
    lines = [f"{_sum(path.read_bytes())}  {path.relative_to(directory).as_posix()}" for path in paths]
    # In bytes: Windows would end the lines otherwise.
    (directory / SUMS).write_bytes("\n".join([*lines, f"# {key}", ""]).encode())


def is_intact(directory: Path, key: str, parts: tuple[str, ...] = ("",)) -> bool:
    """Whether all that this Python can load from these parts of a directory is as it was recorded for a key.

    Parts are paths that end in a slash.
    """
    try:
        lines = (directory / SUMS).read_bytes().decode().splitlines()
        is_whole = bool(lines) and lines[-1] == f"# {key}"
        return is_whole and all(_is_as(checksum, f"{directory}/{path}") for checksum, path in _loadable(lines, parts))
    except (OSError, ValueError):
        return False


def _loadable(lines: list[str], parts: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    files = [(line[:64], line[66:]) for line in lines[:-1] if line.startswith(parts, 66)]
    # Python reads no source beside its own bytecode: what is recorded is never compared with it.
    own = f".{sys.implementation.cache_tag}.pyc"
    compiled = {path.replace("__pycache__/", "").removesuffix(own) for _, path in files if path.endswith(own)}
    for checksum, path in files:
        stem, _, kind = path.rpartition(".")
        if kind == "pyc" and not path.endswith(own):
            continue
        if (kind == "py" and stem in compiled) or ".dist-info/" in path:
            continue
        yield checksum, path


def _is_as(checksum: str, path: str) -> bool:
    content = _read(path)
    # Bytecode of another kind would lead Python to the source.
    return (not path.endswith(".pyc") or content.startswith(_UNCHECKED)) and _sum(content) == checksum


def _read(path: str) -> bytes:
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - a step reads a hundred, and pathlib takes its time
        return file.read()


def _sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
