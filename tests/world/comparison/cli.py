"""Runs Qovery's command-line client, an executable of this machine, as a job would."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from qovery_sandbox import TOKEN
from qovery_sandbox.services import ORGANIZATION_NAME, PROJECT_NAME
from tests.world.comparison.run import Run
from tests.world.comparison.stage import staged

if TYPE_CHECKING:
    from tests.world.comparison.situations import Situation

VARIABLE = "QOVERY_CLI"

# Seconds; the CLI itself has no timeout.
PATIENCE = 15.0

_DEPLOY = (
    *("helm", "deploy", "--watch", "--organization", ORGANIZATION_NAME, "--project", PROJECT_NAME),
    *("--environment", "staging", "--helm", "shop-api"),
)


@dataclass(frozen=True, kw_only=True)
class Cli:
    """Runs the executable with an empty home and without telemetry; it inherits only the PATH."""

    path: Path

    @classmethod
    def find(cls) -> Self | None:
        """Find the executable that the environment names, else the one on the PATH."""
        found = shutil.which(os.environ.get(VARIABLE) or "qovery")
        if os.environ.get(VARIABLE) and found is None:
            raise FileNotFoundError(f"{VARIABLE} is {os.environ[VARIABLE]}, which is not an executable.")
        return cls(path=Path(found)) if found else None

    def version(self) -> str:
        """Return the version, without using the network."""
        _, output = self._run("version")
        return output.split()[-1]

    def deploy(self, situation: Situation) -> tuple[Run, list[tuple[float, str, str]]]:
        """Deploy in a situation, and return the run and its calls."""
        with staged(situation) as stage:
            exit_code, _ = self._run(
                *_DEPLOY, *situation.options, QOVERY_API_URL=stage.url, QOVERY_CLI_ACCESS_TOKEN=TOKEN
            )
            calls = stage.calls()
            return Run(exit_code=exit_code, fate=stage.fate()), calls

    def _run(self, *arguments: str, **environment: str) -> tuple[int | None, str]:
        with tempfile.TemporaryDirectory() as home:
            own = {"HOME": home, "PATH": os.environ["PATH"], "QOVERY_TELEMETRY": "false", "NO_COLOR": "1"}
            try:
                ended = subprocess.run(  # noqa: S603
                    [str(self.path), *arguments],
                    env=own | environment,
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    text=True,
                    check=False,
                    timeout=PATIENCE,
                )
            except subprocess.TimeoutExpired:
                return None, ""
            return ended.returncode, ended.stdout
