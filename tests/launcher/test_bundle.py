"""The launcher uses the bundle of a release if it is complete and fits the machine."""

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest
from bundle import PURE, key_of
from contents import SUMS, record
from other_python import architecture

from tests.harness import Runner
from tests.harness.action import Action
from tests.launcher.mounts import MOUNTING, needs_mounts
from tests.launcher.toy import ToyAction, report_of

PLATFORM = EXTENSION_SUFFIXES[0].strip(".").partition(".")[0]


@pytest.fixture
def bundled(toy: ToyAction, runner: Runner, tmp_path: Path) -> Runner:
    """Return a runner with an action that carries its dependency, and no index to fall back on."""
    root = tmp_path / "action"
    shutil.copytree(toy.action.path, root)
    (root / "bundle" / PURE).mkdir(parents=True)
    (root / "bundle" / PURE / "toy_dependency.py").write_text("WHOLE = True\n")
    (root / "bundle" / PLATFORM).mkdir()
    record(root / "bundle", key_of(toy.requirements.read_bytes()))
    return replace(runner, action=Action.from_directory(root), environment={"PIP_NO_INDEX": "1"})


def test_uses_the_bundle_without_installation(bundled: Runner, toy: ToyAction) -> None:
    result = bundled.run(toy.inputs)

    assert result.is_green, result.raw_log
    report = report_of(result)
    bundle = bundled.action.path / "bundle"
    assert Path(report["dependency"]) == bundle / PURE / "toy_dependency.py"
    assert report["path"][1:3] == [str(bundle / PURE), str(bundle / PLATFORM)]
    assert "nstalling" not in result.log
    assert not (bundled.directory / "tool-cache" / "qovery-helm-deploy").exists()


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda bundle: (bundle / PURE / "toy_dependency.py").write_text("WHOLE = Tru\n"), id="damaged"),
        pytest.param(lambda bundle: (bundle / PURE / "toy_dependency.py").unlink(), id="missing file"),
        pytest.param(lambda bundle: (bundle / SUMS).unlink(), id="missing list"),
        pytest.param(lambda bundle: (bundle / SUMS).write_text("# half"), id="half of a list"),
        pytest.param(lambda bundle: record(bundle, key_of(b"toy-dependency==2.0")), id="other version"),
    ],
)
def test_warns_of_a_damaged_bundle(bundled: Runner, toy: ToyAction, damage: Callable[[Path], object]) -> None:
    damage(bundled.action.path / "bundle")

    result = replace(bundled, environment=toy.pip_settings).run(toy.inputs)

    assert result.is_green, result.raw_log
    assert "damaged or belong to another version" in result.log
    assert Path(report_of(result)["dependency"]).is_relative_to(bundled.directory / "tool-cache")


@needs_mounts
def test_ignores_a_bundle_mounted_noexec(bundled: Runner, toy: ToyAction, tmp_path: Path) -> None:
    remount = f"cd '{tmp_path}/action' && mount --bind . . && mount -o remount,bind,noexec $PWD && cd '{tmp_path}'"
    wrapper = (*MOUNTING, "sh", "-c", f'{remount} && exec "$@"', "sh")

    result = replace(bundled, environment=toy.pip_settings, wrapper=wrapper).run(toy.inputs)

    assert result.is_green, result.raw_log
    assert Path(report_of(result)["dependency"]).is_relative_to(tmp_path / "tool-cache")


def _pretend_other(path: Path) -> None:
    """Write a Python for which the bundle has no part."""
    program = (
        "import runpy, sys; from importlib.machinery import EXTENSION_SUFFIXES as suffixes; "
        "suffixes[:] = ['.cpython-399-x86_64-linux-gnu.so']; sys.argv = sys.argv[1:]; "
        "sys.path.insert(0, sys.argv[0]); runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    path.parent.mkdir()
    path.write_text(
        f'#!/bin/sh\n[ "$1" = -V ] && echo Python 3.99.0 || exec "{sys.executable}" "$1" -c "{program}" "$2"\n'
    )
    path.chmod(0o755)


@pytest.mark.skipif(sys.platform != "linux", reason="a release carries nothing for other systems")
@pytest.mark.parametrize("place", ["path", "tool cache"])
def test_prefers_another_python_to_pip(bundled: Runner, toy: ToyAction, tmp_path: Path, place: str) -> None:
    _pretend_other(tmp_path / "bin" / "python3")
    (tmp_path / "bin" / "bash").symlink_to("/bin/bash")
    version = "{}.{}".format(*sys.version_info)
    tools = tmp_path / "tool-cache" / "Python" / f"{version}.0" / architecture() / "bin"
    tools.mkdir(parents=True)
    fitting = tmp_path / "bin" / f"python{version}" if place == "path" else tools / "python3"
    fitting.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    fitting.chmod(0o755)

    result = replace(bundled, search_path=str(tmp_path / "bin")).run(toy.inputs)

    assert result.is_green, result.raw_log
    assert Path(report_of(result)["dependency"]) == bundled.action.path / "bundle" / PURE / "toy_dependency.py"
    assert "nstalling" not in result.log


def test_prefers_an_earlier_installation_to_another_python(bundled: Runner, toy: ToyAction, tmp_path: Path) -> None:
    _pretend_other(tmp_path / "bin" / "python3")
    other = replace(bundled, search_path=f"{tmp_path / 'bin'}{os.pathsep}{bundled.search_path}")
    hidden = (other.action.path / "bundle").rename(tmp_path / "hidden")
    assert replace(other, environment=toy.pip_settings).run(toy.inputs).is_green
    hidden.rename(other.action.path / "bundle")

    result = other.run(toy.inputs)

    assert Path(report_of(result)["dependency"]).is_relative_to(tmp_path / "tool-cache"), result.raw_log


def test_installs_without_a_part_for_this_python(bundled: Runner, toy: ToyAction) -> None:
    (bundled.action.path / "bundle" / PLATFORM).rename(bundled.action.path / "bundle" / "cpython-310-sparc-linux-gnu")

    result = replace(bundled, environment=toy.pip_settings).run(toy.inputs)

    assert result.is_green, result.raw_log
    assert "damaged" not in result.log
    assert "Installing 1 dependencies" in result.log
