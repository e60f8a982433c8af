"""What a user sees of the workflows in tests/workflows, held against what the sandbox knows to be true."""

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


def world_in_which_production_fails() -> World:
    failing = quick_world()
    failing.services[PRODUCTION_HELM_ID].plan = FAILING
    return failing


def results_in(told: Mapping[str, str]) -> dict[str, Any]:
    """Return the objects of the output ``result``, by service."""
    return {each["helm_id"]: each for each in json.loads(told["result"])}


def test_a_push_deploys_its_commit_and_the_next_step_finds_the_service(stage: Stage) -> None:
    ended = stage.push("deploy", QOVERY_HELM_ID=GIT_HELM_ID)

    job = ended.run.job("deploy")
    assert ended.run.is_green, ended.run.shown
    assert job.steps == {"qovery": "success", "1": "success"}
    assert ended.requests[GIT_HELM_ID].requested[GIT_HELM_ID].git_commit_id == COMMIT
    assert job.lines["1"] == ["curl --fail https://web.staging.example.com/health"]


def test_a_push_whose_deployment_fails_is_told_with_its_request(stage: Stage) -> None:
    ended = stage.push("deploy", quick_world("failing"), QOVERY_HELM_ID=GIT_HELM_ID)

    job = ended.run.job("deploy")
    assert not ended.run.is_green
    assert job.steps == {"qovery": "failure", "2": "success"}
    assert job.lines["2"] == [f"The deployment {ended.requests[GIT_HELM_ID].request_id} ended as failed"]


def test_the_workflow_that_deploys_a_push_is_that_of_the_readme() -> None:
    [in_readme] = [text for text in re.findall(r"```yaml\n(.*?)```", README.read_text(), re.DOTALL) if "jobs:" in text]
    ours = (WORKFLOWS / "deploy.yml").read_text()

    # The one line that leads to the sandbox.
    assert re.sub(r" +api_url: .*\n", "", ours) == in_readme


def test_every_output_reaches_the_steps_and_jobs_that_follow(stage: Stage) -> None:
    ended = stage.push("outputs")

    job = ended.run.job("deploy")
    request = ended.requests[HELM_ID]
    told = {name: value for step in ("request", "end", "links", "result") for name, value in job.told(step).items()}
    assert ended.run.results == {"deploy": "success", "tell": "success"}, ended.run.shown
    assert job.outputs["qovery"] == told
    [result] = json.loads(told.pop("result"))
    assert told == {
        "deployment_request_id": request.request_id,
        "execution_id": request.execution_id,
        "outcome": "succeeded",
        "state": request.final_state,
        "service_deployment_status": "UP_TO_DATE",
        "duration": "20",
        "service_url": "https://api.staging.example.com",
        "console_url": told["console_url"],
    }
    assert told["console_url"].startswith("https://console.qovery.com/")
    assert HELM_ID in told["console_url"]
    assert {name: result[name] for name in told} == {**told, "duration": float(told["duration"])}
    assert job.lines["reason"] == [result["reason"]]
    assert ended.run.job("tell").told("tell") == {
        "outcome": "succeeded",
        "deployment_request_id": request.request_id,
        "name": "shop-api",
    }
    assert "shop-api (staging) deployed" in job.summary
    assert request.requested[HELM_ID].chart_version == "1.4.2"


def test_the_workflow_that_uses_every_output_uses_every_output() -> None:
    used = re.findall(r"steps\.qovery\.outputs\.(\w+)", (WORKFLOWS / "outputs.yml").read_text())
    assert set(used) == set(Action.from_directory().outputs)


