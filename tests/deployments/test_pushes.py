from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import pytest

from qovery_sandbox import HELM_ID, STAGING_ID
from qovery_sandbox.dialect import Dialect
from qovery_sandbox.faults import Answer, When
from qovery_sandbox.plans import Plan, Step, deployment
from tests.deployments.case import Case, run_case

if TYPE_CHECKING:
    from qovery_sandbox.faults import Faults
    from qovery_sandbox.world import World

GatewayDialect = Literal["entry", "array", "silent", "nonsense", "ends", "absent"]
ANSWER = "/environment/deploymentStatus"
IN_TWO_STEPS = Plan(
    steps=(
        Step(name="BUILD", duration=60, state="BUILDING"),
        Step(name="DEPLOYMENT", duration=600, state="DEPLOYING"),
    )
)


def deploy(gateway: GatewayDialect, plan: Plan, *, answer_lag: float = 0.0, **inputs: str) -> Case:
    def stage(world: World, _faults: Faults) -> None:
        world.dialect = Dialect(gateway=gateway, request_status_lag=answer_lag)
        world.services[HELM_ID].plan = plan

    return run_case({"timeout": "2h", "logs": "live", **inputs}, arrange=stage)


def looks_of(case: Case) -> list[float]:
    return [call.at for call in case.world.ledger.calls if call.path == ANSWER]


def lag_of(case: Case) -> float:
    [request] = case.requests
    assert case.outcome == "succeeded"
    assert request.ended_at is not None
    return looks_of(case)[-1] - request.ended_at


@pytest.mark.parametrize("gateway", ["entry", "array"])
@pytest.mark.parametrize("seconds", [101.0, 1000.0])
def test_sees_a_pushed_end_at_once(gateway: GatewayDialect, seconds: float) -> None:
    assert lag_of(deploy(gateway, deployment(seconds))) <= 0.2
    assert lag_of(deploy("absent", deployment(seconds))) > 1.0


def test_polls_again_when_the_answer_lags() -> None:
    assert lag_of(deploy("entry", deployment(1000), answer_lag=1.5)) <= 2.2


def test_polls_less_while_pushes_hold() -> None:
    pushed, polled = deploy("entry", IN_TWO_STEPS), deploy("absent", IN_TWO_STEPS)
    assert lag_of(pushed) <= 0.2
    assert len(looks_of(pushed)) <= 0.6 * len(looks_of(polled))


@pytest.mark.parametrize("gateway", ["silent", "nonsense", "ends", "absent"])
@pytest.mark.parametrize("plan", [deployment(400), IN_TWO_STEPS], ids=["a step", "two steps"])
def test_useless_pushes_cost_a_few_polls(gateway: GatewayDialect, plan: Plan) -> None:
    case, usual = deploy(gateway, plan), deploy("entry", plan, logs="none")
    *_, last_but_one, last = looks_of(usual)
    # A push may come with a change by chance; then the polls are three times as far apart until one finds a change.
    assert lag_of(case) <= 3 * (last - last_but_one) + 2
    assert len(looks_of(case)) <= len(looks_of(usual)) + 12


def test_fixed_interval_ignores_pushes() -> None:
    looks = looks_of(deploy("entry", deployment(100), poll_interval="30s"))
    assert {round(later - earlier) for earlier, later in pairwise(looks[1:])} == {30}


def test_no_pushes_without_cluster_id() -> None:
    def hide(world: World, faults: Faults) -> None:
        world.services[HELM_ID].plan = deployment(101)
        environment = {"id": STAGING_ID, "name": "staging", "organization": {"id": "o"}, "project": {"id": "p"}}
        faults.add(When(path="/environment/{environmentId}"), Answer(200, json.dumps(environment)))

    assert lag_of(run_case(arrange=hide, logs="live")) > 1.0


def test_no_pushes_unless_logs_are_live() -> None:
    assert lag_of(deploy("entry", deployment(101), logs="failure")) > 1.0
