"""The action's dependencies, installed before steps run that would do so at the same time, or without a network."""

import os
import sys
import tempfile
from pathlib import Path

from tests.harness.action import ROOT
from tests.harness.runner import Runner, package_settings

# The Python that jobs get, too: its dependencies are those that are installed.
SEARCH_PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
# Goes with .venv, and is keyed by the lock.
TOOL_CACHE = ROOT / ".venv" / "tool-cache"


class DependenciesError(Exception):
    """The action's dependencies cannot be installed."""


def install() -> Path:
    """Have the action install them, unless it has before, and return the tool cache that holds them."""
    with tempfile.TemporaryDirectory() as directory:
        runner = Runner(
            directory=Path(directory),
            tool_cache=TOOL_CACHE,
            search_path=SEARCH_PATH,
            environment=package_settings(os.environ),
        )
        # With no inputs there is nothing to deploy, which the package tells once it has been started.
        result = runner.run({}, timeout=300)
    if "helm_id: " not in result.log:
        raise DependenciesError(f"The action's dependencies cannot be installed:\n{result.log}")
    return TOOL_CACHE
