"""Deploys by the action itself, in-process and on virtual time, and tells what that took."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from qovery_sandbox.catalogue import DAY
from qovery_sandbox.crowd import crowd_ids, populate
from qovery_sandbox.identity import COLLEAGUE, HELM_ID, STAGING_ID
from qovery_sandbox.plans import deployment
from qovery_sandbox.request import Order
from tests.deployments.case import run_case

if TYPE_CHECKING:
    from benchmarks.durations import Durations
    from qovery_sandbox.faults import Faults
    from qovery_sandbox.world import World

_HISTORY = 20


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """`duration` of the deployment, `lag` until its end was seen, and `took`, the whole step; all in seconds.

    `requests` are all of the step's, `looks` those at the status while it waited or ran.
    """

    duration: float
    lag: float
    took: float
    requests: int
    looks: int


def deploy_with(durations: Durations, *, knows_history: bool, seed: int, waits: float = 0.0, **inputs: str) -> Deployed:
    """Deploy a service whose deployments take so long, after a colleague's that takes `waits` seconds."""
    generator = random.Random(seed)  # noqa: S311 - to be drawn again
    earlier = [durations.draw(generator) for _ in range(_HISTORY)] if knows_history else []
    duration = durations.draw(generator)
    arrange = partial(_arrange, earlier=earlier, duration=duration, waits=waits)
    case = run_case({"timeout": "24h", **inputs}, arrange=arrange, seed=seed)
    [ours] = case.ours
    if case.outcome != "succeeded" or ours.ended_at is None:
        raise RuntimeError(f"{durations.name}: {case.report.verdict}")
    looks = [call.at for call in case.world.ledger.calls if call.path == "/helm/{helmId}/status"]
    return Deployed(
        duration=duration,
        lag=looks[-1] - ours.ended_at,
        took=case.took,
        requests=len(case.sent),
        # The first one was before the request.
        looks=len(looks) - 1,
    )


def requests_of(services: int, *, seconds: float) -> dict[str, int]:
    """Deploy so many services of one environment, each of which takes so long; returns the calls by kind."""
    case = run_case(
        arrange=lambda world, _faults: populate(world, count=services, plan=deployment(seconds)),
        helm_id="\n".join(crowd_ids(services)),
        timeout="24h",
    )
    if {report.verdict.outcome for report in case.reports} != {"succeeded"}:
        raise RuntimeError(f"{services} services: not all succeeded")
    return {f"{method} {path}": count for (method, path), count in case.world.ledger.call_counts().items()}


def _arrange(world: World, _faults: Faults, *, earlier: list[float], duration: float, waits: float) -> None:
    world.forget_deployments()
    for number, seconds in enumerate(earlier):
        order = Order(service_ids=(HELM_ID,), user=COLLEAGUE, plans={HELM_ID: deployment(seconds)})
        world.environments[STAGING_ID].remember(order, at=(number - len(earlier)) * DAY)
    world.services[HELM_ID].plan = deployment(duration)
    if waits:
        other = next(each.id for each in world.services.values() if each.id != HELM_ID)
        world.deploy(other, plan=deployment(waits))
