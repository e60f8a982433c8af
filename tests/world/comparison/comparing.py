"""Runs the CLI and the action in every situation."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from qovery_sandbox import deployment
from tests.deployments.case import run_case
from tests.world.comparison.record import Record
from tests.world.comparison.situations import SITUATIONS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qovery_sandbox import Faults, World
    from tests.world.comparison.action_runner import ActionRunner
    from tests.world.comparison.cli import Cli
    from tests.world.comparison.run import Run

# Runs mostly sleep; but more of them at once would delay each other, and the situations depend on timing.
_AT_A_TIME = 4

DURATIONS = {"10 minutes": 600, "an hour": 3600}


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The runs of the CLI and of the action, by situation; `action_calls` by a deployment's duration in seconds."""

    cli: Record
    action: Mapping[str, Run]
    action_calls: Mapping[int, int]


def compare(runner: ActionRunner, cli: Cli | None) -> Comparison:
    """Run the action and the CLI; without a CLI, read its runs from the record."""
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        cli_runs = None if cli is None else pool.map(cli.deploy, SITUATIONS)
        action_runs = list(pool.map(runner.deploy, SITUATIONS))
    if cli is None or cli_runs is None:
        record = Record.read()
    else:
        record = _record(cli.version(), dict(zip(_names(), cli_runs, strict=True)))
    return Comparison(
        cli=record,
        action=dict(zip(_names(), action_runs, strict=True)),
        action_calls={seconds: _action_calls(seconds) for seconds in DURATIONS.values()},
    )


def _names() -> list[str]:
    return [situation.name for situation in SITUATIONS]


def _record(version: str, runs: Mapping[str, tuple[Run, Sequence[tuple[float, str, str]]]]) -> Record:
    _, calls = runs[SITUATIONS[0].name]
    looks = sum(path.endswith("/helm/{helmId}/status") for _, _, path in calls)
    return Record(
        version=version,
        calls_around=len(calls) - looks,
        interval=_interval(runs),
        runs={name: run for name, (run, _) in runs.items()},
    )


def _interval(runs: Mapping[str, tuple[Run, Sequence[tuple[float, str, str]]]]) -> int:
    """Measure the seconds between two looks on the deployment that never ends."""
    situation = next(each for each in SITUATIONS if runs[each.name][0].exit_code is None)
    _, calls = runs[situation.name]
    looks = [at / situation.speed for at, _, path in calls if path == "/helm/{helmId}/status"]
    return round(min(later - earlier for earlier, later in pairwise(looks)))


def _action_calls(seconds: int) -> int:
    """Count the action's calls for a deployment of this duration, on virtual time."""

    def plan(world: World, _faults: Faults) -> None:
        world.plan_next(deployment(seconds))

    case = run_case(arrange=plan, timeout="2h")
    return sum(case.world.ledger.call_counts().values())
