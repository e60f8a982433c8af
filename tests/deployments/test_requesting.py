from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal

import pytest

from qovery_sandbox import GIT_HELM_ID, HELM_ID
from qovery_sandbox.connection import Drop
from qovery_sandbox.dialect import Dialect
from qovery_sandbox.faults import Answer, AnswerLost, CutOff, Dropped, Faults, Hang, Late, When, html_page, json_error
from qovery_sandbox.ids import CI_USER
from qovery_sandbox.plans import deployment
from qovery_sandbox.scenarios import arrange
from tests.deployments.case import run_case

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qovery_sandbox.faults import Fault
    from qovery_sandbox.world import World

DEPLOY = "/helm/{helmId}/deploy"
ENVIRONMENT_CALLS = ("statuses", "deploymentQueue", "deploymentHistoryV2")
FIRST = When(method="POST", path=DEPLOY, nth={1})


@pytest.mark.parametrize(
    ("fault", "posts"),
    [
        pytest.param(Dropped(Drop.REFUSED), 2, id="no connection"),
        pytest.param(json_error(409), 2, id="409"),
        pytest.param(json_error(429), 2, id="429"),
        pytest.param(Dropped(Drop.RESET), 2, id="reset before acceptance"),
        pytest.param(json_error(503), 2, id="503 before acceptance"),
        pytest.param(html_page(502), 2, id="proxy's page before acceptance"),
        pytest.param(Hang(), 2, id="no answer before acceptance"),
        pytest.param(AnswerLost(), 1, id="reset after acceptance"),
        pytest.param(AnswerLost(Hang()), 1, id="no answer after acceptance"),
        pytest.param(AnswerLost(html_page(504)), 1, id="proxy's page after acceptance"),
        pytest.param(AnswerLost(json_error(500)), 1, id="500 after acceptance"),
        pytest.param(CutOff(), 1, id="half of an answer after acceptance"),
        pytest.param(Late(before=20), 1, id="accepted late"),
    ],
)
@pytest.mark.parametrize("scenario", ["happy", "queued"])
def test_requests_one_deployment_when_answers_fail(fault: Fault, posts: int, scenario: str) -> None:
    def break_first_answer(world: World, faults: Faults) -> None:
        arrange(world, scenario)
        faults.add(FIRST, fault)

    case = run_case(arrange=break_first_answer)
    assert (case.outcome, len(case.requests)) == ("succeeded", 1)
    assert case.world.ledger.call_counts()["POST", DEPLOY] == posts


@pytest.mark.parametrize(
    ("status", "message"),
    [
        pytest.param(400, "answered 400", id="rejected body"),
        pytest.param(401, "answered 401", id="unknown token"),
        pytest.param(403, "answered 403", id="role without permission"),
        pytest.param(404, "answered 404", id="unknown service"),
        pytest.param(302, "answered 302", id="redirect"),
    ],
)
def test_reports_refusal(status: int, message: str) -> None:
    case = run_case(arrange=lambda _world, faults: faults.add(When(method="POST", path=DEPLOY), json_error(status)))
    assert case.outcome == "rejected"
    assert message in case.report.verdict.reason
    assert case.world.ledger.call_counts()["POST", DEPLOY] == 1


@pytest.mark.parametrize(
    ("status", "version", "is_told"),
    [
        pytest.param(400, "1.1", True, id="version changed by YAML, rejected"),
        pytest.param(404, "1.1", True, id="version changed by YAML, not found"),
        pytest.param(400, "1.1.0", False, id="version that YAML keeps"),
        pytest.param(403, "1.1", False, id="role without permission"),
    ],
)
def test_advises_to_quote_a_refused_version(*, status: int, version: str, is_told: bool) -> None:
    case = run_case(
        arrange=lambda _world, faults: faults.add(When(method="POST", path=DEPLOY), json_error(status)),
        chart_version=version,
    )
    assert case.outcome == "rejected"
    assert case.report.verdict.hint.endswith("YAML made it 1.1: put it in quotes.") is is_told


