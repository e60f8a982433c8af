"""Reads the files that a step writes for the runner, by the runner's rules."""

from collections.abc import Iterator
from pathlib import Path

SUMMARY_LIMIT = 1024 * 1024


class FileCommandError(Exception):
    """A file has a format for which the runner fails the step."""


def read_outputs(path: Path) -> dict[str, str]:
    """Read ``name=value`` lines and ``name<<delimiter`` blocks."""
    lines = iter(path.read_text(encoding="utf-8").replace("\r\n", "\n").split("\n"))
    return dict(_pairs(lines))


def read_summary(path: Path) -> str:
    """Read the step's summary, which the runner drops if it is too long."""
    if path.stat().st_size > SUMMARY_LIMIT:
        raise FileCommandError(f"$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of {SUMMARY_LIMIT}")
    return path.read_text(encoding="utf-8")


def _pairs(lines: Iterator[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        if not line:
            continue
        equals, heredoc = line.find("="), line.find("<<")
        if equals >= 0 and (heredoc < 0 or equals < heredoc):
            name, value = line[:equals], line[equals + 1 :]
        elif heredoc >= 0:
            name, value = line[:heredoc], _block(lines, line[heredoc + 2 :])
        else:
            raise FileCommandError(f"Invalid format {line!r}")
        if not name:
            raise FileCommandError(f"Invalid format {line!r}. Name must not be empty")
        yield name, value


def _block(lines: Iterator[str], delimiter: str) -> str:
    if not delimiter:
        raise FileCommandError("Invalid format. Delimiter must not be empty")
    block: list[str] = []
    for line in lines:
        if line == delimiter:
            return "\n".join(block)
        block.append(line)
    raise FileCommandError(f"Invalid value. Matching delimiter not found {delimiter!r}")
