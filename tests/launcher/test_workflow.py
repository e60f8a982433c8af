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
        pytest.param("  secret\n", ["secret"], id="surrounding white space"),
        pytest.param("50%off%0A", ["50%off%0A"], id="looks encoded"),
        pytest.param("one\ntwo", ["one\ntwo", "one", "two"], id="several lines"),
        pytest.param("::error::no", ["::error::no"], id="looks like a command"),
        pytest.param("", [], id="none"),
    ],
)
def test_masks_the_token(
    token: str, masks: list[str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INPUT_TOKEN", token)

    workflow.mask_token()

    log = _log(capfd)
    assert set(log.masks) == set(masks)
    assert not log.shown


def test_error_keeps_lines_and_percent_signs(capfd: pytest.CaptureFixture[str]) -> None:
    workflow.error("100% wrong:\nreally, yes", title="A, b: c")

    [annotation] = _log(capfd).annotations
    assert (annotation.title, annotation.message) == ("A, b: c", "100% wrong:\nreally, yes")


def test_quoted_text_has_no_commands(capfd: pytest.CaptureFixture[str]) -> None:
    workflow.quote("::error::no\npip says ##[error]no\n::stop-commands::x\nnaïve ✓")

    log = _log(capfd)
    assert not log.annotations
    assert log.shown == ["::error::no", "pip says ##[error]no", "::stop-commands::x", "naïve ✓"]
    assert log.take("::notice::heard again")
    assert log.annotations


def test_stop_commands_token_is_random(capfd: pytest.CaptureFixture[str]) -> None:
    workflow.quote("once")
    workflow.quote("twice")

    words = {command.data for command in _log(capfd).commands if command.name == "stop-commands"}
    assert [len(word) for word in words] == [32, 32]


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "outputs"))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    return tmp_path


def test_end_writes_outputs_and_summary(files: Path, capfd: pytest.CaptureFixture[str]) -> None:
    workflow.end("rejected", "`pip` <failed>", title="No way")

    assert [annotation.message for annotation in _log(capfd).annotations] == ["`pip` <failed>"]
    assert read_outputs(files / "outputs") == {"outcome": "rejected", "result": "[]"}
    assert (files / "summary").read_text() == "### ❌ Nothing deployed: No way\n\n\\`pip\\` \\<failed\\>\n"


def test_end_keeps_the_packages_outputs(files: Path) -> None:
    (files / "outputs").write_text("outcome=succeeded\n")
    (files / "summary").write_text("### Deployed\n")

    workflow.end("interrupted", "Too late.", title="Interrupted")

    assert read_outputs(files / "outputs") == {"outcome": "succeeded"}
    assert (files / "summary").read_text() == "### Deployed\n"


def test_end_writes_nothing_without_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("GITHUB_OUTPUT", raising=False)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "")
    monkeypatch.chdir(tmp_path)

    workflow.end("rejected", "Nothing.", title="Nothing")

    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"])
def test_warns_of_an_unwritable_file(
    files: Path, name: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, str(files))

    workflow.end("rejected", "Nothing.", title="Nothing")

    error, warning = _log(capfd).annotations
    assert (error.level, error.message) == ("error", "Nothing.")
    assert warning.level == "warning"
    assert f"cannot write {name}" in warning.message
    assert str(files) in warning.message
    assert len([path for path in files.iterdir() if path.read_text()]) == 1
