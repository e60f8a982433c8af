from __future__ import annotations

import math
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Literal

import pytest

from qovery_sandbox import GIT_HELM_ID, HELM_ID, PRODUCTION_HELM_ID, RateLimit
from qovery_sandbox.deployments import Versions
from qovery_sandbox.dialect import Dialect
from qovery_sandbox.faults import Answer, Hang, When, json_error
from qovery_sandbox.ids import CI_USER, COLLEAGUE
from qovery_sandbox.plans import deployment
from qovery_sandbox.scenarios import arrange
from qovery_sandbox.services import numbered_service_ids
from tests.deployments.case import Case, DefectOnPurposeError, run_case

if TYPE_CHECKING:
    from qovery_sandbox.faults import Fault, Faults
    from qovery_sandbox.world import World

DEPLOY_ALL = ("POST", "/environment/{environmentId}/service/deploy")
DEPLOY_ONE = ("POST", "/helm/{helmId}/deploy")


def stage(world: World, _faults: Faults, *, count: int, fail: int = -1, seconds: float = 5.0) -> None:
    world.add_services(count=count, plan=deployment(seconds))
    if fail >= 0:
        world.services[numbered_service_ids(count)[fail]].plan = deployment(seconds, end="DEPLOYMENT_ERROR")


def deploy(count: int, *, fail: int = -1, seconds: float = 5.0, **inputs: str) -> Case:
    arrangement = partial(stage, count=count, fail=fail, seconds=seconds)
    return run_case(inputs, arrange=arrangement, helm_id="\n".join(numbered_service_ids(count)), timeout="2h")


def outcomes_of(case: Case) -> Counter[str]:
    return Counter(report.verdict.outcome.value for report in case.reports)


def test_a_hundred_services_are_one_request() -> None:
    case = deploy(100, fail=17)
    assert outcomes_of(case) == {"succeeded": 99, "failed": 1}
    assert case.reports[17].verdict.outcome == "failed"
    assert {report.request_id for report in case.reports} == {case.requests[0].request_id}
    assert case.world.ledger.call_counts()[DEPLOY_ALL] == 1


def test_a_hundred_services_cost_twice_one() -> None:
    one, hundred = (len(deploy(count, seconds=30.0).sent) for count in (1, 100))
    assert hundred <= 2 * one


def test_force_event_deploys_each_service_separately() -> None:
    case = deploy(3, force_event="DIFF")
    assert outcomes_of(case) == {"succeeded": 3}
    assert (case.world.ledger.call_counts()[DEPLOY_ALL], case.world.ledger.call_counts()[DEPLOY_ONE]) == (0, 3)


def test_environments_are_deployed_side_by_side() -> None:
    case = run_case(helm_id=f"{HELM_ID},{GIT_HELM_ID}\n{PRODUCTION_HELM_ID},{HELM_ID}")
    assert [report.service_id for report in case.reports] == [HELM_ID, GIT_HELM_ID, PRODUCTION_HELM_ID]
    assert outcomes_of(case) == {"succeeded": 3}
    assert (case.world.ledger.call_counts()[DEPLOY_ALL], case.world.ledger.call_counts()[DEPLOY_ONE]) == (1, 1)


def test_sends_nothing_if_versions_fit_not_all() -> None:
    case = run_case(helm_id=f"{HELM_ID},{GIT_HELM_ID}", chart_version="1.5.0")
    assert (outcomes_of(case), case.requests) == ({"rejected": 2}, [])
    assert "use `git_commit_id`" in case.reports[1].verdict.reason
    assert case.reports[0].verdict.reason.endswith("because the versions in its inputs do not fit shop-web.")


@pytest.mark.parametrize("never_began", ["READY", "QUEUED"])
def test_skips_a_service_of_a_later_stage(never_began: Literal["READY", "QUEUED"]) -> None:
    def fail_first(world: World, _faults: Faults) -> None:
        world.dialect = Dialect(never_began=never_began)
        stage(world, _faults, count=3, fail=0)
        world.services[numbered_service_ids(3)[2]].stage = 1

    case = run_case(arrange=fail_first, helm_id="\n".join(numbered_service_ids(3)))
    assert [report.verdict.outcome for report in case.reports] == ["failed", "succeeded", "skipped"]
    assert "ended before its stage began (DEPLOYMENT_ERROR)" in case.reports[2].verdict.reason
    assert (case.reports[2].duration, case.reports[2].phases) == (None, ())


