from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal

import pytest

from qovery_sandbox import GIT_HELM_ID, HELM_ID
from qovery_sandbox.connection import Drop
from qovery_sandbox.dialect import Dialect
from qovery_sandbox.faults import AnswerLost, Dropped, Faults, Hang, Late, When, json_error
from qovery_sandbox.ids import CI_USER
from qovery_sandbox.plans import deployment
from qovery_sandbox.scenarios import arrange
from qovery_sandbox.services import numbered_service_ids
from tests.deployments.case import DefectOnPurposeError, run_case

if TYPE_CHECKING:
    from qovery_sandbox.faults import Fault
    from qovery_sandbox.world import World

_WITHIN = 7.0
DEPLOY = When(method="POST", path="/helm/{helmId}/deploy")


def test_interrupted_before_the_request() -> None:
    slow = When(method="GET", path="/helm/{helmId}")
    case = run_case(arrange=lambda _world, faults: faults.add(slow, Late(before=20)), interrupt_at=[5], settle=60)
    assert (case.outcome, case.requests) == ("interrupted", [])
    assert case.report.verdict.reason == "The job was canceled before the step requested a deployment."
    assert case.took == pytest.approx(5, abs=0.1)


def test_cancels_a_request_on_its_way() -> None:
    case = run_case(arrange=lambda _world, faults: faults.add(DEPLOY, Late(after=2)), interrupt_at=[1], settle=60)
    assert case.outcome == "interrupted"
    assert case.took <= 1 + _WITHIN
    assert case.report.request_id == case.requests[0].request_id
    assert [fate.final_state for fate in case.fates] == ["CANCELED"]


def test_cancels_a_request_without_answer() -> None:
    lost = AnswerLost(Hang())
    case = run_case(arrange=lambda _world, faults: faults.add(DEPLOY, lost), interrupt_at=[1], settle=60)
    assert case.outcome == "interrupted"
    assert case.took <= 1 + _WITHIN
    assert [fate.final_state for fate in case.fates] == ["CANCELED"]


def test_never_cancels_a_later_execution() -> None:
    """History and answer are refused, and the statuses show only the later execution of our service."""

    def hide(world: World, faults: Faults) -> None:
        world.services[HELM_ID].plan = deployment(12)
        world.after(4, lambda: world.deploy(HELM_ID, user="other-bot", origin="API", plan=deployment(60)))
        for path in ("/environment/{environmentId}/deploymentHistoryV2", "/environment/deploymentStatus"):
            faults.add(When(path=path), json_error(403))
        faults.add(When(path="/environment/{environmentId}/statuses", since=10, until=20), json_error(503))

    case = run_case(arrange=hide, interrupt_at=[30], settle=100)
    assert (case.outcome, [entry for entry in case.entries if entry.canceled_by]) == ("interrupted", [])


def test_never_cancels_a_later_request() -> None:
    def come_later(world: World, faults: Faults) -> None:
        world.deploy(HELM_ID, plan=deployment(60))
        world.after(6, lambda: world.deploy(HELM_ID, user="other-bot", origin="API"))
        faults.add(DEPLOY, json_error(503))

    case = run_case(arrange=come_later, interrupt_at=[9], settle=100)
    assert (case.outcome, [entry for entry in case.entries if entry.canceled_by]) == ("interrupted", [])


def test_reports_an_unclear_request() -> None:
    case = run_case(arrange=lambda _world, faults: faults.add(DEPLOY, Hang()), interrupt_at=[1], settle=60)
    assert (case.outcome, case.requests) == ("interrupted", [])
    assert "Qovery's answer was lost" in case.report.verdict.reason


@pytest.mark.parametrize("scenario", ["happy", "queued"])
@pytest.mark.parametrize("fault", [json_error(503), json_error(429), Dropped(Drop.RESET)], ids=["503", "429", "reset"])
def test_retries_canceling(scenario: str, fault: Fault) -> None:
    def break_first(world: World, faults: Faults) -> None:
        arrange(world, scenario)
        for path in ("/environment/{environmentId}", "/deploymentQueue/{deploymentRequestId}"):
            faults.add(When(method="POST", path=f"{path}/cancelDeployment", nth={1}), fault)

    case = run_case(arrange=break_first, interrupt_at=[6], settle=60)
    assert [fate.final_state for fate in case.fates] == ["CANCELED"]
    assert case.took <= 6 + _WITHIN


