from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Literal

import pytest

from qovery_sandbox import HELM_ID, RateLimit
from qovery_sandbox.answers import Answer, json_error
from qovery_sandbox.crowd import crowd_ids, populate
from qovery_sandbox.dialect import Dialect
from qovery_sandbox.faults import When
from qovery_sandbox.identity import CI_USER, COLLEAGUE
from qovery_sandbox.outages import Hang
from qovery_sandbox.plans import deployment
from qovery_sandbox.scenarios import arrange
from tests.deployments.case import Case, DefectOnPurposeError, run_case

if TYPE_CHECKING:
    from qovery_sandbox.faults import Fault, Faults
    from qovery_sandbox.world import World

TOGETHER = "/environment/{environmentId}/helm/status"
ALONE = "/helm/{helmId}/status"


def stage(world: World, _faults: Faults, *, count: int, fail: int = -1) -> None:
    populate(world, count=count, plan=deployment(5))
    if fail >= 0:
        world.services[crowd_ids(count)[fail]].plan = deployment(5, end="DEPLOYMENT_ERROR")


def deploy(count: int, *, fail: int = -1) -> Case:
    return run_case(arrange=partial(stage, count=count, fail=fail), helm_id="\n".join(crowd_ids(count)), timeout="10h")


def test_a_hundred_services_are_deployed_and_one_that_fails_stops_no_other() -> None:
    case = deploy(100, fail=17)
    assert Counter(report.verdict.outcome.value for report in case.reports) == {"succeeded": 99, "failed": 1}
    assert case.reports[17].verdict.outcome == "failed"
    assert len(case.ours) == 100


def test_a_defect_of_ours_ends_one_service_alone_and_what_is_known_of_it_is_told() -> None:
    async def break_down(*_: object) -> None:
        raise DefectOnPurposeError

    def stage_a_defect(world: World, faults: Faults) -> None:
        stage(world, faults, count=3)
        faults.add(When(path="/helm/{helmId}/deploymentHistoryV2", nth={5}), break_down)

    case = run_case(arrange=stage_a_defect, helm_id="\n".join(crowd_ids(3)))
    assert Counter(report.verdict.outcome.value for report in case.reports) == {"succeeded": 2, "lost_contact": 1}
    assert all(report.request_id for report in case.reports)
    assert "A defect in this action" in next(r.verdict.reason for r in case.reports if not r.verdict.outcome.is_green)
    assert case.log.quoted[-1].endswith("DefectOnPurposeError\n")


def test_one_call_serves_the_services_of_an_environment() -> None:
    calls = {count: deploy(count).world.ledger.call_counts() for count in (4, 16)}
    # Each is looked at alone before it is requested, and when it is the last one that is followed.
    assert calls[16]["GET", ALONE] <= 16 + 12
    per_second = {count: each["GET", TOGETHER] / (5 * count) for count, each in calls.items()}
    assert per_second[16] <= 1.5 * per_second[4]


@pytest.mark.parametrize(("count", "seconds", "most"), [(1, 3500, 250), (3, 1200, 250), (10, 360, 330)])
def test_where_no_limit_is_told_several_services_share_a_quarter_of_it(count: int, seconds: float, most: int) -> None:
    def hush(world: World, _faults: Faults) -> None:
        world.rate_limiter.limit = RateLimit(headers=False)
        populate(world, count=count, plan=deployment(seconds))

    case = run_case(arrange=hush, helm_id="\n".join(crowd_ids(count)), timeout="2h")
    assert {report.verdict.outcome.value for report in case.reports} == {"succeeded"}
    # What each service needs beside the looks, some 12 requests, is not spread.
    assert len(case.sent) <= most


