from __future__ import annotations

import filecmp
import json
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from release import bundle
from release.bytecode import compiling_pythons
from release.locked import LockError, Requirement, requirements_of
from release.platforms import PLATFORMS, Platform
from release.wheels import PURE, Wheel, WheelError
from tests.harness.action import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def _files(directory: Path) -> list[str]:
    return sorted(path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file())


def test_the_bundle_is_the_same_however_often_it_is_built(
    release: Path, wheels: tuple[Wheel, ...], tmp_path: Path
) -> None:
    bundle.build(tmp_path / "again", wheels, pythons=tuple(compiling_pythons()))

    names = _files(release / "bundle")
    assert _files(tmp_path / "again") == names
    same, differing, odd = filecmp.cmpfiles(release / "bundle", tmp_path / "again", names, shallow=False)
    assert (sorted(same), differing, odd) == (names, [], [])
    assert any(name.endswith(".pyc") for name in names)


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform.name)
def test_there_is_a_part_for_each_hosted_python(release: Path, platform: Platform) -> None:
    part = release / "bundle" / platform.name
    assert (part / "pydantic_core" / f"_pydantic_core.{platform.name}.so").is_file()


def test_what_fits_everywhere_is_there_once(release: Path) -> None:
    for part in (release / "bundle").iterdir():
        assert (part / "httpx").exists() == (part.name == PURE)
    assert not list((release / "bundle" / PURE).rglob("*.so"))


def test_the_manifest_tells_what_is_locked_and_where_it_came_from(release: Path) -> None:
    manifest = json.loads((release / "bundle" / "manifest.json").read_text())

    locked = requirements_of(ROOT)
    assert [(each["name"], each["version"]) for each in manifest["packages"]] == [
        (each.name, each.version) for each in locked
    ]
    for package, requirement in zip(manifest["packages"], locked, strict=True):
        assert package["licence"] not in {"", "not told"}
        assert len(package["wheels"]) == (1 if requirement.is_pure else len(PLATFORMS))
        assert all(f"--hash=sha256:{wheel['sha256']}" in requirement.text for wheel in package["wheels"])


def test_a_release_carries_the_licences_of_what_it_carries(release: Path) -> None:
    without = [
        info.name
        for info in (release / "bundle").rglob("*.dist-info")
        if not any("LICEN" in path.name.upper() for path in info.rglob("*"))
    ]
    # These two publish their licence in the metadata alone.
    assert {name.partition("-")[0] for name in without} <= {"actions_toolkit", "annotated_types"}


def _deploy_offline(release: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.release.offline", str(release)]
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)  # noqa: S603


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no network namespaces, and no bundle")
def test_with_the_bundle_the_action_deploys_without_any_network(release: Path) -> None:
    ended = _deploy_offline(release)

    # As root, or where users may make namespaces of their own.
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "'outcome': 'succeeded'" in ended.stdout
    assert "kept: []" in ended.stdout


def toy(path: Path) -> Wheel:
    requirement = Requirement(name="toy", version="1.0", text="toy==1.0\n", is_pure=True)
    return Wheel(requirement=requirement, path=path, part=PURE)


def test_a_lock_with_other_lines_is_refused(tmp_path: Path) -> None:
    (tmp_path / "launcher").mkdir()
    (tmp_path / "launcher" / "requirements.txt").write_text("httpx>=0.28\n")

    with pytest.raises(LockError, match="make lock"):
        requirements_of(tmp_path)


@pytest.mark.parametrize("name", ["toy-1.0.data/scripts/toy", "../toy.py", "/toy.py", "toy/../../toy.py"])
def test_a_wheel_that_needs_an_installer_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "toy-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, "")

    with pytest.raises(WheelError, match="needs an installer"):
        toy(path).unpack(tmp_path / "into")


def test_two_wheels_with_the_same_file_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "toy-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("toy.py", "")
    toy(path).unpack(tmp_path / "into")

    with pytest.raises(WheelError, match="another wheel has"):
        toy(path).unpack(tmp_path / "into")