def test_cancels_without_execution_ids_on_statuses() -> None:
    nameless = Dialect(execution_ids=False)
    case = run_case(arrange=lambda world, _faults: setattr(world, "dialect", nameless), interrupt_at=[8], settle=60)
    assert [fate.final_state for fate in case.fates] == ["CANCELED"]


def test_cancels_a_queued_request_without_id() -> None:
    def arrange_anonymous(world: World, _faults: Faults) -> None:
        arrange(world, "queued")
        world.dialect = Dialect(accepted_id="null")

    case = run_case(arrange=arrange_anonymous, interrupt_at=[6], settle=60)
    assert [fate.final_state for fate in case.fates] == ["CANCELED"]


def test_removes_only_our_queued_request() -> None:
    case = run_case(arrange=lambda world, _faults: arrange(world, "queued"), interrupt_at=[6], settle=60)
    others = [entry for entry in case.entries if not entry.via_http]
    assert case.outcome == "interrupted"
    assert "removed from Qovery's queue" in case.report.verdict.reason
    assert [fate.final_state for fate in case.fates] == ["CANCELED"]
    assert others[-1].final_state == "DEPLOYED"


@pytest.mark.parametrize("survivor", ["older", "newer"])
def test_removes_one_request_for_several_services(
    survivor: Literal["older", "newer"],
) -> None:
    def merge(world: World, _faults: Faults) -> None:
        world.dialect = Dialect(merges="environment", merge_survivor=survivor, merged_id_in_answer="own")
        world.add_services(count=3, plan=deployment(60))
        world.deploy(HELM_ID, plan=deployment(100))

    case = run_case(arrange=merge, helm_id="\n".join(numbered_service_ids(3)), interrupt_at=[30], settle=200)
    assert all("removed from Qovery's queue" in report.verdict.reason for report in case.reports)
    assert {fate.final_state for fate in case.fates} == {"CANCELED"}
    assert case.took <= 30 + _WITHIN


def test_cancels_our_running_deployment() -> None:
    case = run_case(interrupt_at=[6], settle=60)
    assert case.outcome == "interrupted"
    assert [(fate.final_state, fate.canceled_by) for fate in case.fates] == [("CANCELED", CI_USER)]
    assert case.took == pytest.approx(6, abs=1)


@pytest.mark.parametrize(
    "dialect",
    [
        pytest.param(Dialect(id_while_running="null", id_after_end="null"), id="request id disappears"),
        pytest.param(Dialect(accepted_id="null", id_while_running="null"), id="no request id"),
        pytest.param(Dialect(id_while_running="next", id_after_end="next"), id="id of the next request"),
    ],
)
def test_cancels_when_status_ids_vanish(dialect: Dialect) -> None:
    case = run_case(arrange=lambda world, _faults: setattr(world, "dialect", dialect), interrupt_at=[8], settle=60)
    assert [fate.final_state for fate in case.fates] == ["CANCELED"]


@pytest.mark.parametrize("lag", [0.0, 4.0])
def test_never_cancels_deployments_of_others(lag: float) -> None:
    def overtake(world: World, _faults: Faults) -> None:
        world.dialect = Dialect(history_lag=lag)
        world.services[HELM_ID].plan = deployment(4)
        world.at(4.5, lambda: world.deploy(HELM_ID, plan=deployment(60)))

    # The observation before the signal shows our execution; at the signal, another one runs.
    case = run_case(arrange=overtake, interrupt_at=[5.0], poll_interval="3s", settle=90)
    assert [entry.final_state for entry in case.entries[-2:]] == ["DEPLOYED", "DEPLOYED"]
    assert not [entry for entry in case.entries if entry.canceled_by]


