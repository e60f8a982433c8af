import shutil
import subprocess
from pathlib import Path

import pytest
from contents import SUMS, is_intact, record


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "pure" / "package").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    (tmp_path / "pure" / "package" / "module.py").write_bytes(b"a\r\n")
    (tmp_path / "other" / "möbel.so").write_bytes(b"\x7fELF")
    record(tmp_path, "key")
    return tmp_path


def test_what_was_recorded_is_intact_for_its_key_alone(directory: Path) -> None:
    assert is_intact(directory, "key")
    assert not is_intact(directory, "another key")


def test_parts_are_looked_at_alone(directory: Path) -> None:
    (directory / "other" / "möbel.so").unlink()

    assert is_intact(directory, "key", ("pure/",))
    assert not is_intact(directory, "key", ("pure/", "other/"))


def test_what_python_adds_later_does_no_harm(directory: Path) -> None:
    (directory / "pure" / "__pycache__").mkdir()
    (directory / "pure" / "__pycache__" / "module.pyc").touch()

    assert is_intact(directory, "key")


def test_nothing_is_intact_where_nothing_is(tmp_path: Path) -> None:
    assert not is_intact(tmp_path / "nowhere", "key")


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="coreutils has it, and not every system has those")
def test_the_list_can_be_checked_without_us(directory: Path) -> None:
    command = ["sha256sum", "--check", "--strict", "--quiet", SUMS]
    assert subprocess.run(command, cwd=directory, check=False).returncode == 0  # noqa: S603

    (directory / "pure" / "package" / "module.py").write_bytes(b"a\n")
    assert subprocess.run(command, cwd=directory, check=False, capture_output=True).returncode == 1  # noqa: S603