@pytest.mark.parametrize("answered", ["own", "survivor"])
@pytest.mark.parametrize("survivor", ["older", "newer"])
@pytest.mark.parametrize("seconds", [5, 100])
def test_services_whose_requests_are_merged_into_one_each_have_their_own_end(
    survivor: Literal["older", "newer"], answered: Literal["own", "survivor"], seconds: float
) -> None:
    def merge(world: World, _faults: Faults) -> None:
        world.dialect = Dialect(merges="environment", merge_survivor=survivor, merged_id_in_answer=answered)
        populate(world, count=4, plan=deployment(seconds))
        world.services[crowd_ids(4)[2]].plan = deployment(seconds, end="DEPLOYMENT_ERROR")

    case = run_case(arrange=merge, helm_id="\n".join(crowd_ids(4)))
    assert [report.verdict.outcome.value for report in case.reports] == [
        "succeeded" if case.ends_of(report.service_id) == ["DEPLOYED"] else "failed" for report in case.reports
    ]
    is_told = any("was merged into" in line for line in case.log.lines)
    assert is_told is ((survivor, answered) != ("older", "survivor"))


def test_an_environment_that_may_not_be_asked_as_a_whole_is_asked_service_by_service() -> None:
    def forbid(world: World, faults: Faults) -> None:
        stage(world, faults, count=3)
        faults.add(When(path=TOGETHER), json_error(403))

    case = run_case(arrange=forbid, helm_id="\n".join(crowd_ids(3)))
    assert {report.verdict.outcome.value for report in case.reports} == {"succeeded"}
    assert case.world.ledger.call_counts()["GET", TOGETHER] <= 3


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(json_error(403), id="may not be asked"),
        pytest.param(json_error(500), id="fails"),
        pytest.param(Answer(200, '{"results": []}'), id="tells of nothing"),
        pytest.param(Hang(), id="never answers"),
    ],
)
@pytest.mark.parametrize("call", ["helm", "helm/status", "deploymentQueue"])
def test_what_an_environment_does_not_tell_as_a_whole_its_services_tell(call: str, fault: Fault) -> None:
    def spoil(world: World, faults: Faults) -> None:
        stage(world, faults, count=6)
        # What only refuses may do so for ever; a status that is not answered is asked for until it is.
        until = 60.0 if call == "helm/status" else math.inf
        faults.add(When(path=f"/environment/{{environmentId}}/{call}", until=until), fault)

    case = run_case(arrange=spoil, helm_id="\n".join(crowd_ids(6)), timeout="10h")
    assert Counter(report.verdict.outcome.value for report in case.reports) == {"succeeded": 6}


def test_an_environment_is_asked_once_for_all_of_its_services() -> None:
    calls = deploy(16).world.ledger.call_counts()
    assert calls["GET", "/environment/{environmentId}"] == calls["GET", "/environment/{environmentId}/helm"] == 1
    assert calls["GET", "/helm/{helmId}"] == 1


def test_one_of_many_that_is_not_there_stops_no_other() -> None:
    ids = [*crowd_ids(5), "00000000-0000-4000-8000-000000000000"]
    case = run_case(arrange=partial(stage, count=5), helm_id="\n".join(ids), timeout="10h")
    assert Counter(report.verdict.outcome.value for report in case.reports) == {"succeeded": 5, "rejected": 1}


def test_services_that_wait_are_told_of_by_their_environment_and_their_histories_are_let_be() -> None:
    def long(world: World, _faults: Faults) -> None:
        populate(world, count=8, plan=deployment(120))

    case = run_case(arrange=long, helm_id="\n".join(crowd_ids(8)), timeout="10h")
    calls = case.world.ledger.call_counts()
    assert {report.verdict.outcome.value for report in case.reports} == {"succeeded"}
    assert calls["GET", "/environment/{environmentId}/deploymentQueue"] > 8
    # Before and after the request, and when it has begun: what they waited for is known.
    assert calls["GET", "/helm/{helmId}/deploymentHistoryV2"] <= 8 * 3 + 2
    assert calls["GET", "/service/{serviceId}/deploymentQueue"] <= 8 * 2 + 2


