import os
import sys
from pathlib import Path

import pytest

from tests.harness import Runner
from tests.harness.action import ROOT
from tests.launcher.toy import ToyAction

# The launcher runs as a directory: its modules import each other by their bare names.
sys.path.append(str(ROOT / "launcher"))


@pytest.fixture(scope="session")
def toy(tmp_path_factory: pytest.TempPathFactory) -> ToyAction:
    """Return the launcher with a small package and a dependency, which need no network."""
    return ToyAction.made_in(tmp_path_factory.mktemp("toy"))


@pytest.fixture
def runner(tmp_path: Path, toy: ToyAction) -> Runner:
    return Runner(
        directory=tmp_path,
        action=toy.action,
        search_path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        environment=toy.pip_settings,
    )


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory, toy: ToyAction) -> Path:
    """Return a tool cache in which an earlier run has kept its installation."""
    directory = tmp_path_factory.mktemp("kept")
    result = Runner(
        directory=directory,
        action=toy.action,
        search_path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        environment=toy.pip_settings,
    ).run(toy.inputs)
    assert result.is_green, result.raw_log
    return directory / "tool-cache"
