"""Named stories to run against, which may be told together: `queued+failing`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from qovery_sandbox.ids import CI_USER, COLLEAGUE
from qovery_sandbox.plans import BUILD_FAILING, FAILING, HAPPY, NEVER_READY, SLOW, deployment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from qovery_sandbox.deployments import Order
    from qovery_sandbox.plans import Plan
    from qovery_sandbox.world import World

_LAG = 6.0
_INTERFERENCE = 5.0


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A story in a sentence; `arrange` sets a world up for it. What it starts, each deployment over HTTP starts."""

    description: str
    arrange: Callable[[World], object]


def names_from(texts: Iterable[str]) -> list[str]:
    """Split what a command line gives: several options, each one name or several joined by `+`."""
    names = [name.strip() for text in texts for name in text.split("+")]
    unknown = [name for name in names if name not in SCENARIOS]
    if unknown:
        raise ValueError(f"There is no scenario {', '.join(unknown)}. There are: {', '.join(SCENARIOS)}.")
    return names


def arrange(world: World, *names: str) -> World:
    """Set a world up for all the scenarios named."""
    for name in names_from(names):
        SCENARIOS[name].arrange(world)
    return world


def _everywhere(plan: Plan) -> Callable[[World], None]:
    def plan_everywhere(world: World) -> None:
        for service in world.services.values():
            service.plan = plan

    return plan_everywhere


def _lag(world: World) -> None:
    world.dialect = replace(world.dialect, status_lag=_LAG, accepted_body="previous")


def _queue(world: World) -> None:
    def deploy_first(order: Order) -> None:
        world.deploy(*order.service_ids, user=COLLEAGUE, plan=deployment(15))

    world.before_acceptance.append(deploy_first)


def _merge(world: World) -> None:
    def wait_already(order: Order) -> None:
        world.deploy(*order.service_ids, user=COLLEAGUE, plan=deployment(15))
        world.deploy(*order.service_ids, user=CI_USER, origin="API")

    world.before_acceptance.append(wait_already)


def _supersede(world: World) -> None:
    def replace_request(request_id: str) -> None:
        if world.cancel_request(request_id):
            world.deploy(*world.ledger[request_id].service_ids, user="bob@example.com", plan=HAPPY)

    _queue(world)
    world.after_acceptance.append(lambda request_id: world.after(_INTERFERENCE, partial(replace_request, request_id)))


def _cancel(world: World) -> None:
    def cancel_if_running(request_id: str) -> None:
        entry = world.ledger.fate(request_id)
        if entry.is_over:
            return
        if entry.began_at is None or world.now < entry.began_at + _INTERFERENCE:
            world.after(_INTERFERENCE, partial(cancel_if_running, request_id))
        else:
            world.cancel_running(world.services[entry.service_id].environment_id)

    world.after_acceptance.append(partial(_later, world, cancel_if_running))


def _later(world: World, happen: Callable[[str], None], request_id: str) -> None:
    world.after(_INTERFERENCE, partial(happen, request_id))


def _deploy_automatically(world: World) -> None:
    def push(order: Order) -> None:
        for service_id in order.service_ids:
            world.push(service_id)

    for service in world.services.values():
        service.auto_deploy = True
    world.before_acceptance.append(push)


def _find_no_difference(world: World) -> None:
    for service in world.services.values():
        service.has_difference = False


SCENARIOS: Mapping[str, Scenario] = {
    "happy": Scenario(description="A deployment takes 20 s and works.", arrange=_everywhere(HAPPY)),
    "failing": Scenario(
        description="A deployment ends in DEPLOYMENT_ERROR after 25 s: an image cannot be pulled.",
        arrange=_everywhere(FAILING),
    ),
    "build-failing": Scenario(
        description="A deployment ends in BUILD_ERROR after 11 s: the chart cannot be rendered.",
        arrange=_everywhere(BUILD_FAILING),
    ),
    "slow": Scenario(description="A deployment takes 10 minutes and works.", arrange=_everywhere(SLOW)),
    "never-ready": Scenario(
        description="A deployment never ends: the readiness probe never succeeds.", arrange=_everywhere(NEVER_READY)
    ),
    "lagging-status": Scenario(description="The status tells how things were 6 s ago.", arrange=_lag),
    "first-deployment": Scenario(
        description="Nothing was ever deployed.", arrange=lambda world: world.forget_deployments()
    ),
    "queued": Scenario(description="A colleague's deployment of the same service runs first, 15 s.", arrange=_queue),
    "merged": Scenario(
        description="A request of the same user waits already, and the new one is merged with it.", arrange=_merge
    ),
    "superseded": Scenario(
        description="A colleague takes the request out of the queue and deploys something else.", arrange=_supersede
    ),
    "canceled": Scenario(description="Somebody cancels the deployment 5 s after it began.", arrange=_cancel),
    "auto-deployed-twice": Scenario(
        description="A push deploys the service by itself, just before it is asked for.", arrange=_deploy_automatically
    ),
    "unchanged": Scenario(
        description="There is no difference to deploy, which DIFF then does not.", arrange=_find_no_difference
    ),
}