@pytest.mark.parametrize(
    ("after", "began"),
    [
        pytest.param(5, "failed", id="it is known what is ours"),
        pytest.param(1, "superseded", id="it may as well be what slipped in before ours"),
    ],
)
def test_a_request_of_another_job_that_is_merged_into_one_of_ours_does_not_hide_what_began(
    after: float, began: str
) -> None:
    """Two merges to main, one after the other: the second one's request finds a waiting one of the first."""

    def merge(world: World, _faults: Faults) -> None:
        world.dialect = Dialect(merges="environment")
        populate(world, count=2, plan=deployment(20, end="DEPLOYMENT_ERROR"))
        for service_id in crowd_ids(2):
            world.at(after, partial(world.deploy, service_id, user=CI_USER, origin="API", plan=deployment(20)))

    case = run_case(arrange=merge, helm_id="\n".join(crowd_ids(2)), timeout="10m")
    ends = [case.ends_of(report.service_id) for report in case.reports]
    assert sorted(ends) == [["DEPLOYED"], ["DEPLOYMENT_ERROR"]]
    assert [report.verdict.outcome.value for report in case.reports] == [
        began if end == ["DEPLOYMENT_ERROR"] else "succeeded" for end in ends
    ]


def test_without_queue_and_history_an_end_is_not_ours_while_ours_may_wait_for_another_service() -> None:
    def refuse(world: World, _faults: Faults) -> None:
        refusing = Dialect(queue_endpoint=False, history_endpoint=False, execution_ids=False)
        world.dialect = replace(refusing, dispatch_delay=2.0, queued_state="previous")
        populate(world, count=3, plan=deployment(40, end="DEPLOYMENT_ERROR"))
        world.deploy(HELM_ID, user=COLLEAGUE, plan=deployment(12))

    case = run_case(arrange=refuse, helm_id="\n".join(crowd_ids(3)), timeout="10m")
    assert "succeeded" not in {report.verdict.outcome.value for report in case.reports}


@pytest.mark.parametrize("history", [True, False])
def test_without_a_queue_an_end_is_not_ours_while_ours_may_wait_for_somebody_else_s_deployment(
    history: bool,  # noqa: FBT001
) -> None:
    other = crowd_ids(2)[1]

    def refuse(world: World, _faults: Faults) -> None:
        refusing = Dialect(queue_endpoint=False, history_endpoint=history, history_origin=False, dispatch_delay=2.0)
        # The id of the one that waits is on the status of the one that runs and ends.
        next_one = replace(refusing, id_while_running="next", id_after_end="next", queued_state="previous")
        world.dialect = replace(next_one, id_while_queued="at_rest")
        populate(world, count=2, plan=deployment(10, end="DEPLOYMENT_ERROR"))
        world.deploy(HELM_ID, user=COLLEAGUE, plan=deployment(6))
        world.deploy(other, user=COLLEAGUE, plan=deployment(90))

    case = run_case(arrange=refuse, timeout="10m")
    assert case.ends_of(HELM_ID) == ["DEPLOYMENT_ERROR"]
    assert case.outcome in {"failed", "timed_out", "superseded"}


def test_a_service_that_deploys_itself_is_warned_about() -> None:
    [warning] = run_case(arrange=lambda world, _faults: arrange(world, "auto-deployed-twice")).log.warnings
    assert warning.startswith("Deployed twice: shop-api (staging): auto-deploy is on")
    assert not run_case().log.warnings


def test_the_id_of_an_environment_is_recognised() -> None:
    environment_id = run_case().world.services[HELM_ID].environment_id
    case = run_case(helm_id=environment_id)
    assert case.outcome == "rejected"
    assert "is the id of the environment 'staging', not of a helm service" in case.report.verdict.reason


def test_an_id_that_is_nothing_is_told_as_qovery_tells_it() -> None:
    case = run_case(helm_id="00000000-0000-4000-8000-000000000000")
    assert case.outcome == "rejected"
    assert "answered 404" in case.report.verdict.reason


def test_a_token_that_is_refused_is_told_with_the_kind_it_was_taken_for() -> None:
    case = run_case(arrange=lambda _world, faults: faults.add(When(), json_error(401)))
    assert case.outcome == "rejected"
    assert "recognised as API token, and sent as `Token`" in case.report.verdict.reason