def test_requests_despite_broken_observations() -> None:
    def break_the_records(_world: World, faults: Faults) -> None:
        faults.add(When(path="/environment/{environmentId}"), json_error(500))
        faults.add(When(path="/environment/{environmentId}/deploymentQueue"), json_error(500))
        faults.add(When(path="/environment/{environmentId}/deploymentHistoryV2"), json_error(500))

    case = run_case(arrange=break_the_records, timeout="8s")
    assert (case.outcome, len(case.requests)) == ("timed_out", 1)


def test_rejects_after_endless_conflicts() -> None:
    conflict = json_error(409, message="Operation is in progress")
    case = run_case(arrange=lambda _world, faults: faults.add(When(method="POST", path=DEPLOY), conflict), timeout="2m")
    assert (case.outcome, case.requests) == ("rejected", [])
    assert "in progress" in case.report.verdict.reason
    assert case.took == pytest.approx(120, abs=1)


def test_ends_when_qovery_is_unreachable() -> None:
    case = run_case(arrange=lambda _world, faults: faults.add(When(), Dropped(Drop.UNRESOLVED)))
    assert case.outcome == "lost_contact"
    assert "cannot be resolved" in case.report.verdict.reason
    assert case.took < 600


def test_gives_up_on_unreachable_deploy_call() -> None:
    unreachable = When(method="POST", path=DEPLOY)
    case = run_case(arrange=lambda _world, faults: faults.add(unreachable, Dropped(Drop.REFUSED)))
    assert (case.outcome, case.requests) == ("lost_contact", [])
    assert 300 < case.took < 400


@pytest.mark.parametrize(
    ("call", "message"),
    [
        pytest.param(
            When(method="POST", path=DEPLOY),
            "Qovery accepted no request within 4s (`timeout`). Qovery answered 503",
            id="request",
        ),
        pytest.param(When(method="GET"), "Qovery answered 503", id="observation before the request"),
    ],
)
def test_reports_why_nothing_was_requested(call: When, message: str) -> None:
    case = run_case(arrange=lambda _world, faults: faults.add(call, json_error(503)), timeout="4s", wait="false")
    assert (case.outcome, case.requests) == ("lost_contact", [])
    assert case.report.verdict.reason.startswith(message)


def test_obeys_retry_after() -> None:
    busy = Answer(503, "{}", headers={"retry-after": "90"})
    case = run_case(arrange=lambda _world, faults: faults.add(FIRST, busy))
    posts = [call.at for call in case.world.ledger.calls if call.method == "POST"]
    assert case.outcome == "succeeded"
    assert posts[1] - posts[0] >= 90


def test_interrupted_while_rate_limited() -> None:
    case = run_case(arrange=lambda _world, faults: faults.add(FIRST, json_error(429)), interrupt_at=[15], settle=60)
    assert (case.outcome, case.requests) == ("interrupted", [])
    assert "before the step requested a deployment" in case.report.verdict.reason


@pytest.mark.parametrize("fault", [AnswerLost(), Dropped(Drop.RESET)], ids=["after acceptance", "before acceptance"])
@pytest.mark.parametrize(("scenario", "outcome"), [("unchanged", "unchanged"), ("happy", "succeeded")])
def test_repeats_lost_diff_request(fault: Fault, scenario: str, outcome: str) -> None:
    def lose(world: World, faults: Faults) -> None:
        arrange(world, scenario)
        faults.add(FIRST, fault)

    case = run_case(arrange=lose, force_event="DIFF")
    assert case.outcome == outcome
    assert len(case.requests_that_count(HELM_ID)) <= 1


def test_neither_adopts_nor_repeats_when_unclear() -> None:
    def confuse(world: World, faults: Faults) -> None:
        world.dialect = Dialect(history_origin=False)
        faults.add(FIRST, Dropped(Drop.RESET))
        world.after(2, lambda: world.deploy(HELM_ID))

    case = run_case(arrange=confuse)
    assert (case.outcome, case.requests) == ("lost_contact", [])


