import os
import platform
import sys
from pathlib import Path

import other_python
import pytest

_PART = f"cpython-3{{}}-{platform.machine()}-linux-gnu"


@pytest.fixture
def tool_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RUNNER_TOOL_CACHE", str(tmp_path / "tools"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path / "tools"


def _write_python(path: Path, version: str, *, part: str = "", runs: bool = True) -> Path:
    """Write a program that answers like a Python of this version."""
    major, minor, *_ = version.split(".")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f"#!/bin/sh\necho {part or _PART.format(minor)} {major} {minor}\n" if runs else "#!/bin/sh\nexit 1\n"
    )
    path.chmod(0o755)
    return path


def _install(tool_cache: Path, version: str, *, kind: str = "", runs: bool = True) -> Path:
    directory = tool_cache / "Python" / version / (kind or other_python.architecture())
    return _write_python(directory / "bin" / "python3", version.replace("-", "."), runs=runs)


@pytest.mark.parametrize(
    ("versions", "found"),
    [
        pytest.param([], None, id="empty"),
        pytest.param(["3.10.14"], None, id="too old"),
        pytest.param(["3.11.0"], "3.11.0", id="just new enough"),
        pytest.param(["3.9.21", "3.11.9", "3.10.14"], "3.11.9", id="one suitable"),
        pytest.param(["3.12.2", "3.12.10", "3.12.9"], "3.12.10", id="compares numbers"),
        pytest.param(["3.13.1", "3.12.9"], "3.13.1", id="newest"),
        pytest.param(["3.16.0-rc.1", "3.15.0"], "3.15.0", id="no pre-release"),
        pytest.param(["3.99.0", "3.15.1"], "3.15.1", id="prefers a version with wheels"),
        pytest.param(["3.99.0"], "3.99.0", id="no version with wheels"),
    ],
)
def test_finds_newest_python_in_tool_cache(tool_cache: Path, versions: list[str], found: str | None) -> None:
    pythons = {version: _install(tool_cache, version) for version in versions}

    assert other_python.find("nowhere") == (str(pythons[found]) if found else "")


@pytest.mark.parametrize(
    ("kind", "runs"),
    [
        pytest.param("s390x", True, id="other architecture"),
        pytest.param(f"{other_python.architecture()}-freethreaded", True, id="free-threaded"),
        pytest.param("", False, id="does not run"),
    ],
)
def test_ignores_unsuitable_pythons(tool_cache: Path, kind: str, *, runs: bool) -> None:
    _install(tool_cache, "3.13.1", kind=kind, runs=runs)
    older = _install(tool_cache, "3.12.1")

    assert other_python.find("nowhere") == str(older)


@pytest.mark.parametrize(
    ("programs", "found"),
    [
        pytest.param({"python3.11": "3.11.2"}, "python3.11", id="newer than python3"),
        pytest.param({"python3.11": "3.11.2", "python3.15": "3.15.0"}, "python3.15", id="newest"),
        pytest.param({"python3.11": "3.11.2", "python3.14": ""}, "python3.11", id="shim that does not run"),
        pytest.param({"python3.12": "3.10.1"}, None, id="version unlike its name"),
        pytest.param({"python3.11-config": "3.11.2", "python3": "3.11.2"}, None, id="other names"),
    ],
)
def test_finds_a_python_on_the_path(tool_cache: Path, programs: dict[str, str], found: str | None) -> None:
    directory = tool_cache.parent / "bin"
    for name, version in programs.items():
        _write_python(directory / name, version or "0.0", runs=bool(version))

    assert other_python.find("nowhere") == (str(directory / found) if found else "")


def test_ignores_pythons_in_the_workspace(tool_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tool_cache.parent)
    _write_python(tool_cache.parent / "bin" / "python3.12", "3.12.1")
    monkeypatch.setenv("PATH", os.pathsep.join(["bin", "", "."]))

    assert not other_python.find("nowhere")


@pytest.mark.skipif(sys.platform != "linux", reason="a release carries nothing for other systems")
@pytest.mark.parametrize(
    ("pythons", "found", "only"),
    [
        pytest.param(["3.15.0", "3.14.2", "3.12.1"], "3.14.2", True, id="newest of the bundle"),
        pytest.param(["3.15.0", "3.12.1"], "3.12.1", True, id="older of the bundle"),
        pytest.param(["3.15.0", "3.13.1"], "", True, id="none"),
        pytest.param(["3.15.0", "3.12.1"], "3.12.1", False, id="bundle before newest"),
        pytest.param(["3.15.0", "3.13.1"], "3.15.0", False, id="newest without bundle"),
    ],
)
def test_prefers_a_python_with_a_bundle(
    tool_cache: Path, tmp_path: Path, pythons: list[str], found: str, *, only: bool
) -> None:
    for minor in ("12", "14"):
        (tmp_path / "bundle" / _PART.format(minor)).mkdir(parents=True)
    paths = {version: str(_install(tool_cache, version)) for version in pythons}

    assert other_python.find(str(tmp_path / "bundle"), only_bundled=only) == paths.get(found, "")


@pytest.mark.skipif(sys.platform != "linux", reason="a release carries nothing for other systems")
def test_needs_the_part_for_its_platform(tool_cache: Path, tmp_path: Path) -> None:
    (tmp_path / "bundle" / _PART.format("12")).mkdir(parents=True)
    directory = tool_cache / "Python" / "3.12.1" / other_python.architecture() / "bin"
    _write_python(directory / "python3", "3.12.1", part=f"cpython-312-{platform.machine()}-linux-musl")

    assert not other_python.find(str(tmp_path / "bundle"), only_bundled=True)


def test_accepts_a_real_python(tool_cache: Path) -> None:
    name = "python{}.{}".format(*sys.version_info[:2])
    (tool_cache.parent / "bin").mkdir()
    (tool_cache.parent / "bin" / name).symlink_to(sys.executable)

    assert other_python.find("nowhere") == str(tool_cache.parent / "bin" / name)
