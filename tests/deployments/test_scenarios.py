from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from qovery_sandbox import GIT_HELM_ID, HELM_ID, PRODUCTION_HELM_ID
from qovery_sandbox.faults import When, json_error
from qovery_sandbox.plans import FAILING
from qovery_sandbox.scenarios import arrange
from tests.deployments.case import run_case

if TYPE_CHECKING:
    from qovery_sandbox.faults import Faults
    from qovery_sandbox.world import World


def set_up(world: World, _faults: Faults, *, scenarios: str) -> None:
    arrange(world, scenarios)


@pytest.mark.parametrize(
    ("scenarios", "outcome", "state"),
    [
        pytest.param("happy", "succeeded", "DEPLOYED", id="succeeds"),
        pytest.param("failing", "failed", "DEPLOYMENT_ERROR", id="fails"),
        pytest.param("build-failing", "failed", "BUILD_ERROR", id="build fails"),
        pytest.param("lagging-status", "succeeded", "DEPLOYED", id="lagging status, succeeds"),
        pytest.param("lagging-status+failing", "failed", "DEPLOYMENT_ERROR", id="lagging status, fails"),
        pytest.param("queued", "succeeded", "DEPLOYED", id="queued, succeeds"),
        pytest.param("queued+failing", "failed", "DEPLOYMENT_ERROR", id="queued, fails after another succeeded"),
        pytest.param("first-deployment", "succeeded", "DEPLOYED", id="first deployment, succeeds"),
        pytest.param("first-deployment+failing", "failed", "DEPLOYMENT_ERROR", id="first deployment, fails"),
        pytest.param("merged", "succeeded", "DEPLOYED", id="merged, succeeds"),
        pytest.param("merged+failing", "failed", "DEPLOYMENT_ERROR", id="merged, fails"),
        pytest.param("auto-deployed-twice", "succeeded", "DEPLOYED", id="after a push, succeeds"),
        pytest.param("auto-deployed-twice+failing", "failed", "DEPLOYMENT_ERROR", id="after a push, fails"),
        pytest.param("canceled", "canceled", "CANCELED", id="canceled by someone"),
        pytest.param("slow", "succeeded", "DEPLOYED", id="ten minutes"),
    ],
)
def test_outcome_of_each_scenario(scenarios: str, outcome: str, state: str) -> None:
    case = run_case(arrange=partial(set_up, scenarios=scenarios), timeout="20m")
    assert (case.outcome, case.report.state) == (outcome, state)
    assert len(case.requests) == 1


def test_superseded_names_the_other_deployment() -> None:
    case = run_case(arrange=partial(set_up, scenarios="superseded"), timeout="20m")
    others = [entry for entry in case.entries if entry.triggered_by == "bob@example.com"]
    assert case.outcome == "superseded"
    assert others[-1].request_id in case.report.verdict.reason
    assert "bob@example.com" in case.report.verdict.reason


def test_unchanged_is_green() -> None:
    case = run_case(arrange=partial(set_up, scenarios="unchanged"), force_event="DIFF")
    assert (case.outcome, case.report.state) == ("unchanged", "DEPLOYED")


def test_unchanged_but_stopped_is_red() -> None:
    def stop(world: World, _faults: Faults) -> None:
        arrange(world, "unchanged")
        world.stop(HELM_ID)

    case = run_case(arrange=stop, force_event="DIFF")
    assert (case.outcome, case.report.state) == ("failed", "STOPPED")


def test_report_has_details_from_qovery() -> None:
    report = run_case().report
    assert report.label == "shop-api (staging)"
    assert report.duration == 20
    assert [step.name for step in report.steps] == ["DEPLOYMENT_QUEUEING", "DEPLOYMENT"]
    assert report.service_deployment_status == "UP_TO_DATE"
    assert report.service_url == "https://api.staging.example.com"
    assert report.console_url.endswith(f"/service/{HELM_ID}/deployments")


@pytest.mark.parametrize(
    "inputs",
    [{}, {"wait": "false"}, {"timeout": "1s"}, {"dry_run": "true"}],
    ids=["succeeded", "requested", "timed out", "dry run"],
)
def test_reports_the_link_for_every_outcome(inputs: dict[str, str]) -> None:
    assert run_case(inputs, arrange=partial(set_up, scenarios="failing")).report.service_url


@pytest.mark.parametrize("path", ["/environment/{environmentId}", "/helm/{helmId}/link"])
def test_deploys_without_environment_and_link(path: str) -> None:
    case = run_case(arrange=lambda _world, faults: faults.add(When(method="GET", path=path), json_error(403)))
    assert case.outcome == "succeeded"
    assert case.report.name == "shop-api"
    assert not (case.report.environment and case.report.service_url)


def test_deploys_requested_versions() -> None:
    case = run_case(chart_version="2.1.0", values_override_git_commit_id="0123456789abcdef0123456789abcdef01234567")
    assert case.outcome == "succeeded"
    assert case.requests[0].deployed[HELM_ID].chart_version == "2.1.0"
    assert (
        case.requests[0].requested[HELM_ID].values_override_git_commit_id == "0123456789abcdef0123456789abcdef01234567"
    )


def test_deploys_a_commit() -> None:
    commit = "89abcdef0123456789abcdef0123456789abcdef"
    case = run_case(helm_id=GIT_HELM_ID, git_commit_id=commit)
    assert (case.outcome, case.requests[0].deployed[GIT_HELM_ID].git_commit_id) == ("succeeded", commit)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        pytest.param({"git_commit_id": "0" * 40}, "use `chart_version`", id="a commit for a chart from a repository"),
        pytest.param(
            {"helm_id": GIT_HELM_ID, "chart_version": "1.0.0"}, "use `git_commit_id`", id="a version for one from git"
        ),
        pytest.param(
            {"helm_id": GIT_HELM_ID, "values_override_git_commit_id": "0" * 40},
            "does not come from git",
            id="a values commit without a values repository",
        ),
    ],
)
def test_rejects_version_of_another_source(inputs: dict[str, str], message: str) -> None:
    case = run_case(inputs)
    assert case.outcome == "rejected"
    assert message in case.report.verdict.reason
    assert not case.requests


def test_dry_run_sends_nothing() -> None:
    case = run_case(dry_run="true", chart_version="2.1.0")
    assert case.outcome == "unchanged"
    assert "2.1.0" in case.report.verdict.reason
    assert not [call for call in case.world.ledger.calls if call.method == "POST"]


def test_ends_after_acceptance_without_wait() -> None:
    case = run_case(wait="false")
    report = case.report
    assert (case.outcome, report.request_id) == ("requested", case.requests[0].request_id)
    # What Qovery showed of the service is from before the request.
    assert (report.state, report.service_deployment_status, report.duration) == ("", "", None)
    assert case.took < 1


def test_services_of_two_environments() -> None:
    def fail_one(world: World, _faults: Faults) -> None:
        world.services[GIT_HELM_ID].plan = FAILING

    case = run_case(arrange=fail_one, helm_id=f"{HELM_ID},{GIT_HELM_ID}\n{PRODUCTION_HELM_ID},{HELM_ID}")
    outcomes = [(report.service_id, report.verdict.outcome) for report in case.reports]
    assert outcomes == [(HELM_ID, "succeeded"), (GIT_HELM_ID, "failed"), (PRODUCTION_HELM_ID, "succeeded")]
