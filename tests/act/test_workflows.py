"""Compares what a user sees of the workflows in tests/workflows with the ledger of the sandbox."""

import json
import re
from collections.abc import Mapping
from typing import Any

from qovery_sandbox.ids import GIT_HELM_ID, HELM_ID, PRODUCTION_HELM_ID, TOKEN
from qovery_sandbox.plans import FAILING
from qovery_sandbox.world import World
from tests.act.act import COMMIT
from tests.act.stage import WORKFLOWS, Stage, quick_world
from tests.harness import Action
from tests.readme import README


def failing_production() -> World:
    failing = quick_world()
    failing.services[PRODUCTION_HELM_ID].plan = FAILING
    return failing


def results_in(outputs: Mapping[str, str]) -> dict[str, Any]:
    """Return the objects of the output ``result``, by service."""
    return {each["helm_id"]: each for each in json.loads(outputs["result"])}


def test_push_deploys_its_commit(stage: Stage) -> None:
    ended = stage.push("deploy", QOVERY_HELM_ID=GIT_HELM_ID)

    job = ended.run.job("deploy")
    assert ended.run.is_green, ended.run.shown
    assert job.steps == {"qovery": "success", "1": "success"}
    assert ended.requests[GIT_HELM_ID].requested[GIT_HELM_ID].git_commit_id == COMMIT
    assert job.lines["1"] == ["curl --fail https://web.staging.example.com/health"]


def test_failure_step_gets_the_request_id(stage: Stage) -> None:
    ended = stage.push("deploy", quick_world("failing"), QOVERY_HELM_ID=GIT_HELM_ID)

    job = ended.run.job("deploy")
    assert not ended.run.is_green
    assert job.steps == {"qovery": "failure", "2": "success"}
    assert job.lines["2"] == [f"The deployment {ended.requests[GIT_HELM_ID].request_id} ended as failed"]


def test_deploy_workflow_is_that_of_the_readme() -> None:
    [in_readme] = [text for text in re.findall(r"```yaml\n(.*?)```", README.read_text(), re.DOTALL) if "jobs:" in text]
    tested = (WORKFLOWS / "deploy.yml").read_text()

    # Only this line, which names the sandbox, may differ.
    assert re.sub(r" +api_url: .*\n", "", tested) == in_readme


def test_outputs_reach_later_steps_and_jobs(stage: Stage) -> None:
    ended = stage.push("outputs")

    job = ended.run.job("deploy")
    request = ended.requests[HELM_ID]
    outputs = {
        name: value for step in ("request", "end", "links", "result") for name, value in job.values(step).items()
    }
    assert ended.run.results == {"deploy": "success", "report": "success"}, ended.run.shown
    assert job.outputs["qovery"] == outputs
    [result] = json.loads(outputs.pop("result"))
    assert outputs == {
        "deployment_request_id": request.request_id,
        "execution_id": request.execution_id,
        "outcome": "succeeded",
        "state": request.final_state,
        "service_deployment_status": "UP_TO_DATE",
        "duration": "20",
        "service_url": "https://api.staging.example.com",
        "console_url": outputs["console_url"],
    }
    assert outputs["console_url"].startswith("https://console.qovery.com/")
    assert HELM_ID in outputs["console_url"]
    assert {name: result[name] for name in outputs} == {**outputs, "duration": float(outputs["duration"])}
    assert job.lines["reason"] == [result["reason"]]
    assert ended.run.job("report").values("report") == {
        "outcome": "succeeded",
        "deployment_request_id": request.request_id,
        "name": "shop-api",
    }
    assert "shop-api (staging) deployed" in job.summary
    assert request.requested[HELM_ID].chart_version == "1.4.2"


def test_outputs_workflow_uses_every_output() -> None:
    used = re.findall(r"steps\.qovery\.outputs\.(\w+)", (WORKFLOWS / "outputs.yml").read_text())
    assert set(used) == set(Action.from_directory().outputs)


