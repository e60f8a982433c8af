"""Runs workflows with act, which writes only below its own directory."""

import json
import subprocess
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.act.log import Run, read
from tests.harness.orphans import VARIABLE, end_all

# The commit that is pushed to main. The sandbox has this commit in its repositories.
COMMIT = "9be4d2c5" * 5
_EVENT = {"ref": "refs/heads/main", "before": "3c1f0e7a" * 5, "after": COMMIT, "deleted": False}

_PUBLISHED = "qovery-helm-deploy/qovery-helm-deploy@v1"
# Seconds; only a job that hangs runs longer.
_TIMEOUT = 120.0


class ActError(Exception):
    """act ran no job."""


@dataclass(frozen=True, kw_only=True)
class Act:
    program: Path
    directory: Path
    # The repository that is pushed to, with the action in it.
    repository: Path
    tool_cache: Path
    search_path: str

    def push(self, workflow: Path, *, variables: Mapping[str, str], secrets: Mapping[str, str]) -> Run:
        """Run the workflow for a push to main. Raises ActError if act runs no job."""
        tracking = uuid.uuid4().hex
        try:
            ended = subprocess.run(  # noqa: S603
                [str(self.program), "push", *self._options(workflow, variables, secrets, tracking)],
                cwd=self.repository,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                timeout=_TIMEOUT,
                check=False,
            )
        finally:
            end_all(tracking)
        run = read(ended.stdout.splitlines(), exit_code=ended.returncode)
        if not run.jobs:
            raise ActError(f"act ran no job:\n{ended.stderr}")
        return run

    def _options(
        self, workflow: Path, variables: Mapping[str, str], secrets: Mapping[str, str], tracking: str
    ) -> Iterator[str]:
        # On this machine itself, without downloads and without a cache server.
        yield from ("--platform", "ubuntu-latest=-self-hosted")
        yield from ("--action-offline-mode", "--no-cache-server", "--container-daemon-socket", "-")
        yield from ("--local-repository", f"{_PUBLISHED}={self.repository}")
        yield from ("--action-cache-path", str(self._action_cache()), "--rm")
        yield from ("--workflows", str(workflow), "--eventpath", str(self._event()), "--json")
        yield from ("--env", f"{VARIABLE}={tracking}")
        for name, value in variables.items():
            yield from ("--var", f"{name}={value}")
        for name, value in secrets.items():
            yield from ("--secret", f"{name}={value}")

    def _environment(self) -> dict[str, str]:
        """Return the environment of act and its jobs, without the variables and settings of the user."""
        home = self.directory / "home"
        home.mkdir(exist_ok=True)
        return {
            "ACT_DISABLE_VERSION_CHECK": "1",
            "HOME": str(home),
            "PATH": self.search_path,
            "XDG_CACHE_HOME": str(home / "cache"),
            "XDG_CONFIG_HOME": str(home / "config"),
        }

    def _action_cache(self) -> Path:
        """Return the directory in which jobs run and act looks for the tool cache."""
        cache = self.directory / "actions"
        cache.mkdir(exist_ok=True)
        (cache / "tool_cache").symlink_to(self.tool_cache)
        return cache

    def _event(self) -> Path:
        path = self.directory / "event.json"
        path.write_text(json.dumps(_EVENT))
        return path
