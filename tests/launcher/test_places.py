import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from contents import SUMS, record
from errors import PlaceError
from places import ABANDONED_AFTER, STAGING, Place, kept_places, key_of


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "kept", "key")


def _installed(place: Place, content: str = "own") -> Path:
    staging = place.stage()
    (staging / "dependency.py").write_text(content)
    return staging


def test_new_directory_is_incomplete(place: Place) -> None:
    assert not place.is_complete()


def test_kept_installation_is_complete(place: Place) -> None:
    place.keep(_installed(place))

    assert place.is_complete()
    assert (place.directory / "dependency.py").read_text() == "own"
    assert [entry.name for entry in place.root.iterdir()] == ["key"]


def test_uses_the_installation_of_a_faster_run(place: Place) -> None:
    slower = _installed(place, "slower")
    place.keep(_installed(place, "faster"))

    place.keep(slower)

    assert (place.directory / "dependency.py").read_text() == "faster"


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda kept: (kept / SUMS).unlink(), id="missing list"),
        pytest.param(lambda kept: (kept / SUMS).write_bytes(b""), id="empty list"),
        pytest.param(lambda kept: (kept / SUMS).write_bytes((kept / SUMS).read_bytes()[:-9]), id="half of a list"),
        pytest.param(lambda kept: (kept / SUMS).write_bytes(b"\xff\xfe"), id="malformed list"),
        pytest.param(lambda kept: record(kept, "another key"), id="list with another key"),
        pytest.param(lambda kept: (kept / "dependency.py").unlink(), id="missing file"),
        pytest.param(lambda kept: (kept / "dependency.py").write_text("owm"), id="damaged file"),
        pytest.param(lambda kept: (kept / "dependency.py").write_text(""), id="empty file"),
    ],
)
def test_replaces_a_damaged_installation(place: Place, damage: Callable[[Path], object]) -> None:
    place.keep(_installed(place))
    damage(place.directory)
    assert not place.is_complete()

    place.keep(_installed(place))

    assert place.is_complete()
    assert (place.directory / "dependency.py").read_text() == "own"
    assert [entry.name for entry in place.root.iterdir()] == ["key"]


def test_rejects_a_directory_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(PlaceError, match="Not a directory"):
        Place(tmp_path / "file" / "kept", "key").stage()


def test_reports_a_failed_rename(place: Place, tmp_path: Path) -> None:
    staging = _installed(place)
    elsewhere = staging.rename(tmp_path / "vanished")
    assert elsewhere.exists()

    with pytest.raises(PlaceError, match="Give the runner a directory"):
        place.keep(staging)


def test_removes_only_abandoned_installations(place: Place) -> None:
    old, young = place.stage(), place.stage()
    long_ago = time.time() - ABANDONED_AFTER - 60
    os.utime(old, (long_ago, long_ago))

    place.remove_abandoned()

    assert [entry.name for entry in place.root.glob(f"{STAGING}*")] == [young.name]


@pytest.mark.parametrize(
    ("environment", "roots"),
    [
        pytest.param(
            {"RUNNER_TOOL_CACHE": "/tools", "RUNNER_TEMP": "/temp"}, ["/tools", "/temp"], id="tool cache first"
        ),
        pytest.param({"RUNNER_TEMP": "/temp"}, ["/temp"], id="no tool cache"),
        pytest.param({"RUNNER_TOOL_CACHE": "", "RUNNER_TEMP": ""}, [], id="empty"),
        pytest.param({}, [], id="none"),
        pytest.param({"RUNNER_TOOL_CACHE": "tools"}, [str(Path.cwd() / "tools")], id="relative"),
    ],
)
def test_uses_the_runners_directories(environment: dict[str, str], roots: list[str]) -> None:
    assert kept_places(environment, "key") == [Place(Path(root) / "qovery-helm-deploy", "key") for root in roots]


def test_key_depends_on_the_lock() -> None:
    assert key_of(b"a==1") == key_of(b"a==1")
    assert key_of(b"a==1") != key_of(b"a==2")
    assert key_of(b"a==1").isalnum()