@pytest.mark.parametrize(
    ("fail", "outcomes"), [(-1, ["succeeded", "succeeded"]), (0, ["failed", "skipped"])], ids=["deployed", "failed"]
)
def test_follows_stages_by_statuses(fail: int, outcomes: list[str]) -> None:
    """The status of the second service shows an earlier execution until its stage begins."""

    def refuse_history(world: World, faults: Faults) -> None:
        stage(world, faults, count=2, fail=fail, seconds=30.0)
        world.services[numbered_service_ids(2)[1]].stage = 1
        for service_id in numbered_service_ids(2):
            world.deploy(service_id, plan=deployment(1))
        faults.add(When(path="/environment/{environmentId}/deploymentHistoryV2"), json_error(403))

    case = run_case(arrange=refuse_history, helm_id="\n".join(numbered_service_ids(2)))
    assert [report.verdict.outcome for report in case.reports] == outcomes


def test_reports_a_service_without_execution() -> None:
    def skip_one(world: World, _faults: Faults) -> None:
        stage(world, _faults, count=2)
        world.services[numbered_service_ids(2)[1]].is_skipped = True

    case = run_case(arrange=skip_one, helm_id="\n".join(numbered_service_ids(2)))
    assert [report.verdict.outcome for report in case.reports] == ["succeeded", "skipped"]
    assert "Qovery skipped this service" in case.reports[1].verdict.reason


def test_a_defect_ends_only_one_request() -> None:
    async def break_down(*_: object) -> None:
        raise DefectOnPurposeError

    def stage_a_defect(world: World, faults: Faults) -> None:
        stage(world, faults, count=3)
        faults.add(When(path="/environment/deploymentStatus", nth={3}), break_down)

    case = run_case(arrange=stage_a_defect, helm_id="\n".join(numbered_service_ids(3)), force_event="DIFF")
    assert outcomes_of(case) == {"succeeded": 2, "lost_contact": 1}
    assert all(report.request_id for report in case.reports)
    assert "A defect in this action" in next(r.verdict.reason for r in case.reports if not r.verdict.outcome.is_green)
    assert case.log.quoted[-1].endswith("DefectOnPurposeError\n")


@pytest.mark.parametrize(("count", "seconds"), [(1, 3500), (10, 3500)])
def test_uses_a_quarter_of_an_unknown_limit(count: int, seconds: float) -> None:
    def hush(world: World, _faults: Faults) -> None:
        world.rate_limiter.limit = RateLimit(headers=False)
        world.add_services(count=count, plan=deployment(seconds))

    case = run_case(arrange=hush, helm_id="\n".join(numbered_service_ids(count)), timeout="2h")
    assert outcomes_of(case) == {"succeeded": count}
    assert len(case.sent) <= 260


@pytest.mark.parametrize("answered", ["own", "survivor"])
@pytest.mark.parametrize("survivor", ["older", "newer"])
def test_merged_with_another_jobs_request(
    survivor: Literal["older", "newer"], answered: Literal["own", "survivor"]
) -> None:
    """Another job of the same user requests another service, which waits; Qovery deploys both together."""
    mine, others = numbered_service_ids(2)

    def merge(world: World, _faults: Faults) -> None:
        world.dialect = Dialect(merges="environment", merge_survivor=survivor, merged_id_in_answer=answered)
        world.add_services(count=2, plan=deployment(15))
        world.services[mine].plan = deployment(15, end="DEPLOYMENT_ERROR")
        world.deploy(GIT_HELM_ID, user=COLLEAGUE, plan=deployment(20))
        world.deploy(others, user=CI_USER, origin="API")

    case = run_case(arrange=merge, helm_id=mine)
    assert (case.outcome, case.ends_of(mine)) == ("failed", ["DEPLOYMENT_ERROR"])


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(json_error(403), id="refused"),
        pytest.param(json_error(500), id="fails"),
        pytest.param(Answer(200, '{"results": []}'), id="empty list"),
        pytest.param(Hang(), id="no answer"),
    ],
)
@pytest.mark.parametrize("call", ["helm", "statuses", "deploymentQueue"])
def test_deploys_without_environment_calls(call: str, fault: Fault) -> None:
    def spoil(world: World, faults: Faults) -> None:
        stage(world, faults, count=6, seconds=15.0)
        faults.add(When(path=f"/environment/{{environmentId}}/{call}", until=math.inf), fault)

    case = run_case(arrange=spoil, helm_id="\n".join(numbered_service_ids(6)), timeout="10h")
    assert outcomes_of(case) == {"succeeded": 6}