@pytest.mark.parametrize("seconds", [4.0, 5.5, 7.0])
def test_waits_for_a_lagging_history(seconds: float) -> None:
    """Our execution is over, a queued request of another user runs, and the history does not show it yet."""

    def follow(world: World, _faults: Faults) -> None:
        world.dialect = Dialect(history_lag=5, request_status="environment")
        world.services[HELM_ID].plan = deployment(seconds)
        world.after(2, lambda: world.deploy(HELM_ID, plan=deployment(60)))

    case = run_case(arrange=follow, interrupt_at=[seconds + 1.5], settle=90)
    assert [entry.final_state for entry in case.entries[-2:]] == ["DEPLOYED", "DEPLOYED"]
    assert not [entry for entry in case.entries if entry.canceled_by]


def test_cancels_after_another_request_was_removed() -> None:
    def remove(world: World, _faults: Faults) -> None:
        world.services[HELM_ID].plan = deployment(60)
        world.after(2, lambda: world.after(4, partial(world.cancel_request, world.deploy(HELM_ID))))

    case = run_case(arrange=remove, interrupt_at=[8.0], settle=120)
    assert [fate.final_state for fate in case.fates] == ["CANCELED"]


def test_cancels_nothing_if_switched_off() -> None:
    case = run_case(interrupt_at=[6], cancel_on_interrupt="false", settle=60)
    assert case.outcome == "interrupted"
    assert "continues" in case.report.verdict.reason
    assert [fate.final_state for fate in case.fates] == ["DEPLOYED"]


@pytest.mark.parametrize(
    "fault", [Hang(), Dropped(Drop.RESET), Dropped(Drop.REFUSED)], ids=["no answer", "reset", "refused"]
)
def test_ends_in_time_without_answers(fault: Hang | Dropped) -> None:
    case = run_case(arrange=lambda _world, faults: faults.add(When(since=4), fault), interrupt_at=[6])
    assert case.outcome == "interrupted"
    assert case.took <= 6 + _WITHIN


def test_reports_a_failed_cancellation() -> None:
    refused = When(method="POST", path="/environment/{environmentId}/cancelDeployment")
    case = run_case(arrange=lambda _world, faults: faults.add(refused, json_error(500)), interrupt_at=[6])
    assert case.outcome == "interrupted"
    assert "did not confirm the cancellation in time" in case.report.verdict.reason
    assert case.report.verdict.reason.partition("so the deployment may continue: ")[2].startswith("Qovery answered 500")


def test_reports_a_refused_cancellation() -> None:
    cancel = When(method="POST", path="/environment/{environmentId}/cancelDeployment")
    case = run_case(arrange=lambda _world, faults: faults.add(cancel, json_error(403)), interrupt_at=[6])
    assert "could not be canceled and may continue: " in case.report.verdict.reason


def test_cancels_nothing_that_is_being_canceled() -> None:
    def cancel_before(world: World, _faults: Faults) -> None:
        world.services[HELM_ID].plan = deployment(60)
        world.at(6, lambda: world.cancel_running(grace=5))

    case = run_case(arrange=cancel_before, interrupt_at=[6.1])
    assert "Qovery is canceling the deployment" in case.report.verdict.reason
    assert not case.world.ledger.call_counts()["POST", "/environment/{environmentId}/cancelDeployment"]


def test_reports_an_unanswered_cancellation() -> None:
    cancel = When(method="POST", path="/environment/{environmentId}/cancelDeployment")
    case = run_case(arrange=lambda _world, faults: faults.add(cancel, Hang()), interrupt_at=[6])
    assert "did not confirm the cancellation in time, so the deployment may continue." in case.report.verdict.reason


