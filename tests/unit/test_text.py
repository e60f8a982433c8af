from __future__ import annotations

import pytest

from qovery_helm_deploy.durations import human_duration
from qovery_helm_deploy.runner.text import as_code, as_markdown, inert, inert_lines
from tests.unit.examples import MARKUP


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("all is well", "all is well", id="plain text"),
        pytest.param("a\r\nb\n\n  c\x0bd\x85e\u2028f", "a b c d e f", id="several lines"),
        pytest.param("::error::x", ": :error::x", id="a command at the start"),
        pytest.param("  \n ::error::x", ": :error::x", id="a command after white space"),
        pytest.param("x ::error::y", "x ::error::y", id="colons within the text"),
        pytest.param(":: ::x", ": : ::x", id="only colons"),
        pytest.param("x ##[error]y", "x ## [error]y", id="old command within the text"),
        pytest.param("###[[a]##[b]", "### [[a]## [b]", id="nested old commands"),
        pytest.param("##\n[error]x", "## [error]x", id="an old command over two lines"),
        pytest.param("\x1b[31mred\x07", "�[31mred�", id="terminal escapes"),
        pytest.param("a\u202eb\u200bc\ufeff", "a�b�c�", id="bidirectional and invisible characters"),
        pytest.param("\ud800", "�", id="lone surrogate"),
        pytest.param("\u200b::error::x", "�::error::x", id="command after an invisible character"),
        pytest.param("é 💥 日本", "é 💥 日本", id="other scripts"),
        pytest.param("👩🏽\u200d💻 👁\ufe0f\u200d🗨", "👩🏽\u200d💻 👁\ufe0f\u200d🗨", id="joined emoji"),
        pytest.param("a\u200db \u200d💻\u200d", "a�b �💻�", id="stray joiners"),
    ],
)
def test_neutralizes_commands_in_text(text: str, shown: str) -> None:
    assert inert(text) == shown


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("", [""], id="empty"),
        pytest.param("NAME   READY\nshop   0/1", ["NAME   READY", "shop   0/1"], id="a table of pods"),
        pytest.param("  at a.b\r\n\tat c.d  ", ["  at a.b", "        at c.d"], id="a stack trace"),
        pytest.param("  ::error::x\n::y", ["  : :error::x", ": :y"], id="commands"),
        pytest.param("a  ##[error]b", ["a  ## [error]b"], id="old commands"),
        pytest.param("a\u2028b\x0bc\u00a0d", ["a", "b", "c d"], id="other line breaks"),
        pytest.param("abcdefghijk", ["abcde", "fghij", "k"], id="a long line"),
        pytest.param("abc👩🏽\u200d💻", ["abc", "👩🏽\u200d💻"], id="joined emoji at the end of a line"),
    ],
)
def test_neutralizes_lines_and_keeps_layout(text: str, lines: list[str]) -> None:
    assert list(inert_lines(text, longest=5 if len(text) < 12 and "abc" in text else 20)) == lines


def test_cuts_long_lines_in_the_middle() -> None:
    lines = list(inert_lines(f"{'x' * 1_000_000} the cause"))
    assert sum(len(line) for line in lines) == 10_000
    assert lines[-1].endswith("x the cause")


def test_neutralizing_twice_changes_nothing() -> None:
    once = inert("##[##[a]]::x\n::y##[")
    assert inert(once) == once


@pytest.mark.parametrize(("length", "shown"), [(10, "x" * 10), (11, "xxxx…xxxxx")])
def test_shortens_text_beyond_the_limit(length: int, shown: str) -> None:
    assert inert("x" * length, longest=10) == shown


def test_text_has_a_default_limit() -> None:
    assert len(inert("x" * 5000)) == 1000


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("v1.2.3-rc, 50% (ok)!", "v1.2.3-rc, 50% (ok)!", id="plain text"),
        pytest.param("<b>&amp;", "&lt;b&gt;&amp;amp;", id="elements and entities"),
        pytest.param("*a* _b_ `c` ~~d~~", r"\*a\* \_b\_ \`c\` \~\~d\~\~", id="emphasis and code"),
        pytest.param("![x](y) [^1]", r"!\[x\](y) \[^1\]", id="links, images and footnotes"),
        pytest.param("a | b", r"a \| b", id="table bar"),
        pytest.param("\\| \\<", r"\\\| \\&lt;", id="backslashes"),
        pytest.param("@org/team a@b.test", "&#64;org/team a&#64;b.test", id="mentions and mail addresses"),
        pytest.param("https://evil.test", "https&#58;//evil.test", id="addresses"),
        pytest.param("wwww.evil.test", "wwww&#46;evil.test", id="addresses without a scheme"),
        pytest.param("$x$ $$y$$", r"\$x\$ \$\$y\$\$", id="formulas"),
        pytest.param("a\n# b\n- c", "a # b - c", id="headings and lists"),
        pytest.param("::x", ": :x", id="commands"),
    ],
)
def test_escapes_markdown(text: str, shown: str) -> None:
    assert as_markdown(text) == shown


def test_escaped_markdown_is_bounded() -> None:
    assert len(as_markdown("&" * 100_000)) < 500 * 6


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("DEPLOYED", "`DEPLOYED`", id="a state"),
        pytest.param("", "", id="empty"),
        pytest.param(" \n", "", id="white space"),
        pytest.param("a`b``c", "`a'b''c`", id="backticks"),
        pytest.param("a|b", r"`a\|b`", id="table bar"),
        pytest.param("a\n::b", "`a ::b`", id="several lines"),
        pytest.param("x" * 300, f"`{'x' * 99}…{'x' * 100}`", id="long text"),
    ],
)
def test_writes_code_spans(text: str, shown: str) -> None:
    assert as_code(text) == shown


def test_markup_cannot_end_a_code_span() -> None:
    assert as_code(MARKUP).count("`") == 2


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.0, "0s"), (42.4, "42s"), (59.6, "1m 00s"), (187.0, "3m 07s"), (3600.0, "1h 00m"), (90_300.0, "25h 05m")],
)
def test_formats_a_duration(seconds: float, words: str) -> None:
    assert human_duration(seconds) == words
