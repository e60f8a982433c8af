from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import pytest

from qovery_sandbox import HELM_ID, STAGING_ID
from qovery_sandbox.answers import Answer
from qovery_sandbox.crowd import crowd_ids, populate
from qovery_sandbox.dialect import Dialect
from qovery_sandbox.faults import When
from qovery_sandbox.plan import Plan, Step
from qovery_sandbox.plans import deployment
from tests.deployments.case import Case, run_case

if TYPE_CHECKING:
    from qovery_sandbox.faults import Faults
    from qovery_sandbox.world import World

GatewayDialect = Literal["entry", "array", "silent", "nonsense", "ends", "absent"]
STATUS = "/helm/{helmId}/status"
IN_TWO_STEPS = Plan(
    steps=(
        Step(name="BUILD", duration=60, state="BUILDING"),
        Step(name="DEPLOYMENT", duration=600, state="DEPLOYING"),
    )
)


def deploy(gateway: GatewayDialect, plan: Plan, *, status_lag: float = 0.0, **inputs: str) -> Case:
    def stage(world: World, _faults: Faults) -> None:
        world.dialect = Dialect(gateway=gateway, status_lag=status_lag)
        world.services[HELM_ID].plan = plan

    return run_case({"timeout": "2h", "logs": "live", **inputs}, arrange=stage)


def looks_of(case: Case) -> list[float]:
    return [call.at for call in case.world.ledger.calls if call.path == STATUS]


def lag_of(case: Case) -> float:
    [ours] = case.ours
    assert case.outcome == "succeeded"
    assert ours.ended_at is not None
    return looks_of(case)[-1] - ours.ended_at


@pytest.mark.parametrize("gateway", ["entry", "array"])
@pytest.mark.parametrize("seconds", [101.0, 1000.0])
def test_an_end_that_is_pushed_is_seen_at_once(gateway: GatewayDialect, seconds: float) -> None:
    assert lag_of(deploy(gateway, deployment(seconds))) <= 0.2
    assert lag_of(deploy("absent", deployment(seconds))) > 1.0


def test_a_status_that_lags_behind_what_is_pushed_is_looked_at_again() -> None:
    assert lag_of(deploy("entry", deployment(1000), status_lag=1.5)) <= 2.2


def test_once_a_change_was_pushed_looks_thin_out_and_the_end_is_still_seen_at_once() -> None:
    pushed, polled = deploy("entry", IN_TWO_STEPS), deploy("absent", IN_TWO_STEPS)
    assert lag_of(pushed) <= 0.2
    assert len(looks_of(pushed)) <= 0.6 * len(looks_of(polled))


@pytest.mark.parametrize("gateway", ["silent", "nonsense", "ends", "absent"])
@pytest.mark.parametrize("plan", [deployment(1000), IN_TWO_STEPS], ids=["a step", "two steps"])
def test_a_gateway_that_is_silent_lies_or_ends_costs_a_few_looks_at_most(gateway: GatewayDialect, plan: Plan) -> None:
    case, usual = deploy(gateway, plan), deploy("entry", plan, logs="none")
    *_, last_but_one, last = looks_of(usual)
    assert lag_of(case) <= last - last_but_one + 2
    assert len(looks_of(case)) <= len(looks_of(usual)) + 6


@pytest.mark.parametrize("seconds", [700.0, 1000.0])
def test_what_was_asked_for_another_services_sake_before_a_push_does_not_do_after_it(seconds: float) -> None:
    case = run_case(
        arrange=lambda world, _faults: populate(world, count=2, plan=deployment(seconds)),
        helm_id="\n".join(crowd_ids(2)),
        timeout="2h",
        logs="live",
    )
    first = min(ours.ended_at or 0.0 for ours in case.ours)
    looks = [call.at for call in case.world.ledger.calls if call.path == "/environment/{environmentId}/helm/status"]
    assert min(at for at in looks if at >= first) - first <= 0.2


def test_pushes_do_not_change_a_fixed_interval() -> None:
    looks = looks_of(deploy("entry", deployment(100), poll_interval="30s"))
    assert {round(later - earlier) for earlier, later in pairwise(looks[1:])} == {30}


def test_nobody_listens_in_an_environment_whose_cluster_is_not_told() -> None:
    def hide(world: World, faults: Faults) -> None:
        world.services[HELM_ID].plan = deployment(101)
        environment = {"id": STAGING_ID, "name": "staging", "organization": {"id": "o"}, "project": {"id": "p"}}
        faults.add(When(path="/environment/{environmentId}"), Answer(200, json.dumps(environment)))

    assert lag_of(run_case(arrange=hide, logs="live")) > 1.0


def test_nobody_listens_for_pushes_unless_the_log_is_live() -> None:
    assert lag_of(deploy("entry", deployment(101), logs="failure")) > 1.0