def test_failed_deployment_fails_the_job(stage: Stage) -> None:
    ended = stage.push("failure", quick_world("failing"))

    job = ended.run.job("deploy")
    request = ended.requests[HELM_ID]
    assert not ended.run.is_green
    assert ended.run.results == {"deploy": "failure", "alert": "success"}, ended.run.shown
    assert job.steps == {"0": "success", "qovery": "failure", "explain": "success", "clean": "success"}
    outputs = job.values("explain")
    assert outputs.items() <= job.outputs["qovery"].items()
    assert (outputs["outcome"], outputs["state"]) == ("failed", request.final_state)
    assert outputs["deployment_request_id"] == request.request_id
    assert results_in(outputs)[HELM_ID]["state"] == "DEPLOYMENT_ERROR"
    assert ended.run.job("alert").values("alert") == {"job": "failure", "outcome": "failed"}
    assert "shop-api (staging): deployment failed" in job.summary


def test_one_step_deploys_several_services(stage: Stage) -> None:
    ended = stage.push("several")

    outputs = ended.run.job("deploy").values("report")
    assert ended.run.is_green, ended.run.shown
    assert outputs["outcome"] == "succeeded"
    assert {service: each["deployment_request_id"] for service, each in results_in(outputs).items()} == {
        service: ended.requests[service].request_id for service in (HELM_ID, PRODUCTION_HELM_ID)
    }


def test_one_failed_service_fails_the_step(stage: Stage) -> None:
    ended = stage.push("several", failing_production())

    job = ended.run.job("deploy")
    outputs = job.values("report")
    assert not ended.run.is_green
    assert (job.steps["qovery"], job.result) == ("failure", "failure")
    assert (outputs["outcome"], outputs["service_url"]) == ("failed", "https://api.production.example.com")
    assert {service: each["outcome"] for service, each in results_in(outputs).items()} == {
        HELM_ID: "succeeded",
        PRODUCTION_HELM_ID: "failed",
    }
    assert ended.requests[HELM_ID].final_state == "DEPLOYED"


def test_bad_inputs_are_reported_without_calls(stage: Stage) -> None:
    ended = stage.push("bad-input")

    job = ended.run.job("deploy")
    assert not ended.run.is_green
    assert job.steps == {"0": "success", "qovery": "failure", "explain": "success"}, ended.run.shown
    assert job.values("explain") == {"outcome": "rejected", "deployment_request_id": "", "result": "[]"}
    problems = ("`helm_id`", "`timeout`", "`chart_version`")
    assert [problem for problem in problems if problem in job.summary] == list(problems), job.summary
    assert not ended.ledger.calls


def test_matrix_jobs_deploy_independently(stage: Stage) -> None:
    ended = stage.push("matrix", failing_production())

    staging, production = (ended.run.job("deploy", place=place) for place in ("staging", "production"))
    assert not ended.run.is_green
    # act reports one result for all jobs of a matrix, but one for each step.
    assert (staging.steps["qovery"], production.steps["qovery"]) == ("success", "failure"), ended.run.shown
    assert staging.values("report") == {
        "outcome": "succeeded",
        "deployment_request_id": ended.requests[HELM_ID].request_id,
    }
    assert production.values("report") == {
        "outcome": "failed",
        "deployment_request_id": ended.requests[PRODUCTION_HELM_ID].request_id,
    }


def test_masks_a_token_from_a_secret(stage: Stage) -> None:
    ended = stage.push("failure")

    assert ended.run.is_green, ended.run.shown
    assert " accepted" in ended.run.shown
    assert TOKEN not in ended.run.shown


def test_masks_a_token_from_a_step(stage: Stage) -> None:
    ended = stage.push("token-from-a-step", secrets={}, VAULT=TOKEN)

    job = ended.run.job("deploy")
    assert ended.run.is_green, ended.run.shown
    assert job.lines["leak"] == ["The token is ***."]
    assert not [line for line in job.lines["qovery"] if TOKEN in line]
    assert TOKEN not in job.summary