@pytest.mark.parametrize("body", ["fresh", "previous"])
def test_ignores_id_of_earlier_request(body: str) -> None:
    def tell_the_next_ones(world: World, faults: Faults) -> None:
        world.deploy(HELM_ID, plan=deployment(20))
        theirs = world.deploy(HELM_ID, user="bob@example.com", plan=deployment(5))
        world.services[HELM_ID].plan = deployment(10, end="DEPLOYMENT_ERROR")
        status = json.dumps({"state": "DEPLOYING", "deployment_request_id": theirs})
        faults.add(FIRST, AnswerLost(Answer(202, status if body == "fresh" else status.replace("ING", "ED"))))

    followed = run_case(arrange=tell_the_next_ones)
    interrupted = run_case(arrange=tell_the_next_ones, interrupt_at=[8], settle=60)
    assert followed.outcome not in {"succeeded", "unchanged"}
    assert {entry.triggered_by for entry in interrupted.entries if entry.canceled_by} <= {CI_USER}


@pytest.mark.parametrize("seconds", [15.0, 30.0])
@pytest.mark.parametrize("survivor", ["older", "newer"])
@pytest.mark.parametrize(("accepted", "answer"), [("own", "own"), ("own", "survivor")])
@pytest.mark.parametrize("end", ["DEPLOYED", "DEPLOYMENT_ERROR"])
def test_follows_merged_request(seconds: float, survivor: str, accepted: str, answer: str, end: str) -> None:
    def merge(world: World, _faults: Faults) -> None:
        world.dialect = Dialect(accepted_id=accepted, merge_survivor=survivor, merged_id_in_answer=answer)  # type: ignore[arg-type]
        world.deploy(HELM_ID, plan=deployment(seconds))
        world.deploy(HELM_ID, user=CI_USER, origin="API")
        world.plan_next(deployment(10, end=end))

    case = run_case(arrange=merge)
    assert (case.outcome, case.report.state) == ("succeeded" if end == "DEPLOYED" else "failed", end)
    assert case.took == pytest.approx(seconds + 10, abs=6)


@pytest.mark.parametrize("at", [1.5, 6.0, 12.0])
@pytest.mark.parametrize("seconds", [4.0, 25.0])
@pytest.mark.parametrize("status_lag", [0.0, 3.0])
@pytest.mark.parametrize("id_after", ["stays", "null"])
@pytest.mark.parametrize("end", ["DEPLOYED", "DEPLOYMENT_ERROR"])
def test_follows_request_beside_next_job(
    at: float, seconds: float, status_lag: float, id_after: Literal["stays", "null"], end: str
) -> None:
    """Two merges to main, one after the other, while another service is deployed."""

    def follow_on(world: World, _faults: Faults) -> None:
        world.dialect = Dialect(
            merge_survivor="newer", id_while_running=id_after, id_after_end=id_after, status_lag=status_lag
        )
        world.services[HELM_ID].plan = plan = deployment(20, end=end)
        world.deploy(GIT_HELM_ID, plan=deployment(seconds))
        world.after(at, lambda: world.deploy(HELM_ID, user=CI_USER, origin="API", plan=plan))

    case = run_case(arrange=follow_on)
    assert (case.outcome, case.report.state) == ("succeeded" if end == "DEPLOYED" else "failed", end)


def test_green_if_all_candidates_deployed() -> None:
    def confuse(world: World, faults: Faults) -> None:
        world.dialect = Dialect(history_origin=False, history_lists_running=False)
        faults.add(FIRST, AnswerLost())
        world.after(1, lambda: world.deploy(HELM_ID, user="other-bot", origin="API", plan=deployment(5)))

    case = run_case(arrange=confuse, settle=60)
    assert (case.outcome, case.ends_of(HELM_ID)) == ("succeeded", ["DEPLOYED"])


def test_ignores_request_that_came_later() -> None:
    def come_later(world: World, faults: Faults) -> None:
        world.deploy(HELM_ID, plan=deployment(60))
        world.after(6, lambda: world.deploy(HELM_ID, user="other-bot", origin="API"))
        faults.add(FIRST, json_error(503))

    case = run_case(arrange=come_later, settle=100)
    assert (case.outcome, case.requests, case.report.request_id) == ("lost_contact", [], "")


def test_never_repeats_possibly_merged_request() -> None:
    def wait_already(world: World, faults: Faults) -> None:
        world.deploy(HELM_ID, plan=deployment(120))
        world.deploy(HELM_ID, user=CI_USER, origin="API")
        faults.add(FIRST, AnswerLost())

    case = run_case(arrange=wait_already, settle=200)
    assert (case.outcome, len(case.requests)) == ("lost_contact", 1)


