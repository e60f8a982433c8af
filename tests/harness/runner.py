"""The runner: starts the action's step in a new environment, and cancels it with up to three signals."""

import os
import platform
import re
import signal
import subprocess
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.harness.action import Action
from tests.harness.orphans import VARIABLE
from tests.harness.step import Step, StepFiles, StepResult

_BASH = ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail")
_COMMAND_FILES = ("OUTPUT", "STEP_SUMMARY", "ENV", "PATH", "STATE")

# The settings with which pip finds packages on this machine. A step gets them only if a test passes them on.
_PACKAGE_SETTINGS = re.compile(r"PIP_.*|SSL_CERT_.*|REQUESTS_CA_BUNDLE|(HTTPS?|ALL|NO)_PROXY|HOME", re.IGNORECASE)

_ARCHITECTURES = {"x86_64": "X64", "AMD64": "X64", "aarch64": "ARM64", "arm64": "ARM64"}
_SYSTEMS = {"Linux": "Linux", "Darwin": "macOS", "Windows": "Windows"}


@dataclass(frozen=True, kw_only=True)
class CancelDelays:
    """Seconds from SIGINT to SIGTERM, and from there to SIGKILL."""

    terminate: float = 7.5
    kill: float = 2.5

    def scaled(self, factor: float) -> "CancelDelays":
        return CancelDelays(terminate=self.terminate * factor, kill=self.kill * factor)


@dataclass(frozen=True, kw_only=True)
class Runner:
    """A machine that runs steps, and writes only below its directory."""

    directory: Path
    action: Action = field(default_factory=Action.from_directory)
    workspace: Path | None = None
    tool_cache: Path | None = None
    # The PATH that a job would have.
    search_path: str = field(default_factory=lambda: os.environ["PATH"])
    # Variables of the workflow and of earlier steps. They take precedence over those of the runner.
    environment: Mapping[str, str] = field(default_factory=dict)
    # A command that runs the step by exec, for example in a namespace with other mounts.
    wrapper: Sequence[str] = ()

    def run(
        self, inputs: Mapping[str, str], *, timeout: float = 60.0, on_line: Callable[[str], None] = lambda _: None
    ) -> StepResult:
        return self.start(inputs, on_line=on_line).wait(timeout=timeout)

    def start(self, inputs: Mapping[str, str], *, on_line: Callable[[str], None] = lambda _: None) -> Step:
        """Start the step; `on_line` is called with each line as a user sees it."""
        tracking = uuid.uuid4().hex
        commands = self._command_files(tracking)
        script = self._made("temp") / f"{tracking}.sh"
        script.write_text(self.action.script, encoding="utf-8")
        environment = {
            **self._environment(),
            **{f"GITHUB_{name}": str(path) for name, path in commands.items()},
            **self.environment,
            **self.action.step_environment(inputs),
            VARIABLE: tracking,
        }
        process = subprocess.Popen(  # noqa: S603
            [*self.wrapper, *_BASH, str(script)],
            cwd=self._workspace(),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
        leaks = (commands["ENV"], commands["PATH"], commands["STATE"])
        files = StepFiles(outputs=commands["OUTPUT"], summary=commands["STEP_SUMMARY"], leaks=leaks)
        return Step(process, action=self.action, files=files, tracking=tracking, on_line=on_line)

    def cancel(self, step: Step, *, delays: CancelDelays | None = None) -> StepResult:
        """Cancel as the runner does."""
        delays = delays or CancelDelays()
        in_turn = ((signal.SIGINT, delays.terminate), (signal.SIGTERM, delays.kill), (signal.SIGKILL, 0.0))
        return step.signal_in_turn(in_turn)

    def _environment(self) -> dict[str, str]:
        return {
            "CI": "true",
            "GITHUB_ACTION": "deploy",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(self.action.path),
            "GITHUB_EVENT_NAME": "push",
            "GITHUB_JOB": "deploy",
            "GITHUB_REF": "refs/heads/main",
            "GITHUB_REPOSITORY": "octo-org/octo-repo",
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_RUN_ID": "1658821493",
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_SHA": "ffac537e6cbbf934b08745a378932722df287a53",
            "GITHUB_WORKFLOW": "Deploy",
            "GITHUB_WORKSPACE": str(self._workspace()),
            "HOME": str(self._made("home")),
            "PATH": self.search_path,
            "RUNNER_ARCH": _ARCHITECTURES.get(platform.machine(), "X64"),
            "RUNNER_NAME": "harness",
            "RUNNER_OS": _SYSTEMS[platform.system()],
            "RUNNER_TEMP": str(self._made("temp")),
            "RUNNER_TOOL_CACHE": str(self.tool_cache or self._made("tool-cache")),
        }

    def _command_files(self, step: str) -> dict[str, Path]:
        files = {name: self._made("temp") / f"{name.lower()}_{step}" for name in _COMMAND_FILES}
        for path in files.values():
            path.touch()
        return files

    def _workspace(self) -> Path:
        return self.workspace or self._made("workspace")

    def _made(self, name: str) -> Path:
        directory = self.directory / name
        directory.mkdir(parents=True, exist_ok=True)
        return directory


def package_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that an installation of packages needs on this machine."""
    return {name: value for name, value in environment.items() if _PACKAGE_SETTINGS.fullmatch(name)}
