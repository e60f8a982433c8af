"""From the step's start to its first request, in one run.

The floor is the least that a step in Python does (`floor.py`). The same action is also measured without what a release
carries: its dependencies kept by an earlier run, or installed by pip first. A JavaScript action stands for all others.
"""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.cost import Cost, cost_of
from benchmarks.first_request import Start, measure
from release import bundle
from release.bytecode import CompilingPython, compile_own, compiling_pythons
from release.locked import requirements_of
from release.wheels import PURE, download
from tests.harness.action import Action
from tests.harness.runner import package_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ROOT = bundle.ROOT
_JAVASCRIPT = ROOT / "benchmarks" / "javascript"
_HELM_ID = "5f1d2a60-7c3e-4b8a-9d21-0e6f4c7b1a21"
FLOOR, RELEASE = "the floor: Python, httpx, anyio, pydantic, one GET", "this action, on a fresh runner"


@dataclass(frozen=True, kw_only=True)
class Contender:
    """Something that starts; `before` is done before each start, and not counted."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    rounds: int
    before: Callable[[], object] = field(default=lambda: None)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The starts of each contender by its name, the floor first, and the costs of a whole step by its services."""

    python: str
    starts: Mapping[str, Sequence[Start]]
    costs: Mapping[int, Cost]

    @property
    def floor(self) -> float:
        """The median start of the floor, in seconds."""
        return statistics.median(start.seconds for start in self.starts[FLOOR])

    @property
    def step(self) -> float:
        """The median start of the step as it is released, in seconds."""
        return statistics.median(start.seconds for start in self.starts[RELEASE])


def measure_starts(*, rounds: int, cold_rounds: int) -> Measured:
    pythons = tuple(compiling_pythons())
    with tempfile.TemporaryDirectory() as temporary:
        contenders = _contenders(Path(temporary), pythons, rounds=rounds, cold_rounds=cold_rounds)
        starts: dict[str, list[Start]] = {each.name: [] for each in contenders}
        for number in range(rounds):
            for each in contenders:
                if number < each.rounds:
                    each.before()
                    starts[each.name].append(measure(each.command, each.environment))
        [release] = [each for each in contenders if each.name == RELEASE]
        costs = {
            services: cost_of(release.command, release.environment, services=services) for services in (1, 10, 100)
        }
        return Measured(python=pythons[0].release, starts=starts, costs=costs)


def _contenders(
    temporary: Path, pythons: Sequence[CompilingPython], *, rounds: int, cold_rounds: int
) -> list[Contender]:
    release, plain = temporary / "release", temporary / "plain"
    for directory in (release, plain):
        shutil.copytree(ROOT / "src", directory / "src", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(ROOT / "launcher", directory / "launcher", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "action.yml", directory)
    wheels = download(requirements_of(ROOT), bundle.WHEELS)
    bundle.build(release / "bundle", wheels, pythons=pythons)
    compile_own(release, pythons)
    # The first one on the PATH of the steps.
    python = pythons[0]
    compiled = f"cpython-{python.version.replace('.', '')}-{platform.machine()}-linux-gnu"
    parts = [str(release / "bundle" / part) for part in (PURE, compiled)]
    return [
        Contender(
            name=FLOOR,
            command=(python.program, "-ISu", str(ROOT / "benchmarks" / "floor.py"), *parts),
            environment=_environment(temporary),
            rounds=rounds,
        ),
        Contender(
            name=RELEASE,
            command=_step(release, temporary),
            environment=_environment(temporary, release),
            rounds=rounds,
        ),
        Contender(
            name="this action from its repository, installed before",
            command=_step(plain, temporary),
            # The round before has installed it.
            environment=_environment(temporary, plain) | {"RUNNER_TOOL_CACHE": str(temporary / "tool-cache")},
            rounds=rounds,
        ),
        Contender(
            name="this action from its repository, for the first time",
            command=_step(plain, temporary),
            environment=_environment(temporary, plain) | {"RUNNER_TOOL_CACHE": str(temporary / "cold")},
            rounds=cold_rounds,
            before=lambda: shutil.rmtree(temporary / "cold", ignore_errors=True),
        ),
        Contender(
            name="a minimal JavaScript action",
            command=_javascript(),
            environment=_environment(temporary),
            rounds=rounds,
        ),
    ]


def _javascript() -> tuple[str, ...]:
    subprocess.run(["npm", "ci", "--silent"], cwd=_JAVASCRIPT, check=True)  # noqa: S607
    subprocess.run(["npm", "run", "--silent", "build"], cwd=_JAVASCRIPT, check=True, capture_output=True)  # noqa: S607
    return (shutil.which("node") or "node", str(_JAVASCRIPT / "dist" / "index.mjs"))


def _step(action: Path, temporary: Path) -> tuple[str, ...]:
    """Return the step as the runner runs it: action.yml's own script, by bash."""
    script = temporary / f"{action.name}.sh"
    script.write_text(Action.from_directory(action).script, encoding="utf-8")
    return ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script))


def _environment(temporary: Path, action: Path | None = None) -> dict[str, str]:
    files = {f"GITHUB_{name}": str(temporary / name.lower()) for name in ("OUTPUT", "STEP_SUMMARY")}
    for file in files.values():
        Path(file).touch()
    inputs = {"helm_id": _HELM_ID, "token": "benchmark-token", "api_url": "{url}"}
    if action is not None:
        inputs = Action.from_directory(action).step_environment(inputs)
    else:
        inputs = {f"INPUT_{name.upper()}": value for name, value in inputs.items()}
    # Those that the bundle fits come first, as on a hosted runner.
    fitting = [str(Path(python.program).parent) for python in compiling_pythons()]
    path = os.pathsep.join([*fitting, str(Path(sys.executable).parent), os.environ["PATH"]])
    return {
        **package_settings(os.environ),
        **files,
        **inputs,
        "PATH": path,
        "RUNNER_TEMP": str(temporary),
        "GITHUB_ACTION_PATH": str(action or ""),
    }
