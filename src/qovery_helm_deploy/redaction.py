"""Removes the token from texts, also parts of it and encoded forms."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic import SecretStr

_MASK = "***"
#: Characters in a row of the token that are redacted as a part of it.
_SHORTEST_PART = 12
#: Wherever such a part begins in a text, it contains a whole block of this size, counted from the text's beginning.
_BLOCK = _SHORTEST_PART // 2
#: A shorter text is no token; to replace its letters would make every text unreadable.
_SHORTEST_TOKEN = 4


class Redactor:
    """Replaces the token, and every part of it of 12 characters or more, with `***`."""

    def __init__(self, token: SecretStr) -> None:
        secret = token.get_secret_value()
        forms = (
            {form for form in _forms(secret) if len(form) >= _SHORTEST_TOKEN}
            if len(secret) >= _SHORTEST_TOKEN
            else set()
        )
        self._forms = tuple(sorted(forms, key=len, reverse=True))
        self._parts, self._blocks = _pieces(forms, _SHORTEST_PART), _pieces(forms, _BLOCK)

    def __call__(self, text: str) -> str:
        for form in self._forms:
            text = text.replace(form, _MASK)
        if not any(text[start : start + _BLOCK] in self._blocks for start in range(0, len(text), _BLOCK)):
            return text
        starts = [
            start
            for start in range(len(text) - _SHORTEST_PART + 1)
            if text[start : start + _SHORTEST_PART] in self._parts
        ]
        return _without(text, starts)


def _pieces(forms: Iterable[str], size: int) -> frozenset[str]:
    return frozenset(form[start : start + size] for form in forms for start in range(len(form) - size + 1))


def _without(text: str, starts: list[int]) -> str:
    """Replace the part at each start; parts that overlap or touch are replaced as one."""
    kept, end = "", 0
    for start in starts:
        if start > end or not kept:
            kept += text[end:start] + _MASK
        end = start + _SHORTEST_PART
    return kept + text[end:]


def _forms(secret: str) -> Iterator[str]:
    octets = secret.encode(errors="surrogateescape")
    yield secret
    yield json.dumps(secret)[1:-1]
    yield quote(octets, safe="")
    for digits in (octets.hex(), octets.hex().upper()):
        yield digits
        yield "".join(f"%{digits[at : at + 2]}" for at in range(0, len(digits), 2))
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for before in range(3):
            # Within the base64 form of a longer text, the first and last digits also encode neighbouring characters.
            encoded = encode(b" " * before + octets).decode().rstrip("=")
            yield encoded[-(-before * 4 // 3) : -1] if len(encoded) > _SHORTEST_PART else ""
