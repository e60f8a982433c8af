"""How many calls a step makes one after the other, on a network where each takes a quarter of a second."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import anyio
import pytest

from tests.deployments.case import run_case

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from qovery_sandbox.faults import Faults
    from qovery_sandbox.world import World
    from tests.deployments.case import Case


async def latency(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    await anyio.sleep(0.125)
    await app(scope, receive, send)
    await anyio.sleep(0.125)


def slow_down(_world: World, faults: Faults) -> None:
    faults.add(lambda _call: True, latency)


def round_trips(case: Case) -> list[set[str]]:
    """Return the calls, those that were sent at the same time together, by the last part of their path."""
    calls = groupby(case.world.ledger.calls, key=lambda call: round(call.at, 2))
    return [{call.path.rpartition("/")[2] for call in together} for _, together in calls]


def test_three_round_trips_to_acceptance() -> None:
    assert round_trips(run_case(arrange=slow_down))[:4] == [
        {"{helmId}"},
        {"{environmentId}", "statuses", "deploymentQueue", "deploymentHistoryV2"},
        {"deploy"},
        {"link"},
    ]


@pytest.mark.parametrize(
    ("dialect", "end"),
    [
        pytest.param({}, [{"deploymentStatus"}, {"deploymentHistoryV2", "statuses"}], id="answer"),
        pytest.param({"request_status_refusal": 401}, [{"deploymentHistoryV2"}, {"statuses"}], id="history"),
    ],
)
def test_one_round_trip_after_the_end(dialect: dict[str, int], end: list[set[str]]) -> None:
    def refuse(world: World, faults: Faults) -> None:
        slow_down(world, faults)
        world.dialect = type(world.dialect)(**dialect)  # type: ignore[arg-type]

    case = run_case(arrange=refuse)
    assert case.outcome == "succeeded"
    assert round_trips(case)[-2:] == end
