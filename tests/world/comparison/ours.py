"""The action: the step of action.yml, run as GitHub's runner would run it."""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from qovery_sandbox import HELM_ID, TOKEN
from tests.harness import Runner, StepResult, package_settings
from tests.harness.demo import DIRECTORY
from tests.world.comparison.run import Run
from tests.world.comparison.stage import staged

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.world.comparison.situations import Situation


@dataclass(frozen=True, kw_only=True)
class Ours:
    """Runs the step with a tool cache that is kept, so that the dependencies are installed once."""

    tool_cache: Path = field(default_factory=lambda: DIRECTORY / "tool-cache")

    def prepare(self) -> None:
        """Install the dependencies, before several steps would do so at the same time."""
        self.run({}, timeout=300.0)

    def deploy(self, situation: Situation) -> Run:
        """Deploy in a situation."""
        with staged(situation) as stage:
            given = {"helm_id": HELM_ID, "token": TOKEN, "api_url": stage.url, **situation.inputs}
            result = self.run(given)
            return Run(exit_code=result.exit_code, outcome=result.outputs["outcome"], fate=stage.fate())

    def run(self, inputs: Mapping[str, str], *, timeout: float = 60.0) -> StepResult:
        with tempfile.TemporaryDirectory() as directory:
            runner = Runner(
                directory=Path(directory),
                tool_cache=self.tool_cache,
                search_path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
                environment=package_settings(os.environ),
            )
            return runner.run(inputs, timeout=timeout)
