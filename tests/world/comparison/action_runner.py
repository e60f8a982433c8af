"""Runs the step of action.yml as GitHub's runner does."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from qovery_sandbox import HELM_ID, TOKEN
from tests.harness import Action, Runner, StepResult, package_settings
from tests.harness.dependencies import SEARCH_PATH, install
from tests.world.comparison.run import Run
from tests.world.comparison.stage import staged

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.world.comparison.situations import Situation


@dataclass(frozen=True, kw_only=True)
class ActionRunner:
    """Runs the step with a tool cache that holds its dependencies."""

    tool_cache: Path = field(default_factory=install)

    def deploy(self, situation: Situation) -> Run:
        """Deploy in a situation, and return the run."""
        with staged(situation) as stage:
            known = Action.from_directory().inputs
            # GitHub warns of an input that action.yml does not declare, and does not pass it on.
            passed = {name: value for name, value in situation.inputs.items() if name in known}
            result = self.run({"helm_id": HELM_ID, "token": TOKEN, "api_url": stage.url, **passed})
            return Run(exit_code=result.exit_code, outcome=result.outputs["outcome"], fate=stage.fate())

    def run(self, inputs: Mapping[str, str]) -> StepResult:
        with tempfile.TemporaryDirectory() as directory:
            runner = Runner(
                directory=Path(directory),
                tool_cache=self.tool_cache,
                search_path=SEARCH_PATH,
                environment=package_settings(os.environ),
            )
            return runner.run(inputs)
