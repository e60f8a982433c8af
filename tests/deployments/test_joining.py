from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qovery_sandbox import HELM_ID
from qovery_sandbox.deployments import Versions
from qovery_sandbox.ids import CI_USER
from qovery_sandbox.plans import deployment
from tests.deployments.case import run_case

if TYPE_CHECKING:
    from qovery_sandbox.faults import Faults
    from qovery_sandbox.world import World

RERUN = {"join_on_rerun": "true", "chart_version": "2.0.0"}


def asked_before(world: World, *, version: str = "2.0.0", end: str = "DEPLOYED", seconds: float = 30.0) -> None:
    plan = deployment(seconds, end=end)
    world.deploy(HELM_ID, user=CI_USER, origin="API", versions=Versions(chart_version=version), plan=plan)


def running(world: World, _faults: Faults) -> None:
    asked_before(world)


def failing(world: World, _faults: Faults) -> None:
    asked_before(world, end="DEPLOYMENT_ERROR")


def waiting(world: World, _faults: Faults) -> None:
    world.deploy(HELM_ID, plan=deployment(10))
    asked_before(world)


@pytest.mark.parametrize(
    ("arrange", "outcome"),
    [
        pytest.param(running, "succeeded", id="running, succeeds"),
        pytest.param(failing, "failed", id="running, fails"),
        pytest.param(waiting, "succeeded", id="queued"),
    ],
)
def test_joins_the_earlier_attempt(arrange: object, outcome: str) -> None:
    case = run_case(RERUN, arrange=arrange, attempt=2)  # type: ignore[arg-type]
    assert (case.outcome, case.requests) == (outcome, [])
    assert case.log.lines[2].startswith("Following the deployment of an earlier attempt of this job: ")
    assert not [line for line in case.log.lines if "accepted" in line or "behind 2" in line]


def test_superseded_by_other_versions() -> None:
    def wait_with_others(world: World, _faults: Faults) -> None:
        world.deploy(HELM_ID, plan=deployment(10))
        asked_before(world, version="1.0.0")

    case = run_case(RERUN, arrange=wait_with_others, attempt=2)
    assert (case.outcome, case.requests) == ("superseded", [])


def other_versions(world: World, _faults: Faults) -> None:
    asked_before(world, version="1.0.0", seconds=5)


def somebody_else(world: World, _faults: Faults) -> None:
    world.deploy(HELM_ID, versions=Versions(chart_version="2.0.0"), plan=deployment(5))


def two_deployments(world: World, _faults: Faults) -> None:
    asked_before(world, seconds=5)
    world.deploy(HELM_ID, user="other-bot", origin="API", plan=deployment(5))


@pytest.mark.parametrize(
    "arrange",
    [
        pytest.param(lambda _world, _faults: None, id="no deployment"),
        pytest.param(other_versions, id="other versions"),
        pytest.param(somebody_else, id="started in the console"),
        pytest.param(two_deployments, id="two deployments"),
    ],
)
def test_joins_nothing_unclear(arrange: object) -> None:
    case = run_case(RERUN, arrange=arrange, attempt=2)  # type: ignore[arg-type]
    assert (case.outcome, len(case.requests)) == ("succeeded", 1)


@pytest.mark.parametrize(
    ("inputs", "attempt"),
    [
        pytest.param(RERUN, 1, id="first attempt"),
        pytest.param({"chart_version": "2.0.0"}, 2, id="input not set"),
    ],
)
def test_joins_only_when_asked(inputs: dict[str, str], attempt: int) -> None:
    case = run_case(inputs, arrange=running, attempt=attempt)
    assert len(case.requests) == 1
