import py_compile
import shutil
import subprocess
import sys
from pathlib import Path
from py_compile import PycInvalidationMode

import pytest
from contents import SUMS, is_intact, record

UNCHECKED = PycInvalidationMode.UNCHECKED_HASH
TAG = sys.implementation.cache_tag


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "pure" / "package").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    (tmp_path / "pure" / "package" / "module.py").write_bytes(b"a\r\n")
    (tmp_path / "other" / "möbel.so").write_bytes(b"\x7fELF")
    record(tmp_path, "key")
    return tmp_path


def test_intact_only_with_its_key(directory: Path) -> None:
    assert is_intact(directory, "key")
    assert not is_intact(directory, "another key")


def test_checks_only_the_given_parts(directory: Path) -> None:
    (directory / "other" / "möbel.so").unlink()

    assert is_intact(directory, "key", ("pure/",))
    assert not is_intact(directory, "key", ("pure/", "other/"))


def test_ignores_files_that_python_adds(directory: Path) -> None:
    (directory / "pure" / "__pycache__").mkdir()
    (directory / "pure" / "__pycache__" / "module.pyc").touch()

    assert is_intact(directory, "key")


@pytest.fixture
def compiled(directory: Path) -> Path:
    """Return a directory with bytecode of this Python and of another one, and a licence."""
    package = directory / "pure" / "package"
    (package / "other.py").write_bytes(b"b\n")
    (directory / "pure" / "package-1.dist-info").mkdir()
    (directory / "pure" / "package-1.dist-info" / "LICENSE").touch()
    cached = py_compile.compile(str(package / "other.py"), invalidation_mode=UNCHECKED)
    assert cached
    (package / "__pycache__" / "other.cpython-30.pyc").touch()
    record(directory, "key")
    return directory


@pytest.mark.parametrize(
    ("path", "is_loaded"),
    [
        pytest.param("package/module.py", True, id="source without bytecode"),
        pytest.param("package/other.py", False, id="source with bytecode"),
        pytest.param(f"package/__pycache__/other.{TAG}.pyc", True, id="bytecode"),
        pytest.param("package/__pycache__/other.cpython-30.pyc", False, id="bytecode of another Python"),
        pytest.param("package-1.dist-info/LICENSE", False, id="licence"),
    ],
)
def test_checks_the_files_that_this_python_loads(compiled: Path, path: str, *, is_loaded: bool) -> None:
    assert is_intact(compiled, "key")

    (compiled / "pure" / path).write_bytes(b"damaged")

    assert is_intact(compiled, "key") is not is_loaded


@pytest.mark.parametrize("mode", [PycInvalidationMode.TIMESTAMP, PycInvalidationMode.CHECKED_HASH])
def test_ignores_bytecode_that_needs_its_source(compiled: Path, mode: PycInvalidationMode) -> None:
    py_compile.compile(str(compiled / "pure" / "package" / "other.py"), invalidation_mode=mode)
    record(compiled, "key")

    assert not is_intact(compiled, "key")


def test_missing_directory_is_not_intact(tmp_path: Path) -> None:
    assert not is_intact(tmp_path / "nowhere", "key")


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="this machine has no sha256sum")
def test_sha256sum_can_check_the_list(directory: Path) -> None:
    command = ["sha256sum", "--check", "--strict", "--quiet", SUMS]
    assert subprocess.run(command, cwd=directory, check=False).returncode == 0  # noqa: S603

    (directory / "pure" / "package" / "module.py").write_bytes(b"a\n")
    assert subprocess.run(command, cwd=directory, check=False, capture_output=True).returncode == 1  # noqa: S603
