from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from qovery_helm_deploy.redaction import Redactor
from qovery_helm_deploy.runner.console import Console, mask
from tests.unit.examples import COMMANDS, LONG, SECRET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CONSOLE = Console(redact=Redactor(SecretStr(SECRET)))


def in_a_group(console: Console, text: str) -> None:
    with console.group(text):
        pass


METHODS = [
    pytest.param(lambda console, text: console.say(text), None, id="a line"),
    pytest.param(lambda console, text: console.debug(text), "::debug::", id="a debug line"),
    pytest.param(lambda console, text: console.warn(text, title="T"), "::warning title=T::", id="a warning"),
    pytest.param(lambda console, text: console.fail(text, title="T"), "::error title=T::", id="an error"),
    pytest.param(in_a_group, "::group::", id="a group's title"),
]


def obeyed(lines: list[str]) -> Iterator[str]:
    """Yield the commands that the runner would obey: none between stop-commands and its token."""
    word = None
    for line in lines:
        command = line.strip()
        if word is not None:
            word = None if command == f"::{word}::" else word
        elif command.startswith("::stop-commands::"):
            word = command.removeprefix("::stop-commands::")
        elif command.startswith("::") or "##[" in line:
            yield command
    assert word is None


@pytest.mark.parametrize(("write", "command"), METHODS)
def test_untrusted_text_has_no_commands(
    capsys: pytest.CaptureFixture[str], write: Callable[[Console, str], None], command: str | None
) -> None:
    write(CONSOLE, COMMANDS)
    lines = capsys.readouterr().out.splitlines()
    commands = [line for line in obeyed(lines) if line != "::endgroup::"]
    assert [line[: len(command or "")] for line in commands] == ([command] if command else [])
    assert "##[" not in "".join(lines)


@pytest.mark.parametrize(("write", "command"), METHODS)
def test_output_never_shows_the_token(
    capsys: pytest.CaptureFixture[str], write: Callable[[Console, str], None], command: str | None
) -> None:
    write(CONSOLE, f"{SECRET} is {SECRET.encode().hex()}")
    assert f"{command or ''}*** is ***\n" in capsys.readouterr().out


@pytest.mark.parametrize(("write", "command"), METHODS)
def test_output_is_bounded(
    capsys: pytest.CaptureFixture[str], write: Callable[[Console, str], None], command: str | None
) -> None:
    write(CONSOLE, LONG)
    longest = 4000 if command and "title" in command else 1000
    assert len(capsys.readouterr().out.splitlines()[0]) == longest + len(command or "")


def test_an_annotation_keeps_its_percent_signs(capsys: pytest.CaptureFixture[str]) -> None:
    CONSOLE.fail("50%0A", title="A, b: c")
    assert capsys.readouterr().out == "::error title=A%2C b%3A c::50%250A\n"


def test_quoted_text_has_no_commands(capsys: pytest.CaptureFixture[str]) -> None:
    CONSOLE.quote([COMMANDS, "::x::", f"##[endgroup] {SECRET}", ""])
    lines = capsys.readouterr().out.splitlines()
    assert list(obeyed(lines)) == []
    assert lines[-4:-1] == ["│ : :x::", "│ ## [endgroup] ***", "│ "]


def test_quoted_text_keeps_its_layout(capsys: pytest.CaptureFixture[str]) -> None:
    CONSOLE.quote(["NAME   READY\n  shop 0/1", f"{'x' * 1000}the cause"])
    lines = capsys.readouterr().out.splitlines()[1:-1]
    assert lines == ["│ NAME   READY", "│   shop 0/1", f"│ {'x' * 1000}", "│ the cause"]


def test_stop_commands_token_is_random(capsys: pytest.CaptureFixture[str]) -> None:
    CONSOLE.quote([])
    CONSOLE.quote([])
    words = re.findall(r"::stop-commands::([0-9a-f]{32})\n::\1::\n", capsys.readouterr().out)
    assert len(set(words)) == 2


def test_commands_resume_after_interrupted_quote(capsys: pytest.CaptureFixture[str]) -> None:
    def lines() -> Iterator[str]:
        yield "one"
        raise RuntimeError

    with pytest.raises(RuntimeError):
        CONSOLE.quote(lines())
    CONSOLE.debug("on again")
    assert list(obeyed(capsys.readouterr().out.splitlines())) == ["::debug::on again"]


def test_group_is_closed_after_an_exception(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError), CONSOLE.group("steps"):
        raise RuntimeError
    assert capsys.readouterr().out == "::group::steps\n::endgroup::\n"


@pytest.mark.parametrize(
    ("secret", "masked"),
    [
        pytest.param("s3cr3t", ["s3cr3t"], id="a secret"),
        pytest.param("50%", ["50%25"], id="a secret with a percent sign"),
        pytest.param("one\ntwo\r\n", ["one%0Atwo%0D%0A", "one", "two"], id="several lines, each masked too"),
        pytest.param("one\n\n \none", ["one%0A%0A %0Aone", "one"], id="neither empty nor duplicate lines"),
        pytest.param("", [], id="empty"),
        pytest.param(" \n", [], id="only white space"),
    ],
)
def test_a_secret_is_masked(capsys: pytest.CaptureFixture[str], secret: str, masked: list[str]) -> None:
    mask(secret)
    assert capsys.readouterr().out == "".join(f"::add-mask::{part}\n" for part in masked)