def test_never_repeats_without_baseline_history() -> None:
    def break_off(world: World, faults: Faults) -> None:
        world.dialect = Dialect(id_after_end="null")
        faults.add(When(path="/environment/{environmentId}/deploymentHistoryV2", until=25), Dropped(Drop.RESET))
        faults.add(When(method="GET", since=3, until=25), Dropped(Drop.RESET))
        faults.add(FIRST, AnswerLost())
        world.services[HELM_ID].plan = deployment(1)
        # When anybody can look again, the status tells of this one.
        world.at(14.0, lambda: world.deploy(HELM_ID, plan=deployment(1)))

    case = run_case(arrange=break_off, timeout="3m")
    assert (case.outcome, case.ends_of(HELM_ID)) == ("succeeded", ["DEPLOYED"])


def test_repeats_despite_late_history() -> None:
    def break_history(_world: World, faults: Faults) -> None:
        faults.add(When(path="/environment/{environmentId}/deploymentHistoryV2", until=11), json_error(500))
        faults.add(FIRST, Dropped(Drop.RESET))

    case = run_case(arrange=break_history, timeout="3m")
    assert (case.outcome, len(case.requests)) == ("succeeded", 1)


def test_unreadable_202_is_acceptance() -> None:
    case = run_case(arrange=lambda _world, faults: faults.add(FIRST, AnswerLost(html_page(202))))
    assert (case.outcome, len(case.requests)) == ("succeeded", 1)


@pytest.mark.parametrize(
    ("inputs", "query", "body"),
    [
        pytest.param({}, "", {}, id="no versions"),
        pytest.param({"chart_version": "2.0.0"}, "", {"chart_version": "2.0.0"}, id="chart version"),
        pytest.param({"force_event": "DIFF"}, "forceEvent=DIFF", {}, id="force_event DIFF"),
        pytest.param(
            {"values_override_git_commit_id": "a" * 40},
            "",
            {"values_override_git_commit_id": "a" * 40},
            id="values commit",
        ),
    ],
)
def test_sends_exactly_the_inputs(inputs: Mapping[str, str], query: str, body: Mapping[str, str]) -> None:
    case = run_case(inputs)
    sent = [request for request in case.sent if request.method == "POST"]
    assert [(request.url.query.decode(), json.loads(request.content)) for request in sent] == [(query, body)]
    assert {request.headers["authorization"] for request in case.sent} == {"Token sandbox-token"}


@pytest.mark.parametrize("seconds", [12, 200])
def test_waits_for_the_environment_before_the_request(seconds: float) -> None:
    def break_environment(_world: World, faults: Faults) -> None:
        for call in ("statuses", "deploymentQueue", "deploymentHistoryV2"):
            faults.add(When(path=f"/environment/{{environmentId}}/{call}", until=seconds), json_error(503))

    case = run_case(arrange=break_environment)
    assert (case.outcome, len(case.requests)) == ("succeeded", 1)


@pytest.mark.parametrize("drop", [Drop.UNRESOLVED, Drop.UNTRUSTED], ids=lambda drop: drop.name.lower())
@pytest.mark.parametrize(
    "when",
    [
        pytest.param(When(), id="all calls"),
        pytest.param(When(method="POST"), id="request"),
        pytest.param(When(path="/environment/{environmentId}/statuses"), id="statuses"),
    ],
)
def test_gives_up_soon_on_lasting_errors(drop: Drop, when: When) -> None:
    for_environment = [When(path=f"/environment/{{environmentId}}/{call}") for call in ENVIRONMENT_CALLS]

    def break_off(_world: World, faults: Faults) -> None:
        for each in for_environment if when.path else [when]:
            faults.add(each, Dropped(drop))

    case = run_case(arrange=break_off)
    assert (case.outcome, case.requests) == ("lost_contact", [])
    assert case.took < 35


def test_requests_nothing_if_nothing_can_be_read() -> None:
    def break_environment(_world: World, faults: Faults) -> None:
        for call in ("statuses", "deploymentQueue", "deploymentHistoryV2"):
            faults.add(When(path=f"/environment/{{environmentId}}/{call}"), json_error(500))

    case = run_case(arrange=break_environment)
    assert (case.outcome, case.requests) == ("lost_contact", [])
    assert "answered 500" in case.report.verdict.reason
