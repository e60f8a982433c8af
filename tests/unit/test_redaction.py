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
    """Count the characters in a row that two texts have in common at most."""
    longest = 0
    for start in range(len(other)):
        while start + longest < len(other) and other[start : start + longest + 1] in text:
            longest += 1
    return longest


@pytest.mark.parametrize(
    "form",
    [
        pytest.param(SECRET, id="as it is"),
        pytest.param(OCTETS.hex(), id="in hexadecimal digits"),
        pytest.param(OCTETS.hex().upper(), id="in upper-case hexadecimal digits"),
        pytest.param(quote(SECRET, safe=""), id="percent-encoded where it must be"),
        pytest.param("".join(f"%{octet:02x}" for octet in OCTETS), id="percent-encoded throughout"),
        pytest.param("".join(f"%{octet:02X}" for octet in OCTETS), id="percent-encoded throughout in upper case"),
        pytest.param(SECRET[:20], id="its beginning"),
        pytest.param(SECRET[-20:], id="its end"),
        pytest.param(SECRET[5:17], id="twelve characters out of its middle"),
    ],
)
def test_a_token_is_taken_out_of_a_text(form: str) -> None:
    assert redact(f"invalid credentials: {form}; try again") == "invalid credentials: ***; try again"


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("before", ["", "T", "To", "Tok", "Authorization: Token "])
@pytest.mark.parametrize("after", ["", "\n", "; x"])
def test_a_token_is_taken_out_of_base64_wherever_it_stands_in_it(
    encode: Callable[[bytes], bytes], before: str, after: str
) -> None:
    encoded = encode(f"{before}{SECRET}{after}".encode()).decode()
    shown = redact(encoded)
    assert "***" in shown
    assert longest_shared(shown, encode(OCTETS).decode()) < 12


def test_the_rest_of_the_text_stays() -> None:
    assert redact("a deployment of qov_api in 0123456789") == "a deployment of qov_api in 0123456789"


def test_every_occurrence_is_taken_out() -> None:
    assert redact(f"{SECRET},{SECRET[:15]} and {SECRET}") == "***,*** and ***"


def test_pieces_that_overlap_or_touch_are_taken_out_as_one() -> None:
    assert redact(SECRET[:14] + SECRET[3:20]) == "***"


def test_a_piece_at_the_very_beginning_is_taken_out() -> None:
    assert redact(f"{SECRET[2:15]} was seen") == "*** was seen"


def test_too_short_a_piece_to_tell_stays() -> None:
    assert redact(f"x{SECRET[:11]}") == f"x{SECRET[:11]}"


@pytest.mark.parametrize("token", ["", "a", "abc"])
def test_what_is_too_short_for_a_token_takes_no_words_apart(token: str) -> None:
    assert redact("abc abcabc a", token=token) == "abc abcabc a"


def test_a_short_token_is_taken_out_whole() -> None:
    assert redact("it is s3cr3t, or 733363723374", token="s3cr3t") == "it is ***, or ***"  # noqa: S106


def test_a_token_with_a_quote_is_taken_out_of_json() -> None:
    assert redact(json.dumps({"token": 'ab"cd\\ef'}), token='ab"cd\\ef') == '{"token": "***"}'  # noqa: S106


def test_a_token_that_is_no_text_is_borne() -> None:
    assert redact("nothing in here", token="abc\udcffdef") == "nothing in here"  # noqa: S106
