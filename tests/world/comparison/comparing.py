"""Puts both into every situation."""

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
    from tests.world.comparison.cli import Cli
    from tests.world.comparison.ours import Ours
    from tests.world.comparison.run import Run

# They mostly sleep. More of them would keep each other waiting for the processor, which the situations' times forbid.
_AT_A_TIME = 4

DURATIONS = {"10 minutes": 600, "an hour": 3600}


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The client's runs and the action's, by situation; `our_calls` by the seconds that a deployment takes."""

    theirs: Record
    ours: Mapping[str, Run]
    our_calls: Mapping[int, int]


def compare(ours: Ours, cli: Cli | None) -> Comparison:
    """Run the action, and the client too where there is one; else what it did is read from the record."""
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        their_runs = None if cli is None else pool.map(cli.deploy, SITUATIONS)
        our_runs = list(pool.map(ours.deploy, SITUATIONS))
    if cli is None or their_runs is None:
        theirs = Record.read()
    else:
        theirs = _record(cli.version(), dict(zip(_names(), their_runs, strict=True)))
    return Comparison(
        theirs=theirs,
        ours=dict(zip(_names(), our_runs, strict=True)),
        our_calls={seconds: _our_calls(seconds) for seconds in DURATIONS.values()},
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


def _our_calls(seconds: int) -> int:
    """Count the action's calls for a deployment of so many seconds, in virtual ones."""

    def plan(world: World, _faults: Faults) -> None:
        world.plan_next(deployment(seconds))

    case = run_case(arrange=plan, timeout="2h")
    return sum(case.world.ledger.call_counts().values())
