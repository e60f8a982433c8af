"""Shortens texts in the middle: what went wrong often stands at the end."""

from __future__ import annotations

import re

#: Characters that belong to the one before them: joiners, variation selectors, skin tones, tags, combining marks.
_ATTACHED = re.compile("[\u0300-\u036f\u200d\u20d0-\u20ff\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
JOINER = "\N{ZERO WIDTH JOINER}"
#: No joined emoji is longer.
_LONGEST_CLUSTER = 32


def shortened(text: str, longest: int) -> str:
    """Return a text of at most so many characters, with `…` in place of its middle."""
    if len(text) <= longest:
        return text
    begin, end = (longest - 1) // 2, len(text) - longest // 2
    return f"{text[: _begin_of_cluster(text, begin)]}…{text[_end_of_cluster(text, end) :]}"


def pieces(text: str, longest: int) -> list[str]:
    """Split a text into pieces of at most so many characters, which together are the text."""
    parts = []
    while len(text) > longest:
        at = _begin_of_cluster(text, longest) or longest
        parts.append(text[:at])
        text = text[at:]
    return [*parts, text]


def _begin_of_cluster(text: str, at: int) -> int:
    """Return where the joined character begins that stands at a place."""
    earliest = max(at - _LONGEST_CLUSTER, 0)
    while earliest < at and _is_inside(text, at):
        at -= 1
    return at


def _end_of_cluster(text: str, at: int) -> int:
    """Return where the joined character ends that stands at a place."""
    latest = min(at + _LONGEST_CLUSTER, len(text))
    while at < latest and _is_inside(text, at):
        at += 1
    return at


def _is_inside(text: str, at: int) -> bool:
    return text[at - 1 : at] == JOINER or _ATTACHED.match(text, at) is not None
