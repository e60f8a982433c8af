from pathlib import Path

import pytest

from tests.harness import FileCommandError
from tests.harness.files import SUMMARY_LIMIT, read_outputs, read_summary


@pytest.mark.parametrize(
    ("text", "outputs"),
    [
        pytest.param("", {}, id="empty"),
        pytest.param("a=1\n\nb=2=3\n", {"a": "1", "b": "2=3"}, id="lines"),
        pytest.param("a<<END\none\n\ntwo\nEND\nb=2\n", {"a": "one\n\ntwo", "b": "2"}, id="block"),
        pytest.param("a<<END\nEND\n", {"a": ""}, id="empty block"),
        pytest.param("a=<<END\n", {"a": "<<END"}, id="equals sign first"),
        pytest.param("a=1\na=2\n", {"a": "2"}, id="last value counts"),
    ],
)
def test_reads_outputs(tmp_path: Path, text: str, outputs: dict[str, str]) -> None:
    (tmp_path / "outputs").write_text(text)

    assert read_outputs(tmp_path / "outputs") == outputs


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("nothing\n", id="neither line nor block"),
        pytest.param("=1\n", id="no name"),
        pytest.param("a<<\n1\n", id="no delimiter"),
        pytest.param("a<<END\n1\nEND \n", id="no end"),
    ],
)
def test_rejects_malformed_outputs(tmp_path: Path, text: str) -> None:
    (tmp_path / "outputs").write_text(text)

    with pytest.raises(FileCommandError, match="Invalid"):
        read_outputs(tmp_path / "outputs")


def test_drops_a_summary_that_is_too_long(tmp_path: Path) -> None:
    (tmp_path / "summary").write_text("x" * SUMMARY_LIMIT)
    assert read_summary(tmp_path / "summary")

    (tmp_path / "summary").write_text("x" * (SUMMARY_LIMIT + 1))
    with pytest.raises(FileCommandError, match="aborted"):
        read_summary(tmp_path / "summary")
