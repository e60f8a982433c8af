"""Scenarios: what happens to each deployment. They can be combined: `queued+failing`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from qovery_sandbox.ids import CI_USER, COLLEAGUE
from qovery_sandbox.plans import BUILD_FAILING, FAILING, HAPPY, NEVER_READY, SLOW, deployment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from qovery_sandbox.deployments import RequestSpec
    from qovery_sandbox.plans import Plan
    from qovery_sandbox.world import World

_STATUS_LAG = 6.0
_INTERVENTION_DELAY = 5.0
_EARLIER_DEPLOYMENT = deployment(15)


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A description in one sentence, and a function that configures a world."""

    description: str
    arrange: Callable[[World], object]


def parse_names(texts: Iterable[str]) -> list[str]:
    """Split names that are joined by `+`. Raises ValueError for a name that is not a scenario."""
    names = [name.strip() for text in texts for name in text.split("+")]
    unknown = [name for name in names if name not in SCENARIOS]
    if unknown:
        raise ValueError(f"Unknown scenario: {', '.join(unknown)}. The scenarios are {', '.join(SCENARIOS)}.")
    return names


def arrange(world: World, *names: str) -> World:
    """Configure a world for the named scenarios, and return it."""
    for name in parse_names(names):
        SCENARIOS[name].arrange(world)
    return world


def _use_plan(plan: Plan) -> Callable[[World], None]:
    def use_plan(world: World) -> None:
        for service in world.services.values():
            service.plan = plan

    return use_plan


def _lag_status(world: World) -> None:
    world.dialect = replace(world.dialect, status_lag=_STATUS_LAG, accepted_body="previous")


def _queue_behind_colleague(world: World) -> None:
    def deploy_first(spec: RequestSpec) -> None:
        world.deploy(*spec.service_ids, user=COLLEAGUE, plan=_EARLIER_DEPLOYMENT)

    world.before_acceptance.append(deploy_first)


def _merge_with_queued_request(world: World) -> None:
    def queue_request(spec: RequestSpec) -> None:
        world.deploy(*spec.service_ids, user=COLLEAGUE, plan=_EARLIER_DEPLOYMENT)
        world.deploy(*spec.service_ids, user=CI_USER, origin="API")

    world.before_acceptance.append(queue_request)


def _supersede(world: World) -> None:
    def replace_request(request_id: str) -> None:
        if world.cancel_request(request_id):
            world.deploy(*world.ledger[request_id].service_ids, user="bob@example.com", plan=HAPPY)

    _queue_behind_colleague(world)
    world.after_acceptance.append(
        lambda request_id: world.after(_INTERVENTION_DELAY, partial(replace_request, request_id))
    )


def _cancel(world: World) -> None:
    def cancel_if_running(request_id: str) -> None:
        entry = world.ledger.fate(request_id)
        if entry.is_over:
            return
        if entry.began_at is None or world.now < entry.began_at + _INTERVENTION_DELAY:
            world.after(_INTERVENTION_DELAY, partial(cancel_if_running, request_id))
        else:
            world.cancel_running(world.services[entry.service_id].environment_id)

    world.after_acceptance.append(
        lambda request_id: world.after(_INTERVENTION_DELAY, partial(cancel_if_running, request_id))
    )


def _push_first(world: World) -> None:
    def push(spec: RequestSpec) -> None:
        for service_id in spec.service_ids:
            world.push(service_id)

    for service in world.services.values():
        service.auto_deploy = True
    world.before_acceptance.append(push)


def _remove_differences(world: World) -> None:
    for service in world.services.values():
        service.has_difference = False


SCENARIOS: Mapping[str, Scenario] = {
    "happy": Scenario(description="The deployment succeeds after 20 s.", arrange=_use_plan(HAPPY)),
    "failing": Scenario(
        description="The deployment fails after 25 s with DEPLOYMENT_ERROR: an image cannot be pulled.",
        arrange=_use_plan(FAILING),
    ),
    "build-failing": Scenario(
        description="The deployment fails after 11 s with BUILD_ERROR: the chart cannot be rendered.",
        arrange=_use_plan(BUILD_FAILING),
    ),
    "slow": Scenario(description="The deployment succeeds after 10 minutes.", arrange=_use_plan(SLOW)),
    "never-ready": Scenario(
        description="The deployment never ends: the readiness probe never succeeds.", arrange=_use_plan(NEVER_READY)
    ),
    "lagging-status": Scenario(description="Statuses are 6 s old.", arrange=_lag_status),
    "first-deployment": Scenario(
        description="No service has been deployed before.", arrange=lambda world: world.clear_deployments()
    ),
    "queued": Scenario(
        description="A colleague's deployment of the same service runs first, for 15 s.",
        arrange=_queue_behind_colleague,
    ),
    "merged": Scenario(
        description="Qovery merges the request into a queued request of the same user.",
        arrange=_merge_with_queued_request,
    ),
    "superseded": Scenario(
        description="A colleague removes the request from the queue and deploys the service instead.",
        arrange=_supersede,
    ),
    "canceled": Scenario(
        description="A colleague cancels the deployment 5 s after it began.",
        arrange=_cancel,
    ),
    "auto-deployed-twice": Scenario(
        description="Auto-deploy is on: a push deploys the service just before the request.", arrange=_push_first
    ),
    "unchanged": Scenario(
        description="Nothing has changed, so Qovery runs no deployment for a request with force_event: DIFF.",
        arrange=_remove_differences,
    ),
}
