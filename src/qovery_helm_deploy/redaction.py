"""Takes the token out of texts, also where somebody echoes it in part or encoded."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import SecretStr

_MASK = "***"
#: So many characters in a row of a token, in a text from outside, are taken for a part of it.
_TELLING = 12
#: A shorter token is none; taking its letters out would take words apart.
_SHORTEST = 4


class Redactor:
    """Replaces the token, and parts of it that are telling, with `***`."""

    def __init__(self, token: SecretStr) -> None:
        secret = token.get_secret_value()
        forms = {form for form in _forms(secret) if len(form) >= _SHORTEST} if len(secret) >= _SHORTEST else set()
        self._forms = tuple(sorted(forms, key=len, reverse=True))
        self._parts = frozenset(
            form[start : start + _TELLING] for form in forms for start in range(len(form) - _TELLING + 1)
        )

    def __call__(self, text: str) -> str:
        for form in self._forms:
            text = text.replace(form, _MASK)
        starts = [start for start in range(len(text) - _TELLING + 1) if text[start : start + _TELLING] in self._parts]
        return _without(text, starts) if starts else text


def _without(text: str, starts: list[int]) -> str:
    """Replace what is telling from each start on; what overlaps or touches is replaced as one."""
    kept, end = "", 0
    for start in starts:
        if start > end or not kept:
            kept += text[end:start] + _MASK
        end = start + _TELLING
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
            # Where the token stands in a longer text, its first and last base64 digits mix with its neighbours'.
            encoded = encode(b" " * before + octets).decode().rstrip("=")
            yield encoded[-(-before * 4 // 3) : -1] if len(encoded) > _TELLING else ""
