from __future__ import annotations

import pytest

from qovery_helm_deploy.shortening import pieces, shortened

CODER = "👩🏽\u200d💻"
FAMILY = "👩\u200d👩\u200d👧\u200d👦"


@pytest.mark.parametrize(
    ("text", "longest", "expected"),
    [
        pytest.param("x" * 10, 10, "x" * 10, id="short enough"),
        pytest.param("abcdefghijk", 10, "abcd…ghijk", id="too long"),
        pytest.param("abcdefghijk", 9, "abcd…hijk", id="an odd length"),
        pytest.param(f"abc{CODER}efghijklmnop", 11, "abc…lmnop", id="joined emoji at the first cut"),
        pytest.param(f"abcdefghijk{FAMILY}nop", 9, "abcd…nop", id="joined emoji at the second cut"),
        pytest.param("abce\u0301fghijklm", 9, "abc…jklm", id="a combining accent"),
        pytest.param(f"abcd{FAMILY}", 9, "abcd…", id="joined emoji at the end"),
    ],
)
def test_shortens_in_the_middle(text: str, longest: int, expected: str) -> None:
    assert shortened(text, longest) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("abc", ["abc"], id="short enough"),
        pytest.param("", [""], id="nothing"),
        pytest.param("abcdefghijk", ["abcde", "fghij", "k"], id="too long"),
        pytest.param(f"abc{CODER}f", ["abc", f"{CODER}f"], id="joined emoji stay whole"),
        pytest.param("\u200d" * 7, ["\u200d" * 5, "\u200d" * 2], id="nothing but joiners"),
    ],
)
def test_splits_into_pieces(text: str, expected: list[str]) -> None:
    assert pieces(text, 5) == expected