@pytest.mark.parametrize(("lag", "outcome"), [(5.0, "succeeded"), (20.0, "interrupted")])
def test_cancels_only_once_where_nothing_runs(lag: float, outcome: str) -> None:
    """Our execution is over, the history does not show that yet, and another one begins after the first call."""

    def follow(world: World, _faults: Faults) -> None:
        world.dialect = Dialect(history_lag=lag, request_status_available="never")
        world.services[HELM_ID].plan = deployment(26)
        world.at(27.3, lambda: world.deploy(HELM_ID, plan=deployment(60)))

    case = run_case(arrange=follow, interrupt_at=[27.0], settle=90)
    assert case.world.ledger.call_counts()["POST", "/environment/{environmentId}/cancelDeployment"] == 1
    assert not [entry for entry in case.entries if entry.canceled_by]
    assert case.outcome == outcome
    assert ("Qovery says that no deployment runs" in case.report.verdict.reason) is (outcome == "interrupted")


def test_second_signal_ends_at_once() -> None:
    case = run_case(arrange=lambda _world, faults: faults.add(When(since=4), Hang()), interrupt_at=[6, 6.5])
    assert case.outcome == "interrupted"
    assert case.took == pytest.approx(6.5, abs=0.1)


def test_reports_an_end_before_the_signal() -> None:
    statuses = When(path="/environment/{environmentId}/statuses", since=5)
    case = run_case(arrange=lambda _world, faults: faults.add(statuses, Hang()), interrupt_at=[22])
    assert (case.outcome, case.report.state) == ("succeeded", "DEPLOYED")
    assert case.took == pytest.approx(22, abs=0.1)


@pytest.mark.parametrize("at", [6.0, 20.0], ids=["while it waits", "while it runs"])
def test_never_cancels_services_of_others(at: float) -> None:
    """Another job of the same user requests another service; Qovery deploys both together."""
    other = numbered_service_ids(2)[1]

    def merge(world: World, _faults: Faults) -> None:
        world.dialect = Dialect(merges="environment", merged_id_in_answer="own")
        world.add_services(count=2, plan=deployment(30))
        world.deploy(GIT_HELM_ID, plan=deployment(12))
        world.after(2, lambda: world.deploy(other, user=CI_USER, origin="API"))

    case = run_case(arrange=merge, interrupt_at=[at], settle=120)
    assert case.outcome == "interrupted"
    assert f"it also deploys services that this step did not request: {other}" in case.report.verdict.reason
    assert not [entry for entry in case.entries if entry.canceled_by]


@pytest.mark.parametrize("at", [1.5, 3.0])
def test_cancels_soon_after_the_acceptance(at: float) -> None:
    case = run_case(interrupt_at=[at], settle=60)
    assert [fate.final_state for fate in case.fates] == ["CANCELED"]


def test_policy_token_cancels_no_queued_request() -> None:
    def refuse(world: World, _faults: Faults) -> None:
        world.dialect = Dialect(request_status_refusal=401)
        world.deploy(HELM_ID, plan=deployment(60))

    case = run_case(arrange=refuse, interrupt_at=[6], settle=120)
    calls = case.world.ledger.call_counts()
    assert (
        "The request stays in Qovery's queue: Qovery does not allow the token to make the call"
        in case.report.verdict.reason
    )
    assert calls["POST", "/deploymentQueue/{deploymentRequestId}/cancelDeployment"] == 1


def test_reports_a_defect_while_canceling() -> None:
    async def break_down(*_: object) -> None:
        raise DefectOnPurposeError

    cancel = When(method="POST", path="/environment/{environmentId}/cancelDeployment")
    case = run_case(arrange=lambda _world, faults: faults.add(cancel, break_down), interrupt_at=[6])
    assert (case.outcome, case.report.request_id) == ("interrupted", case.requests[0].request_id)
    assert "A defect in this action" in case.report.verdict.reason


def test_reports_a_refused_queue_cancellation() -> None:
    cancel = When(method="POST", path="/deploymentQueue/{deploymentRequestId}/cancelDeployment")

    def refuse(world: World, faults: Faults) -> None:
        world.deploy(HELM_ID, plan=deployment(60))
        faults.add(cancel, json_error(400))

    case = run_case(arrange=refuse, interrupt_at=[6])
    assert "could not be canceled and may continue: Qovery answered 400" in case.report.verdict.reason
