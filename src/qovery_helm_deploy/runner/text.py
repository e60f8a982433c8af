"""Makes texts from outside harmless where the runner or a reader's browser would interpret them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qovery_helm_deploy.shortening import JOINER, pieces, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The live log cuts a line at 1,024 characters.
LONGEST_LINE = 1000
#: Characters of a reason or hint that leave room for other texts in an annotation of 4,096.
LONGEST_PROSE = 2500
#: Characters of one line of a text of several lines; more is cut in the middle.
_LONGEST_WRAPPED = 10_000
_LAST_ASCII = "\x7f"
_MARKUP = re.compile(r"[\\`*_\[\]<>|~$&@]|://|www\.")
_ENTITIES = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    "@": "&#64;",
    "://": "&#58;//",
    "www.": "www&#46;",
}


def inert(text: str, *, longest: int = LONGEST_LINE) -> str:
    """Turn a text into one line in which the runner sees no workflow command.

    A text longer than `longest` is cut in the middle. Characters that do not print, such as terminal escapes and those
    that change the direction of writing, are replaced.
    """
    return shortened(_disarmed(" ".join(text.split())), longest)


def inert_lines(text: str, *, longest: int = LONGEST_LINE) -> Iterator[str]:
    """Yield the lines of a text, inert as by `inert`, with their indentation; longer ones are wrapped."""
    for line in text.splitlines() or [""]:
        spaced = re.sub(r"\s", " ", line.expandtabs()).rstrip()
        yield from pieces(_disarmed(shortened(spaced, _LONGEST_WRAPPED)), longest)


def _disarmed(line: str) -> str:
    """Replace what the runner obeys, `::` at a line's start and the old `##[` anywhere, and what does not print."""
    if not line.isprintable():
        line = "".join(
            character if character.isprintable() or _is_joining(line, at) else "\N{REPLACEMENT CHARACTER}"
            for at, character in enumerate(line)
        )
    return re.sub(r"^(\s*):(?=:)", r"\1: ", line.replace("##[", "## ["))


def _is_joining(line: str, at: int) -> bool:
    """Return whether a character joins two others into one, as in emoji of several people."""
    before, after = line[max(at - 1, 0) : at], line[at + 1 : at + 2]
    return line[at] == JOINER and before > _LAST_ASCII and after > _LAST_ASCII


def as_markdown(text: str, *, longest: int = 500) -> str:
    """Turn a text into Markdown that shows it within a line, with neither markup nor mentions nor links of its own."""
    return _MARKUP.sub(_escaped, inert(text, longest=longest))


def as_code(text: str, *, longest: int = 200) -> str:
    """Turn an id, a state or a version into a code span, in which only backticks and a table's bars mean anything."""
    code = inert(text, longest=longest).replace("`", "'").replace("|", "\\|")
    return f"`{code}`" if code else ""


def _escaped(match: re.Match[str]) -> str:
    return _ENTITIES.get(match[0], f"\\{match[0]}")
