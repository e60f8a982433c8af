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


def _installed(place: Place, content: str = "ours") -> Path:
    staging = place.stage()
    (staging / "dependency.py").write_text(content)
    return staging


def test_nothing_is_there_at_first(place: Place) -> None:
    assert not place.is_complete()


def test_what_is_kept_is_complete_and_leaves_nothing_beside(place: Place) -> None:
    place.keep(_installed(place))

    assert place.is_complete()
    assert (place.directory / "dependency.py").read_text() == "ours"
    assert [entry.name for entry in place.root.iterdir()] == ["key"]


def test_a_run_that_was_faster_has_its_installation_used(place: Place) -> None:
    slower = _installed(place, "slower")
    place.keep(_installed(place, "faster"))

    place.keep(slower)

    assert (place.directory / "dependency.py").read_text() == "faster"


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda kept: (kept / SUMS).unlink(), id="no list"),
        pytest.param(lambda kept: (kept / SUMS).write_bytes(b""), id="an empty list"),
        pytest.param(lambda kept: (kept / SUMS).write_bytes((kept / SUMS).read_bytes()[:-9]), id="half a list"),
        pytest.param(lambda kept: (kept / SUMS).write_bytes(b"\xff\xfe"), id="garbage for a list"),
        pytest.param(lambda kept: record(kept, "another key"), id="another's list"),
        pytest.param(lambda kept: (kept / "dependency.py").unlink(), id="a missing file"),
        pytest.param(lambda kept: (kept / "dependency.py").write_text("ourz"), id="a damaged file"),
        pytest.param(lambda kept: (kept / "dependency.py").write_text(""), id="a file of no length"),
    ],
)
def test_a_broken_installation_is_not_used_and_is_replaced(place: Place, damage: Callable[[Path], object]) -> None:
    place.keep(_installed(place))
    damage(place.directory)
    assert not place.is_complete()

    place.keep(_installed(place))

    assert place.is_complete()
    assert (place.directory / "dependency.py").read_text() == "ours"
    assert [entry.name for entry in place.root.iterdir()] == ["key"]


def test_a_place_below_a_file_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(PlaceError, match="Not a directory"):
        Place(tmp_path / "file" / "kept", "key").stage()


def test_a_place_that_resists_is_told(place: Place, tmp_path: Path) -> None:
    staging = _installed(place)
    elsewhere = staging.rename(tmp_path / "vanished")
    assert elsewhere.exists()

    with pytest.raises(PlaceError, match="Let the runner write one of them"):
        place.keep(staging)


def test_what_killed_runs_left_behind_is_removed_and_what_is_under_way_is_not(place: Place) -> None:
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
def test_places_are_the_runners_own(environment: dict[str, str], roots: list[str]) -> None:
    assert kept_places(environment, "key") == [Place(Path(root) / "qovery-helm-deploy", "key") for root in roots]


def test_the_key_changes_with_the_lock_and_is_fit_for_a_directory() -> None:
    assert key_of(b"a==1") == key_of(b"a==1")
    assert key_of(b"a==1") != key_of(b"a==2")
    assert key_of(b"a==1").isalnum()
