from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from release import bundle
from release.bytecode import compile_own, compiling_pythons
from release.locked import requirements_of
from release.wheels import download
from tests.harness.action import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from release.wheels import Wheel


@pytest.fixture(scope="session")
def wheels() -> tuple[Wheel, ...]:
    """Return the locked wheels; missing ones are downloaded."""
    return download(requirements_of(ROOT), bundle.WHEELS)


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory, wheels: tuple[Wheel, ...]) -> Path:
    """Return the files of a release tag: those of main, the bundle and the bytecode."""
    root = tmp_path_factory.mktemp("release") / "action"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    # The list also has files that were deleted without a commit.
    for name in (each for each in listed.split("\0") if (ROOT / each).is_file()):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    pythons = tuple(compiling_pythons())
    bundle.build(root / "bundle", wheels, pythons=pythons)
    compile_own(root, pythons)
    return root
