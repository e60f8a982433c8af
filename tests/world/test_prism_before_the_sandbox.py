"""Runs the action against the sandbox through Prism, which checks calls and answers against Qovery's specification."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qovery_sandbox import GIT_HELM_ID, HELM_ID, STAGING_ID, World, arrange, deployment
from qovery_sandbox.plans import NEVER_READY
from qovery_sandbox.server import RunningSandbox, realtime_world
from tests.world.prism.deploying import DEPLOY, deploy
from tests.world.prism.examples import SLICE_WITHOUT_DURATIONS
from tests.world.prism.server import running_prism

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.world.comparison.action_runner import ActionRunner

pytestmark = pytest.mark.usefixtures("prism_is_there")

CANCEL = ("POST", f"/environment/{STAGING_ID}/cancelDeployment")


def plan(world: World, seconds: float, *, end: str) -> None:
    for service_id in (HELM_ID, GIT_HELM_ID):
        world.plan_next(deployment(seconds, end=end), service_id=service_id)


@pytest.mark.parametrize(
    ("prepare", "inputs", "outcome", "calls"),
    [
        pytest.param(
            lambda world: plan(world, 3, end="DEPLOYED"),
            {"chart_version": "1.4.2", "logs": "live"},
            "succeeded",
            {DEPLOY, ("GET", f"/environment/{STAGING_ID}/logs")},
            id="succeeds, live log",
        ),
        pytest.param(
            lambda world: plan(world, 3, end="DEPLOYMENT_ERROR"),
            {},
            "failed",
            {("GET", f"/environment/{STAGING_ID}/logs"), ("GET", f"/environment/{STAGING_ID}/deploymentHistoryV2")},
            id="fails",
        ),
        pytest.param(
            lambda world: plan(world, 2, end="DEPLOYED"),
            {"helm_id": f"{HELM_ID},{GIT_HELM_ID}"},
            "succeeded",
            {("GET", "/environment/deploymentStatus"), ("POST", f"/environment/{STAGING_ID}/service/deploy")},
            id="two services of one environment",
        ),
        pytest.param(
            lambda world: world.plan_next(NEVER_READY),
            {"timeout": "4s", "cancel_on_timeout": "true"},
            "timed_out",
            {CANCEL},
            id="canceled while running",
        ),
        pytest.param(
            lambda world: arrange(world, "queued"),
            {"timeout": "4s", "cancel_on_timeout": "true"},
            "timed_out",
            {("GET", f"/environment/{STAGING_ID}/deploymentQueue")},
            id="canceled while queued",
        ),
    ],
)
def test_calls_and_answers_match_the_specification(
    runner: ActionRunner,
    tmp_path: Path,
    prepare: Callable[[World], object],
    inputs: dict[str, str],
    outcome: str,
    calls: set[tuple[str, str]],
) -> None:
    world = realtime_world()
    prepare(world)
    with RunningSandbox(world) as url, running_prism(SLICE_WITHOUT_DURATIONS, tmp_path, before=url) as prism:
        result = deploy(runner, prism, **{"timeout": "30s", **inputs})

        assert result.outputs["outcome"] == outcome, result.log
        assert calls <= prism.received()
