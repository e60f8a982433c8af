from pathlib import Path

import pytest
import workflow

from tests.harness import JobLog
from tests.harness.files import read_outputs


def _log(capfd: pytest.CaptureFixture[str]) -> JobLog:
    log = JobLog()
    for line in capfd.readouterr().out.splitlines():
        log.take(line)
    return log


@pytest.mark.parametrize(
    ("token", "masks"),
    [
        pytest.param("secret", ["secret"], id="plain"),
        pytest.param("  secret\n", ["secret"], id="white space around"),
        pytest.param("50%off%0A", ["50%off%0A"], id="looks encoded"),
        pytest.param("one\ntwo", ["one\ntwo", "one", "two"], id="several lines"),
        pytest.param("::error::no", ["::error::no"], id="looks like a command"),
        pytest.param("", [], id="none"),
    ],
)
def test_the_token_is_masked_as_the_runner_reads_it(
    token: str, masks: list[str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INPUT_TOKEN", token)

    workflow.mask_token()

    log = _log(capfd)
    assert set(log.masks) == set(masks)
    assert not log.shown


def test_an_error_keeps_its_lines_and_signs(capfd: pytest.CaptureFixture[str]) -> None:
    workflow.error("100% wrong:\nreally, yes", title="A, b: c")

    [annotation] = _log(capfd).annotations
    assert (annotation.title, annotation.message) == ("A, b: c", "100% wrong:\nreally, yes")


def test_quoted_text_commands_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    workflow.quote("::error::no\npip says ##[error]no\n::stop-commands::x\nnaïve ✓")

    log = _log(capfd)
    assert not log.annotations
    assert log.shown == ["::error::no", "pip says ##[error]no", "::stop-commands::x", "naïve ✓"]
    assert log.take("::notice::heard again")
    assert log.annotations


def test_the_word_that_ends_a_quotation_cannot_be_foreseen(capfd: pytest.CaptureFixture[str]) -> None:
    workflow.quote("once")
    workflow.quote("twice")

    words = {command.data for command in _log(capfd).commands if command.name == "stop-commands"}
    assert [len(word) for word in words] == [32, 32]


def test_the_outcome_is_written_for_later_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outputs = tmp_path / "outputs"
    monkeypatch.setenv("GITHUB_OUTPUT", str(outputs))

    workflow.set_outcome("rejected")

    assert read_outputs(outputs) == {"outcome": "rejected", "result": "[]"}


def test_an_outcome_that_the_package_wrote_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outputs = tmp_path / "outputs"
    outputs.write_text("outcome=succeeded\n")
    monkeypatch.setenv("GITHUB_OUTPUT", str(outputs))

    workflow.set_outcome("interrupted")

    assert read_outputs(outputs) == {"outcome": "succeeded"}


def test_without_a_file_for_outputs_none_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_OUTPUT", raising=False)

    workflow.set_outcome("rejected")
