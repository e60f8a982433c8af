"""Runs the action against Prism, whose answers never change."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
import pytest

from qovery_sandbox import STAGING_ID, TOKEN
from tests.world.prism.deploying import DEPLOY, deploy
from tests.world.prism.examples import SLICE, after_a_deployment, before_a_deployment
from tests.world.prism.server import Prism, running_prism

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.world.comparison.action_runner import ActionRunner

pytestmark = pytest.mark.usefixtures("prism_is_there")

# Prism's example of a UUID, which is the id of each service that it generates.
MADE_UP_ID = "497f6eca-6276-4993-bfeb-53cbbbba6f08"


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prism]:
    with running_prism(before_a_deployment(), tmp_path_factory.mktemp("before")) as prism:
        yield prism


@pytest.fixture(scope="module")
def after(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prism]:
    with running_prism(after_a_deployment(), tmp_path_factory.mktemp("after")) as prism:
        yield prism


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prism]:
    with running_prism(SLICE, tmp_path_factory.mktemp("bare")) as prism:
        yield prism


def test_dry_run_finds_the_service(runner: ActionRunner, before: Prism) -> None:
    result = deploy(runner, before, dry_run="true", chart_version="1.4.2")

    assert (result.exit_code, result.outputs["outcome"]) == (0, "unchanged")
    assert "shop-api" in result.log
    assert STAGING_ID in result.outputs["console_url"]


def test_dry_run_rejects_a_version(runner: ActionRunner, before: Prism) -> None:
    result = deploy(runner, before, dry_run="true", git_commit_id="a" * 40)

    assert (result.exit_code, result.outputs["outcome"]) == (1, "rejected")
    assert "use `chart_version` instead" in result.errors()[0].message


@pytest.mark.parametrize(
    "inputs",
    [
        pytest.param({}, id="no versions"),
        pytest.param({"chart_version": "1.4.2"}, id="chart version"),
        pytest.param(
            {"chart_version": "1.4.2", "values_override_git_commit_id": "b" * 40}, id="chart version and values commit"
        ),
        pytest.param({"force_event": "DIFF"}, id="force_event DIFF"),
    ],
)
def test_a_request_is_accepted(runner: ActionRunner, before: Prism, inputs: dict[str, str]) -> None:
    result = deploy(runner, before, wait="false", **inputs)

    example = before_a_deployment()["paths"]["/helm/{helmId}/deploy"]["post"]["responses"]["202"]["content"]
    request_id = example["application/json"]["example"]["deployment_request_id"]
    assert (result.exit_code, result.outputs["outcome"]) == (0, "requested")
    assert result.outputs["deployment_request_id"] == request_id
    assert DEPLOY in before.received()


def test_earlier_deployment_is_not_green(runner: ActionRunner, before: Prism) -> None:
    result = deploy(runner, before)

    assert result.exit_code == 1
    assert result.outputs["outcome"] == "timed_out"
    assert result.outputs["deployment_request_id"]
    assert json.loads(result.outputs["result"])[0]["outcome"] == "timed_out"
    assert "after 4s" in result.errors()[0].message


def test_own_id_on_old_status_is_not_green(runner: ActionRunner, after: Prism) -> None:
    result = deploy(runner, after)

    assert result.exit_code == 1
    assert result.outputs["outcome"] == "timed_out"
    assert "What to do" in result.errors()[0].message


def test_generated_answers_are_not_green(runner: ActionRunner, bare: Prism) -> None:
    result = runner.run({"helm_id": MADE_UP_ID, "token": TOKEN, "api_url": bare.url, "timeout": "8s"})

    assert result.exit_code == 1
    assert result.outputs["outcome"] == "timed_out"
    assert "No result" in result.errors()[0].message
    # Prism's generated history does not match the specification, so Prism answers that call with an error.
    assert all("deploymentHistoryV2" in complaint for complaint in bare.complaints())


def test_prism_rejects_a_malformed_call(before: Prism) -> None:
    answer = httpx.post(before.url + DEPLOY[1], json={"chart_version": 5}, headers={"Authorization": f"Token {TOKEN}"})

    assert answer.status_code == httpx.codes.BAD_REQUEST
    assert before.complains_of("chart_version must be string")
