"""Whole deployments with a token that has the policy of the page, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qovery_sandbox import GIT_HELM_ID, HELM_ID, PRODUCTION_HELM_ID, STAGING_ID, ApiToken, When
from qovery_sandbox.connection import Drop
from qovery_sandbox.faults import Answer, AnswerLost, Dropped, json_error
from qovery_sandbox.plans import FAILING, deployment
from tests.deployments.case import Case, run_case
from tests.policy.page import TOKEN, allows_request, api_token, costs, policies, template

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from qovery_sandbox.faults import Faults
    from qovery_sandbox.world import World

ONE, SEVERAL = policies()
BOTH = f"{HELM_ID},{GIT_HELM_ID}"
ASK, CANCEL_QUEUED = "GET /environment/deploymentStatus", "POST /deploymentQueue/{}/cancelDeployment"
ENVIRONMENT = f"GET /environment/{STAGING_ID}"
LOST = AnswerLost(Dropped(Drop.RESET))


def deploy(
    policy: str = ONE,
    given: Mapping[str, str] | None = None,
    *,
    arrange: Callable[[World, Faults], object] = lambda _world, _faults: None,
    is_unresolved_asked: bool = False,
    interrupt_at: float | None = None,
    **inputs: str,
) -> Case:
    def restrict(world: World, faults: Faults) -> None:
        world.tokens.remove("sandbox-token")
        world.tokens.add(api_token(policy, is_unresolved_asked=is_unresolved_asked))
        arrange(world, faults)

    signals = [] if interrupt_at is None else [interrupt_at]
    return run_case({**(given or {}), **inputs}, arrange=restrict, interrupt_at=signals, settle=120, token=TOKEN)


def denied(case: Case, policy: str = ONE) -> set[str]:
    return {template(sent.method, sent.url.path) for sent in case.sent if not allows_request(policy, sent)}


def fail(world: World, _faults: Faults) -> None:
    world.services[HELM_ID].plan = FAILING


def be_busy(world: World, _faults: Faults) -> None:
    world.deploy(HELM_ID, plan=deployment(15))


def lose_answer(path: str) -> Callable[[World, Faults], object]:
    return lambda _world, faults: faults.add(When(method="POST", path=path, nth=[1]), LOST)


@pytest.mark.parametrize(
    ("arrange", "inputs", "outcome"),
    [
        pytest.param(lambda *_: None, {}, "succeeded", id="happy"),
        pytest.param(fail, {}, "failed", id="failing"),
        pytest.param(be_busy, {}, "succeeded", id="queued"),
        pytest.param(lose_answer("/helm/{helmId}/deploy"), {}, "succeeded", id="lost answer"),
        pytest.param(
            lambda _world, faults: faults.add(When(method="POST", nth=[1]), json_error(503)),
            {},
            "succeeded",
            id="503 for the request",
        ),
        pytest.param(lambda *_: None, {"logs": "live"}, "succeeded", id="live log"),
        pytest.param(lambda *_: None, {"force_event": "DIFF", "chart_version": "2.1.0"}, "succeeded", id="versions"),
        pytest.param(
            lambda world, _faults: setattr(world.services[HELM_ID], "plan", deployment(600)),
            {"timeout": "30s", "cancel_on_timeout": "true"},
            "timed_out",
            id="timed out",
        ),
    ],
)
def test_deploys_one_service(arrange: Callable[[World, Faults], object], inputs: dict[str, str], outcome: str) -> None:
    case = deploy(ONE, {"logs": "failure", **inputs}, arrange=arrange)
    assert case.outcome == outcome
    assert len(case.requests_that_count(HELM_ID)) == 1
    assert denied(case) <= costs()


@pytest.mark.parametrize(
    ("arrange", "inputs", "outcomes"),
    [
        pytest.param(lambda *_: None, {}, ["succeeded", "succeeded"], id="happy"),
        pytest.param(fail, {}, ["failed", "succeeded"], id="failing"),
        pytest.param(
            lose_answer("/environment/{environmentId}/service/deploy"),
            {},
            ["succeeded", "succeeded"],
            id="lost answer",
        ),
        pytest.param(lambda *_: None, {"force_event": "DIFF"}, ["succeeded", "succeeded"], id="each alone"),
    ],
)
def test_deploys_several_services(
    arrange: Callable[[World, Faults], object], inputs: dict[str, str], outcomes: list[str]
) -> None:
    case = deploy(SEVERAL, inputs, arrange=arrange, helm_id=BOTH)
    assert [report.verdict.outcome.value for report in case.reports] == outcomes
    assert denied(case, SEVERAL) <= costs()


@pytest.mark.parametrize("helm_id", [HELM_ID, BOTH])
def test_cancels_a_running_deployment(helm_id: str) -> None:
    case = deploy(SEVERAL, helm_id=helm_id, interrupt_at=8.0)
    assert case.outcome == "interrupted"
    assert {fate.final_state for fate in case.fates} == {"CANCELED"}
    assert denied(case, SEVERAL) <= costs()


def test_cannot_cancel_a_queued_request() -> None:
    case = deploy(
        arrange=lambda world, _faults: world.deploy(HELM_ID, plan=deployment(60)),
        interrupt_at=6.0,
    )
    assert (case.outcome, denied(case)) == ("interrupted", {ASK, CANCEL_QUEUED})
    assert "stays in Qovery's queue" in case.report.verdict.reason
    assert [fate.final_state for fate in case.fates] == ["DEPLOYED"]


def test_reads_request_state_if_policy_permits() -> None:
    case = deploy(is_unresolved_asked=True)
    assert case.outcome == "succeeded"
    assert not [line for line in case.log.lines if "does not allow the token to make" in line]


def test_logs_a_denied_call_once() -> None:
    case = deploy()
    lines = [line for line in case.log.lines if "does not allow the token to make" in line]
    assert len(lines) == 1
    assert f"Qovery does not allow the token to make the call {ASK} (401); continuing without it" in lines[0]


@pytest.mark.parametrize(
    ("policy", "calls"),
    [
        pytest.param(ONE, [ASK], id="policy of the documentation"),
        pytest.param(
            ONE.replace('"deploymentQueue"', '"x"').replace('"link"', '"x"').replace('"logs"', '"x"'),
            [ASK, f"{ENVIRONMENT}/deploymentQueue", f"{ENVIRONMENT}/logs", f"GET /helm/{HELM_ID}/link"],
            id="without three calls",
        ),
        pytest.param(
            ONE.replace("environment_id],", 'environment_id, "x"],'), [ENVIRONMENT, ASK], id="without the environment"
        ),
    ],
)
def test_dry_run_names_denied_calls(policy: str, calls: list[str]) -> None:
    case = deploy(policy, dry_run="true")
    assert (case.outcome, case.requests) == ("unchanged", [])
    assert not [line for line in case.log.lines if "does not allow the token to make" in line]
    reason, _, named = case.report.verdict.reason.partition(" Qovery does not allow the token to make these calls: ")
    assert reason.startswith("Dry run: nothing was deployed.")
    assert set(named.removesuffix(".").split(", ")) == {f"`{call}`" for call in calls}


def test_dry_run_names_no_call_without_denials() -> None:
    assert "does not allow" not in run_case(dry_run="true").report.verdict.reason


@pytest.mark.parametrize(
    ("helm_id", "call"),
    [
        pytest.param(GIT_HELM_ID, f"GET /helm/{GIT_HELM_ID}", id="another service"),
        pytest.param(PRODUCTION_HELM_ID, f"GET /helm/{PRODUCTION_HELM_ID}", id="another environment"),
    ],
)
def test_rejects_service_outside_the_policy(helm_id: str, call: str) -> None:
    case = deploy(helm_id=helm_id)
    assert (case.outcome, case.requests) == ("rejected", [])
    assert f"The call was `{call}`, with the authorization scheme `Token` (policy token)" in case.report.verdict.reason
    assert "its policy allows this call" in case.report.verdict.hint


def test_rejects_deployment_denied_by_policy() -> None:
    case = deploy(helm_id=BOTH)
    assert [report.verdict.outcome.value for report in case.reports] == ["succeeded", "rejected"]
    read_only = ONE.replace('helm_id, "deploy"', 'helm_id, "x"')
    case = deploy(read_only)
    assert (case.outcome, case.requests) == ("rejected", [])
    assert f"The call was `POST /helm/{HELM_ID}/deploy`" in case.report.verdict.reason


def test_a_denial_may_have_no_body() -> None:
    def deny(_world: World, faults: Faults) -> None:
        faults.add(When(path="/environment/deploymentStatus"), Answer(401))

    case = run_case(arrange=deny)
    assert (case.outcome, case.log.warnings) == ("succeeded", [])
    assert len([line for line in case.log.lines if "does not allow the token to make" in line]) == 1
    case = run_case(arrange=lambda _world, faults: faults.add(When(method="POST"), Answer(401)))
    assert (case.outcome, case.requests) == ("rejected", [])


def test_rejects_a_revoked_token() -> None:
    case = run_case(arrange=lambda world, _faults: world.tokens.remove("sandbox-token"))
    assert (case.outcome, len(case.sent)) == ("rejected", 1)
    assert "Check that the secret behind `token` exists" in case.report.verdict.hint


def test_loses_contact_when_everything_is_denied() -> None:
    def revoke_later(world: World, _faults: Faults) -> None:
        world.services[HELM_ID].plan = deployment(600)
        world.at(10, lambda: world.tokens.remove(TOKEN))

    case = deploy(arrange=revoke_later)
    assert case.outcome == "lost_contact"
    assert "Qovery answered 401" in case.report.verdict.reason


def test_empty_policy_denies_everything() -> None:
    def restrict(world: World, _faults: Faults) -> None:
        world.tokens.add(ApiToken(value=TOKEN, policy=lambda _document: None))

    assert run_case(arrange=restrict, token=TOKEN).outcome == "rejected"


@pytest.mark.parametrize("status", [400, 404, 500])
def test_dry_run_ignores_other_errors(status: int) -> None:
    def break_all(_world: World, faults: Faults) -> None:
        faults.add(When(method="GET", path="/environment/{environmentId}/logs"), json_error(status))
        faults.add(When(method="GET", path="/environment/deploymentStatus"), json_error(status))

    case = run_case(arrange=break_all, dry_run="true")
    assert case.outcome == "unchanged"
    assert "does not allow" not in case.report.verdict.reason


def test_first_dry_run_reads_no_log() -> None:
    case = run_case(arrange=lambda world, _faults: world.clear_deployments(), dry_run="true")
    assert case.outcome == "unchanged"
    assert "/environment/{environmentId}/logs" not in {call.path for call in case.world.ledger.calls}
