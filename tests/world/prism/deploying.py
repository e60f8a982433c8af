"""Deploys against Prism."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qovery_sandbox import HELM_ID, TOKEN

if TYPE_CHECKING:
    from tests.harness import StepResult
    from tests.world.comparison.action_runner import ActionRunner
    from tests.world.prism.server import Prism

DEPLOY = ("POST", f"/helm/{HELM_ID}/deploy")


def deploy(runner: ActionRunner, prism: Prism, **inputs: str) -> StepResult:
    """Deploy against Prism, and check that Prism reports no problem."""
    before = len(prism.complaints())
    result = runner.run({"helm_id": HELM_ID, "token": TOKEN, "api_url": prism.url, "timeout": "4s", **inputs})
    complaints = prism.complaints()[before:]
    assert not complaints, "\n".join(complaints)
    assert not result.problems
    return result