def test_a_deployment_that_fails_fails_the_job_and_the_steps_that_follow_know_why(stage: Stage) -> None:
    ended = stage.push("failure", quick_world("failing"))

    job = ended.run.job("deploy")
    request = ended.requests[HELM_ID]
    assert not ended.run.is_green
    assert ended.run.results == {"deploy": "failure", "alert": "success"}, ended.run.shown
    assert job.steps == {"0": "success", "qovery": "failure", "explain": "success", "clean": "success"}
    told = job.told("explain")
    assert told.items() <= job.outputs["qovery"].items()
    assert (told["outcome"], told["state"]) == ("failed", request.final_state)
    assert told["deployment_request_id"] == request.request_id
    assert results_in(told)[HELM_ID]["state"] == "DEPLOYMENT_ERROR"
    assert ended.run.job("alert").told("alert") == {"job": "failure", "outcome": "failed"}
    assert "shop-api (staging): deployment failed" in job.summary


def test_several_services_are_deployed_by_one_step(stage: Stage) -> None:
    ended = stage.push("several")

    told = ended.run.job("deploy").told("tell")
    assert ended.run.is_green, ended.run.shown
    assert told["outcome"] == "succeeded"
    assert {service: each["deployment_request_id"] for service, each in results_in(told).items()} == {
        service: ended.requests[service].request_id for service in (HELM_ID, PRODUCTION_HELM_ID)
    }


def test_one_of_several_services_that_fails_makes_the_step_red_and_is_told_first(stage: Stage) -> None:
    ended = stage.push("several", world_in_which_production_fails())

    job = ended.run.job("deploy")
    told = job.told("tell")
    assert not ended.run.is_green
    assert (job.steps["qovery"], job.result) == ("failure", "failure")
    assert (told["outcome"], told["service_url"]) == ("failed", "https://api.production.example.com")
    assert {service: each["outcome"] for service, each in results_in(told).items()} == {
        HELM_ID: "succeeded",
        PRODUCTION_HELM_ID: "failed",
    }
    assert ended.requests[HELM_ID].final_state == "DEPLOYED"


def test_inputs_that_cannot_be_used_are_all_told_and_nothing_is_asked_of_qovery(stage: Stage) -> None:
    ended = stage.push("bad-input")

    job = ended.run.job("deploy")
    assert not ended.run.is_green
    assert job.steps == {"0": "success", "qovery": "failure", "explain": "success"}, ended.run.shown
    assert job.told("explain") == {"outcome": "rejected", "deployment_request_id": "", "result": "[]"}
    problems = ("`helm_id`", "`timeout`", "`chart_version`")
    assert [problem for problem in problems if problem in job.summary] == list(problems), job.summary
    assert not ended.ledger.calls


def test_each_job_of_a_matrix_deploys_its_own_service_and_none_stops_the_others(stage: Stage) -> None:
    ended = stage.push("matrix", world_in_which_production_fails())

    staging, production = (ended.run.job("deploy", place=place) for place in ("staging", "production"))
    assert not ended.run.is_green
    # act knows one result for all jobs of a matrix, but each step's own.
    assert (staging.steps["qovery"], production.steps["qovery"]) == ("success", "failure"), ended.run.shown
    assert staging.told("tell") == {
        "outcome": "succeeded",
        "deployment_request_id": ended.requests[HELM_ID].request_id,
    }
    assert production.told("tell") == {
        "outcome": "failed",
        "deployment_request_id": ended.requests[PRODUCTION_HELM_ID].request_id,
    }


def test_a_token_in_a_secret_is_masked(stage: Stage) -> None:
    ended = stage.push("failure")

    assert ended.run.is_green, ended.run.shown
    assert "accepted the request" in ended.run.shown
    assert TOKEN not in ended.run.shown


def test_a_token_that_no_secret_holds_is_masked_from_the_action_on(stage: Stage) -> None:
    ended = stage.push("token-from-a-step", secrets={}, VAULT=TOKEN)

    job = ended.run.job("deploy")
    assert ended.run.is_green, ended.run.shown
    assert job.lines["leak"] == ["The token is ***."]
    assert not [line for line in job.lines["qovery"] if TOKEN in line]
    assert TOKEN not in job.summary
