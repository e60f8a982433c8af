"""Deployments on Prism."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qovery_sandbox import HELM_ID, TOKEN

if TYPE_CHECKING:
    from tests.harness import StepResult
    from tests.world.comparison.ours import Ours
    from tests.world.prism.server import Prism

DEPLOY = ("POST", f"/helm/{HELM_ID}/deploy")


def deploy(ours: Ours, prism: Prism, **inputs: str) -> StepResult:
    """Deploy on a Prism that has no complaint about it."""
    told = len(prism.complaints())
    result = ours.run({"helm_id": HELM_ID, "token": TOKEN, "api_url": prism.url, "timeout": "4s", **inputs})
    complaints = prism.complaints()[told:]
    assert not complaints, "\n".join(complaints)
    assert not result.problems
    return result
