import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness import Runner, package_settings
from tests.harness.sandbox import Sandbox, running_sandbox
from tests.launcher import hostile

SPEED = 50.0
SEARCH_PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


@pytest.fixture(scope="session")
def tool_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the locked dependencies, once for all these tests: the one thing here that needs an index."""
    directory = tmp_path_factory.mktemp("tools")
    settings = package_settings(os.environ)
    result = Runner(directory=directory, search_path=SEARCH_PATH, environment=settings).run({}, timeout=300)
    assert "Installing" in result.log
    assert result.errors()[0].title != "The dependencies cannot be installed", result.raw_log
    return directory / "tool-cache"


@pytest.fixture
def runner(tmp_path: Path, tool_cache: Path) -> Runner:
    """Return a runner whose job has a hostile workspace and environment."""
    workspace = tmp_path / "workspace"
    hostile.fill(workspace)
    return Runner(
        directory=tmp_path,
        workspace=workspace,
        tool_cache=tool_cache,
        search_path=SEARCH_PATH,
        environment=hostile.environment(workspace),
    )


@pytest.fixture
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """Run the sandbox, with the scenario that the test is marked with."""
    with running_sandbox(request.param, speed=SPEED) as sandbox:
        yield sandbox
