from __future__ import annotations

import filecmp
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from release import bundle
from release.bytecode import compiling_pythons
from release.locked import LockError, Requirement, requirements_of
from release.platforms import PLATFORMS, Platform
from release.wheels import PURE, Wheel, WheelError
from tests.harness.action import ROOT

if TYPE_CHECKING:
    from release.bytecode import CompilingPython


def _files(directory: Path) -> list[str]:
    return sorted(path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file())


def test_build_is_reproducible(release: Path, wheels: tuple[Wheel, ...], tmp_path: Path) -> None:
    bundle.build(tmp_path / "again", wheels, pythons=tuple(compiling_pythons()))

    names = _files(release / "bundle")
    assert _files(tmp_path / "again") == names
    same, differing, odd = filecmp.cmpfiles(release / "bundle", tmp_path / "again", names, shallow=False)
    assert (sorted(same), differing, odd) == (names, [], [])
    assert any(name.endswith(".pyc") for name in names)


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform.name)
def test_has_a_part_for_each_hosted_python(release: Path, platform: Platform) -> None:
    part = release / "bundle" / platform.name
    assert (part / "pydantic_core" / f"_pydantic_core.{platform.name}.so").is_file()


def test_pure_packages_are_there_once(release: Path) -> None:
    for part in (release / "bundle").iterdir():
        assert (part / "httpx").exists() == (part.name == PURE)
    assert not list((release / "bundle" / PURE).rglob("*.so"))


def test_manifest_lists_the_locked_packages(release: Path) -> None:
    manifest = json.loads((release / "bundle" / "manifest.json").read_text())

    locked = requirements_of(ROOT)
    assert [(each["name"], each["version"]) for each in manifest["packages"]] == [
        (each.name, each.version) for each in locked
    ]
    for package, requirement in zip(manifest["packages"], locked, strict=True):
        assert package["licence"] not in {"", "not told"}
        assert len(package["wheels"]) == (1 if requirement.is_pure else len(PLATFORMS))
        assert all(f"--hash=sha256:{wheel['sha256']}" in requirement.text for wheel in package["wheels"])


def test_contains_every_licence(release: Path) -> None:
    manifest = json.loads((release / "bundle" / "manifest.json").read_text())
    for package in manifest["packages"]:
        info = f"{package['name'].replace('-', '_')}-{package['version']}.dist-info"
        for wheel in package["wheels"]:
            assert any("LICEN" in path.name.upper() for path in (release / "bundle" / wheel["part"] / info).rglob("*"))


def test_contains_only_what_a_step_reads(release: Path) -> None:
    names = _files(release / "bundle")

    assert not [name for name in names if name.endswith((".pyi", "/METADATA", ".cyclonedx.json")) or "/tests/" in name]
    assert not [name for name in names if "/pydantic/v1/" in name or "/websockets/legacy/" in name]


_PYTHONS = tuple(compiling_pythons())
deploys_offline = pytest.mark.skipif(
    sys.platform != "linux" or not _PYTHONS, reason="a release carries nothing for this system, or for its Pythons"
)


def _deploy_offline(release: Path, *directories: Path) -> str:
    command = [sys.executable, "-m", "tests.release.offline", str(release), *map(str, directories)]
    # As root, or where users may make namespaces of their own.
    ended = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)  # noqa: S603
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@deploys_offline
@pytest.mark.parametrize("python", _PYTHONS, ids=lambda python: str(python.version))
def test_deploys_without_a_network(release: Path, python: CompilingPython, tmp_path: Path) -> None:
    copy = shutil.copytree(release, tmp_path / "release")

    output = _deploy_offline(copy, Path(python.program).parent)

    assert "'outcome': 'succeeded'" in output
    assert "kept: []" in output
    # Python would have compiled modules that are not compiled yet.
    assert [name for name in _files(copy) if not (release / name).exists()] == []


@deploys_offline
def test_deploys_without_a_network_by_another_python(release: Path, tmp_path: Path) -> None:
    for name in ("python3", "python3.10"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    own, others = Path(sys.executable).parent, [Path(python.program).parent for python in _PYTHONS]

    output = _deploy_offline(release, tmp_path, own, *others)

    assert "'outcome': 'succeeded'" in output
    assert "kept: []" in output


@deploys_offline
def test_every_module_finds_its_imports(release: Path) -> None:
    [python, *_] = _PYTHONS
    part = next(platform.name for platform in PLATFORMS if platform.version == python.version)
    path = [str(release / "src"), str(release / "bundle" / PURE), str(release / "bundle" / part)]

    ended = subprocess.run(  # noqa: S603
        [python.program, "-BISc", _IMPORT_ALL, *path], check=False, capture_output=True, text=True
    )

    assert ended.returncode == 0, ended.stderr


_IMPORT_ALL = """
import ast, importlib, pkgutil, sys
sys.path[:0] = sys.argv[1:]
import qovery_helm_deploy

for module in pkgutil.walk_packages(qovery_helm_deploy.__path__, "qovery_helm_deploy."):
    with open(importlib.import_module(module.name).__file__) as source:
        tree = ast.parse(source.read())
    # Includes the imports within functions.
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and not node.level:
            importlib.import_module(node.module)
        if isinstance(node, ast.Import):
            [importlib.import_module(each.name) for each in node.names]
"""


def toy(path: Path) -> Wheel:
    requirement = Requirement(name="toy", version="1.0", text="toy==1.0\n", is_pure=True)
    return Wheel(requirement=requirement, path=path, part=PURE)


def test_rejects_unknown_lines_in_the_lock(tmp_path: Path) -> None:
    (tmp_path / "launcher").mkdir()
    (tmp_path / "launcher" / "requirements.txt").write_text("httpx>=0.28\n")

    with pytest.raises(LockError, match="make lock"):
        requirements_of(tmp_path)


@pytest.mark.parametrize("name", ["toy-1.0.data/scripts/toy", "../toy.py", "/toy.py", "toy/../../toy.py"])
def test_rejects_a_wheel_that_needs_an_installer(tmp_path: Path, name: str) -> None:
    path = tmp_path / "toy-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, "")

    with pytest.raises(WheelError, match="needs an installer"):
        toy(path).unpack(tmp_path / "into")


def test_rejects_two_wheels_with_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "toy-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("toy.py", "")
    toy(path).unpack(tmp_path / "into")

    with pytest.raises(WheelError, match="another wheel has"):
        toy(path).unpack(tmp_path / "into")
