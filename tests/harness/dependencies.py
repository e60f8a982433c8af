"""Installs the action's dependencies once, before steps run at the same time or without a network."""

import os
import sys
import tempfile
from pathlib import Path

from tests.harness.action import ROOT
from tests.harness.runner import Runner, package_settings

# Jobs use this Python, too, so the dependencies are installed for it.
SEARCH_PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
# In .venv, so that it is deleted with it; the launcher keys its entries by the lock.
TOOL_CACHE = ROOT / ".venv" / "tool-cache"


class DependenciesError(Exception):
    """The action's dependencies cannot be installed."""


def install() -> Path:
    """Run the action to install its dependencies if they are missing; return the tool cache."""
    with tempfile.TemporaryDirectory() as directory:
        runner = Runner(
            directory=Path(directory),
            tool_cache=TOOL_CACHE,
            search_path=SEARCH_PATH,
            environment=package_settings(os.environ),
        )
        # Without inputs the package starts, reports the missing inputs, and deploys nothing.
        result = runner.run({}, timeout=300)
    if "`helm_id` is empty" not in result.log:
        raise DependenciesError(f"The action's dependencies cannot be installed:\n{result.log}")
    return TOOL_CACHE
