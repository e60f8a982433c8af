"""The number of requests that a step sends; an increase must be deliberate."""

from __future__ import annotations

import pytest

from qovery_sandbox import HELM_ID
from qovery_sandbox.plans import deployment
from tests.deployments.case import run_case
from tests.deployments.test_several import deploy


@pytest.mark.parametrize(
    ("seconds", "requests"), [pytest.param(20.0, 22), pytest.param(60.0, 34), pytest.param(600.0, 85)]
)
def test_a_deployment_takes_few_requests(seconds: float, requests: int) -> None:
    case = run_case(
        arrange=lambda world, _faults: setattr(world.services[HELM_ID], "plan", deployment(seconds)), timeout="2h"
    )
    assert case.outcome == "succeeded"
    assert len(case.sent) <= requests


@pytest.mark.parametrize(("services", "requests"), [pytest.param(1, 26), pytest.param(10, 40), pytest.param(100, 40)])
def test_several_services_take_few_requests(services: int, requests: int) -> None:
    assert len(deploy(services).sent) <= requests