def test_an_environment_is_read_once() -> None:
    calls = deploy(16).world.ledger.call_counts()
    assert calls["GET", "/environment/{environmentId}"] == calls["GET", "/environment/{environmentId}/helm"] == 1
    assert calls["GET", "/helm/{helmId}"] == 1


def test_an_unknown_service_affects_no_other() -> None:
    ids = [*numbered_service_ids(5), "00000000-0000-4000-8000-000000000000"]
    case = run_case(arrange=partial(stage, count=5), helm_id="\n".join(ids), timeout="10h")
    assert outcomes_of(case) == {"succeeded": 5, "rejected": 1}


def test_sends_versions_of_every_service() -> None:
    case = deploy(2, chart_version="1.5.0")
    assert case.requests[0].requested == dict.fromkeys(numbered_service_ids(2), Versions(chart_version="1.5.0"))


@pytest.mark.parametrize("history", [True, False])
def test_never_green_while_possibly_queued(*, history: bool) -> None:
    other = numbered_service_ids(2)[1]

    def refuse(world: World, _faults: Faults) -> None:
        world.dialect = Dialect(
            queue_endpoint=False,
            history_endpoint=history,
            history_origin=False,
            dispatch_delay=2.0,
            request_status_refusal=403,
            queued_state="previous",
        )
        world.add_services(count=2, plan=deployment(10, end="DEPLOYMENT_ERROR"))
        world.deploy(HELM_ID, user=COLLEAGUE, plan=deployment(6))
        world.deploy(other, user=COLLEAGUE, plan=deployment(90))

    case = run_case(arrange=refuse, timeout="10m")
    assert case.ends_of(HELM_ID) == ["DEPLOYMENT_ERROR"]
    assert case.outcome in {"failed", "timed_out", "superseded"}


def test_warns_of_auto_deploy() -> None:
    [warning] = run_case(arrange=lambda world, _faults: arrange(world, "auto-deployed-twice")).log.warnings
    assert warning.startswith("Auto-deploy is on: Qovery also deploys shop-api on every push.")
    assert not run_case().log.warnings


def test_recognizes_the_id_of_an_environment() -> None:
    environment_id = run_case().world.services[HELM_ID].environment_id
    case = run_case(helm_id=environment_id)
    assert case.outcome == "rejected"
    assert "is the id of the environment 'staging', not of a helm service" in case.report.verdict.reason


def test_reports_an_unknown_id() -> None:
    case = run_case(helm_id="00000000-0000-4000-8000-000000000000")
    assert case.outcome == "rejected"
    assert "answered 404" in case.report.verdict.reason


def test_reports_the_kind_of_a_refused_token() -> None:
    case = run_case(arrange=lambda _world, faults: faults.add(When(), json_error(401)))
    assert case.outcome == "rejected"
    assert "with the authorization scheme `Token` (API token)." in case.report.verdict.reason


def test_never_cancels_unseen_services() -> None:
    def hide(world: World, _faults: Faults) -> None:
        world.dialect = Dialect(queue_endpoint=False)
        world.deploy(HELM_ID, plan=deployment(60))

    case = run_case(arrange=hide, interrupt_at=[8], settle=120)
    assert "does not show which services the deployment contains" in case.report.verdict.reason
    assert not [entry for entry in case.entries if entry.canceled_by]


def test_many_requests_of_other_jobs() -> None:
    """A matrix of jobs with one token: no request is merged, and only our request is for our service."""

    def crowd(world: World, _faults: Faults) -> None:
        world.add_services(count=8, plan=deployment(20))
        world.deploy(GIT_HELM_ID, user=COLLEAGUE, plan=deployment(15))
        for service_id in numbered_service_ids(8)[1:]:
            world.after(2, partial(world.deploy, service_id, user=CI_USER, origin="API"))

    case = run_case(arrange=crowd)
    assert (case.outcome, case.ends_of(HELM_ID)) == ("succeeded", ["DEPLOYED"])
