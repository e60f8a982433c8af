"""Many services alike, in the environment of the first."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from qovery_sandbox.identity import HELM_ID

if TYPE_CHECKING:
    from qovery_sandbox.plan import Plan
    from qovery_sandbox.world import World

_OFFSET = 0x1000


def crowd_ids(count: int) -> list[str]:
    """Name so many services; the first is the one that is there anyway."""
    return [HELM_ID, *(str(UUID(int=UUID(HELM_ID).int + _OFFSET + each)) for each in range(1, count))]


def populate(world: World, *, count: int, plan: Plan) -> None:
    """Let there be so many services that are deployed by this plan."""
    for number, service_id in enumerate(crowd_ids(count)):
        world.services[service_id] = replace(
            world.services[HELM_ID], id=service_id, name=f"service-{number}", plan=plan
        )
