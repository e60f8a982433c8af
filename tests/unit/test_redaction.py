from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from pydantic import SecretStr

from qovery_helm_deploy.redaction import Redactor
from tests.unit.examples import SECRET

if TYPE_CHECKING:
    from collections.abc import Callable

OCTETS = SECRET.encode()


def redact(text: str, *, token: str = SECRET) -> str:
    return Redactor(SecretStr(token))(text)


def longest_shared(text: str, other: str) -> int:
    """Return the length of the longest text that both contain."""
    longest = 0
    for start in range(len(other)):
        while start + longest < len(other) and other[start : start + longest + 1] in text:
            longest += 1
    return longest


@pytest.mark.parametrize(
    "form",
    [
        pytest.param(SECRET, id="plain"),
        pytest.param(OCTETS.hex(), id="hexadecimal"),
        pytest.param(OCTETS.hex().upper(), id="hexadecimal, upper case"),
        pytest.param(quote(SECRET, safe=""), id="percent-encoded"),
        pytest.param("".join(f"%{octet:02x}" for octet in OCTETS), id="fully percent-encoded"),
        pytest.param("".join(f"%{octet:02X}" for octet in OCTETS), id="fully percent-encoded, upper case"),
        pytest.param(SECRET[:20], id="beginning"),
        pytest.param(SECRET[-20:], id="end"),
        pytest.param(SECRET[5:17], id="twelve characters in the middle"),
    ],
)
def test_redacts_token_in_text(form: str) -> None:
    assert redact(f"invalid credentials: {form}; try again") == "invalid credentials: ***; try again"


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("before", ["", "T", "To", "Tok", "Authorization: Token "])
@pytest.mark.parametrize("after", ["", "\n", "; x"])
def test_redacts_token_in_base64(encode: Callable[[bytes], bytes], before: str, after: str) -> None:
    encoded = encode(f"{before}{SECRET}{after}".encode()).decode()
    shown = redact(encoded)
    assert "***" in shown
    assert longest_shared(shown, encode(OCTETS).decode()) < 12


def test_keeps_other_text() -> None:
    assert redact("a deployment of qov_api in 0123456789") == "a deployment of qov_api in 0123456789"


def test_redacts_every_occurrence() -> None:
    assert redact(f"{SECRET},{SECRET[:15]} and {SECRET}") == "***,*** and ***"


def test_redacts_overlapping_pieces_once() -> None:
    assert redact(SECRET[:14] + SECRET[3:20]) == "***"


def test_redacts_a_piece_at_the_start() -> None:
    assert redact(f"{SECRET[2:15]} was seen") == "*** was seen"


@pytest.mark.parametrize("before", [" " * length for length in range(12)], ids=len)
def test_redacts_every_piece_of_twelve_characters(before: str) -> None:
    pieces = [SECRET[start : start + 12] for start in range(len(SECRET) - 11)]
    assert {redact(f"{before}{piece} was seen") for piece in pieces} == {f"{before}*** was seen"}


def test_keeps_pieces_under_twelve_characters() -> None:
    assert redact(f"x{SECRET[:11]}") == f"x{SECRET[:11]}"


@pytest.mark.parametrize("token", ["", "a", "abc"])
def test_keeps_text_for_very_short_tokens(token: str) -> None:
    assert redact("abc abcabc a", token=token) == "abc abcabc a"


def test_redacts_a_short_token() -> None:
    assert redact("it is s3cr3t, or 733363723374", token="s3cr3t") == "it is ***, or ***"  # noqa: S106


def test_redacts_a_token_escaped_in_json() -> None:
    assert redact(json.dumps({"token": 'ab"cd\\ef'}), token='ab"cd\\ef') == '{"token": "***"}'  # noqa: S106


def test_accepts_a_token_that_is_not_utf_8() -> None:
    assert redact("nothing in here", token="abc\udcffdef") == "nothing in here"  # noqa: S106
