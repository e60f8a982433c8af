"""Makes texts from outside harmless where the runner or a reader's browser would interpret them."""

from __future__ import annotations

import re

#: The live log cuts a line at 1,024 characters.
LONGEST_LINE = 1000
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

    `::` counts at a line's start, the old `##[` anywhere in it. Characters that do not print, such as terminal escapes
    and those that change the direction of writing, are replaced.
    """
    line = " ".join(text.split())
    if not line.isprintable():
        line = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in line)
    line = line.replace("##[", "## [")
    if line.startswith("::"):
        line = f": {line[1:]}"
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def as_markdown(text: str, *, longest: int = 500) -> str:
    """Turn a text into Markdown that shows it within a line, with neither markup nor mentions nor links of its own."""
    return _MARKUP.sub(_escaped, inert(text, longest=longest))


def as_code(text: str, *, longest: int = 200) -> str:
    """Turn an id, a state or a version into a code span, in which only backticks and a table's bars mean anything."""
    code = inert(text, longest=longest).replace("`", "'").replace("|", "\\|")
    return f"`{code}`" if code else ""


def _escaped(match: re.Match[str]) -> str:
    return _ENTITIES.get(match[0], f"\\{match[0]}")
