"""From the step's start to its first request, in one run.

Peers: the least that an action in JavaScript does (`@actions/core`, bundled, and `fetch`), and the same action without
what a release carries: its dependencies kept by an earlier run, or installed by pip first.
"""

from __future__ import annotations

import os
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
from release.bytecode import compile_own, compiling_pythons
from release.locked import requirements_of
from release.wheels import download
from tests.harness.action import Action
from tests.harness.runner import package_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ROOT = bundle.ROOT
_JAVASCRIPT = ROOT / "benchmarks" / "javascript"
_HELM_ID = "5f1d2a60-7c3e-4b8a-9d21-0e6f4c7b1a21"
_ROUNDS = 15
_COLD_ROUNDS = 3


@dataclass(frozen=True, kw_only=True)
class Contender:
    """Something that starts; `before` is done before each start, and not counted."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    rounds: int = _ROUNDS
    before: Callable[[], object] = field(default=lambda: None)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The starts of each contender, by its name, the costs of a whole step by its number of services, and the size."""

    starts: Mapping[str, Sequence[Start]]
    costs: Mapping[int, Cost]
    bundle: str

    @property
    def best_peer(self) -> float:
        """The median start of the JavaScript action, in seconds."""
        return statistics.median(start.seconds for start in next(iter(self.starts.values())))


def measure_starts() -> Measured:
    with tempfile.TemporaryDirectory() as temporary:
        contenders = _contenders(Path(temporary))
        starts: dict[str, list[Start]] = {each.name: [] for each in contenders}
        for number in range(_ROUNDS):
            for each in contenders:
                if number < each.rounds:
                    each.before()
                    starts[each.name].append(measure(each.command, each.environment))
        release = contenders[-1]
        costs = {
            services: cost_of(release.command, release.environment, services=services) for services in (1, 10, 100)
        }
        return Measured(starts=starts, costs=costs, bundle=_size(Path(temporary) / "release" / "bundle"))


def _contenders(temporary: Path) -> list[Contender]:
    release, plain = temporary / "release", temporary / "plain"
    for directory in (release, plain):
        shutil.copytree(ROOT / "src", directory / "src", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(ROOT / "launcher", directory / "launcher", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "action.yml", directory)
    wheels = download(requirements_of(ROOT), bundle.WHEELS)
    pythons = tuple(compiling_pythons())
    bundle.build(release / "bundle", wheels, pythons=pythons)
    compile_own(release, pythons)
    cache = temporary / "tool-cache"
    return [
        Contender(name="minimal JavaScript action", command=_javascript(), environment=_environment(temporary)),
        Contender(
            name="installed by pip before",
            command=_step(plain, temporary),
            environment=_environment(temporary, plain) | {"RUNNER_TOOL_CACHE": str(cache)},
            # The round before has installed it.
        ),
        Contender(
            name="installed by pip first",
            command=_step(plain, temporary),
            environment=_environment(temporary, plain) | {"RUNNER_TOOL_CACHE": str(temporary / "cold")},
            rounds=_COLD_ROUNDS,
            before=lambda: shutil.rmtree(temporary / "cold", ignore_errors=True),
        ),
        Contender(
            name="with the bundle, on a fresh runner",
            command=_step(release, temporary),
            environment=_environment(temporary, release),
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


def _size(directory: Path) -> str:
    sizes = [path.stat().st_size for path in directory.rglob("*") if path.is_file()]
    return f"{len(sizes)} files, {sum(sizes) / 1024 / 1024:.1f} MiB"
