from pathlib import Path

import newer_python
import pytest


def _install(tool_cache: Path, version: str, *, kind: str = "", executable: bool = True) -> Path:
    python = tool_cache / "Python" / version / (kind or newer_python.architecture()) / "bin" / "python3"
    python.parent.mkdir(parents=True)
    python.touch(mode=0o755 if executable else 0o644)
    return python


@pytest.mark.parametrize(
    ("versions", "found"),
    [
        pytest.param([], None, id="empty"),
        pytest.param(["3.10.14"], None, id="too old"),
        pytest.param(["3.11.0"], "3.11.0", id="just new enough"),
        pytest.param(["3.9.21", "3.11.9", "3.10.14"], "3.11.9", id="the only suitable one"),
        pytest.param(["3.12.2", "3.12.10", "3.12.9"], "3.12.10", id="by number, not by letter"),
        pytest.param(["3.13.1", "3.12.9"], "3.13.1", id="the newest"),
        pytest.param(["3.15.0-rc.1", "3.14.2"], "3.14.2", id="no pre-release"),
        pytest.param(["3.99.0", "3.12.9"], "3.12.9", id="rather one that has wheels"),
        pytest.param(["3.99.0"], "3.99.0", id="else one that may have"),
        pytest.param(["nonsense", "3.12"], None, id="no version"),
    ],
)
def test_the_newest_suitable_python_of_the_tool_cache_is_found(
    tmp_path: Path, versions: list[str], found: str | None
) -> None:
    pythons = {version: _install(tmp_path, version) for version in versions}

    assert newer_python.find(str(tmp_path)) == (str(pythons[found]) if found else "")


@pytest.mark.parametrize(
    ("kind", "executable"),
    [
        pytest.param("s390x", True, id="another architecture"),
        pytest.param(f"{newer_python.architecture()}-freethreaded", True, id="free-threaded"),
        pytest.param("", False, id="not executable"),
    ],
)
def test_a_python_that_cannot_serve_is_passed_over(tmp_path: Path, kind: str, *, executable: bool) -> None:
    _install(tmp_path, "3.13.1", kind=kind, executable=executable)
    older = _install(tmp_path, "3.12.1")

    assert newer_python.find(str(tmp_path)) == str(older)


def test_without_a_tool_cache_none_is_found() -> None:
    assert not newer_python.find("")
