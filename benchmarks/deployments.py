"""Deploys with the action itself, in-process and on virtual time."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

import anyio

from benchmarks.schedules import Schedule
from qovery_sandbox.deployments import RequestSpec
from qovery_sandbox.ids import COLLEAGUE, HELM_ID, STAGING_ID
from qovery_sandbox.plans import deployment
from qovery_sandbox.services import DAY, numbered_service_ids
from tests.deployments.case import run_case

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Receive, Scope, Send

    from benchmarks.durations import Durations
    from qovery_sandbox.faults import Faults
    from qovery_sandbox.world import World
    from tests.deployments.case import Case


#: What is polled while a request waits or runs.
_POLLED = {
    "/environment/deploymentStatus",
    "/environment/{environmentId}/deploymentQueue",
    "/environment/{environmentId}/deploymentHistoryV2",
}


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """`duration` of the deployment, `lag` until a poll saw its end, and `took`, the whole step; all in seconds.

    `requests` are all calls of the step. `accepted_after` is the time until Qovery's answer to the request.
    """

    duration: float
    lag: float
    took: float
    requests: int
    accepted_after: float

    @property
    def beyond(self) -> float:
        """The seconds that the step took beyond the deployment."""
        return self.took - self.duration


def deploy_with(
    durations: Durations, *, known: int, seed: int, waits: float = 0.0, latency: float = 0.0, **inputs: str
) -> Deployed:
    """Deploy a service whose deployments take so long, after a colleague's that takes `waits` seconds.

    So many earlier ones are known. Each call takes `latency` seconds.
    """
    generator = random.Random(seed)  # noqa: S311 - to be drawn again
    earlier = [durations.draw(generator) for _ in range(known)]
    duration = durations.draw(generator)
    case, ended_at = _deploy(earlier, duration=duration, seed=seed, waits=waits, latency=latency, **inputs)
    [accepted_after] = [call.at + latency for call in case.world.ledger.calls if call.method == "POST"]
    return Deployed(
        duration=duration,
        lag=_polls_of(case)[-1] - ended_at,
        took=case.took,
        requests=len(case.sent),
        accepted_after=accepted_after,
    )


@cache
def schedule_of(durations: Durations, *, known: int, seed: int) -> Schedule:
    """Return when a deployment is polled that takes longer than any other; so many earlier ones are known."""
    generator = random.Random(seed)  # noqa: S311 - to be drawn again
    earlier = [durations.draw(generator) for _ in range(known)]
    case, ended_at = _deploy(earlier, duration=durations.longest, seed=seed)
    began_at = ended_at - durations.longest
    return Schedule(polls=tuple(at - began_at for at in _polls_of(case)))


def requests_of(services: int, *, seconds: float) -> dict[str, int]:
    """Deploy so many services of one environment, each of which takes so long; returns the calls by kind."""
    case = run_case(
        arrange=lambda world, _faults: world.add_services(count=services, plan=deployment(seconds)),
        helm_id="\n".join(numbered_service_ids(services)),
        timeout="24h",
    )
    if {report.verdict.outcome for report in case.reports} != {"succeeded"}:
        raise RuntimeError(f"{services} services: not all succeeded")
    return {f"{method} {path}": count for (method, path), count in case.world.ledger.call_counts().items()}


def _deploy(
    earlier: Sequence[float], *, duration: float, seed: int, waits: float = 0.0, latency: float = 0.0, **inputs: str
) -> tuple[Case, float]:
    """Deploy, and return when the deployment ended."""
    arrange = partial(_arrange, earlier=earlier, duration=duration, waits=waits, latency=latency)
    case = run_case({"timeout": "24h", **inputs}, arrange=arrange, seed=seed)
    [request] = case.requests
    if case.outcome != "succeeded" or request.ended_at is None:
        raise RuntimeError(f"a deployment of {duration} s: {case.report.verdict}")
    return case, request.ended_at


def _polls_of(case: Case) -> list[float]:
    """Return when the step polled after the request; calls of one poll count once."""
    posted_at = case.requests[0].accepted_at
    calls = (call for call in case.world.ledger.calls if call.path in _POLLED and call.at > posted_at)
    return sorted({call.at for call in calls})


def _arrange(
    world: World, faults: Faults, *, earlier: Sequence[float], duration: float, waits: float, latency: float
) -> None:
    async def delay(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        await anyio.sleep(latency / 2)
        await app(scope, receive, send)
        await anyio.sleep(latency / 2)

    faults.add(lambda _call: latency > 0, delay)
    world.clear_deployments()
    for number, seconds in enumerate(earlier):
        spec = RequestSpec(service_ids=(HELM_ID,), user=COLLEAGUE, plans={HELM_ID: deployment(seconds)})
        world.environments[STAGING_ID].add_past_deployment(spec, at=(number - len(earlier)) * DAY)
    world.services[HELM_ID].plan = deployment(duration)
    if waits:
        other = next(each.id for each in world.services.values() if each.id != HELM_ID)
        world.deploy(other, plan=deployment(waits))
