"""What is refused, and in which words."""

from __future__ import annotations

import json

import pytest

from qovery_sandbox import (
    GIT_HELM_ID,
    HELM_ID,
    ORGANIZATION_ID,
    PRODUCTION_HELM_ID,
    STAGING_ID,
    TOKEN,
    Grant,
)
from tests.sandbox.stage import Stage, play

UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
JWT = "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl"
DEPLOY = f"/helm/{HELM_ID}/deploy"
DEPLOY_GIT = f"/helm/{GIT_HELM_ID}/deploy"
DEPLOY_ALL = f"/environment/{STAGING_ID}/service/deploy"
CANCEL = f"/environment/{STAGING_ID}/cancelDeployment"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        pytest.param(DEPLOY, '{"chart_version": "1", "git_commit_id": "a"}', 400, id="version and commit"),
        pytest.param(DEPLOY, '{"git_commit_id": "a"}', 400, id="commit for a chart repository"),
        pytest.param(DEPLOY_GIT, '{"chart_version": "1"}', 400, id="version for a git repository"),
        pytest.param(DEPLOY_GIT, '{"values_override_git_commit_id": "a"}', 400, id="values commit without repository"),
        pytest.param(DEPLOY, '{"chart_version": 1}', 400, id="version of a wrong type"),
        pytest.param(DEPLOY, '{"chart_version": null}', 400, id="version that is null"),
        pytest.param(DEPLOY, '{"chart_version": " "}', 400, id="version that is blank"),
        pytest.param(DEPLOY, '{"chart', 400, id="no JSON"),
        pytest.param(DEPLOY, "[]", 400, id="no object"),
        pytest.param(f"{DEPLOY}?forceEvent=ALWAYS", "{}", 400, id="unknown force event"),
        pytest.param(f"/helm/{UNKNOWN_ID}/deploy", "{}", 404, id="unknown service"),
        pytest.param("/helm/shop-api/deploy", "{}", 404, id="service by name"),
        pytest.param(f"/helm/{HELM_ID}/status", "{}", 405, id="wrong method"),
        pytest.param(f"/helm/{HELM_ID}/explode", "{}", 404, id="unknown call"),
        pytest.param(DEPLOY_ALL, "{}", 400, id="nothing to deploy"),
        pytest.param(DEPLOY_ALL, '{"helms": {}}', 400, id="services of a wrong type"),
        pytest.param(DEPLOY_ALL, '{"helms": [{}]}', 400, id="service without id"),
        pytest.param(DEPLOY_ALL, json.dumps({"databases": [UNKNOWN_ID]}), 404, id="kinds that do not exist here"),
        pytest.param(DEPLOY_ALL, json.dumps({"helms": [{"id": PRODUCTION_HELM_ID}]}), 404, id="another environment's"),
        pytest.param(CANCEL, '{"force_cancel": "yes"}', 400, id="force_cancel of a wrong type"),
        pytest.param(CANCEL, "{}", 409, id="nothing to cancel"),
        pytest.param(f"/deploymentQueue/{UNKNOWN_ID}/cancelDeployment", "{}", 404, id="unknown request"),
    ],
)
def test_what_is_wrong_is_refused_and_changes_nothing(path: str, body: str, status: int) -> None:
    async def story(stage: Stage) -> None:
        headers = {"Content-Type": "application/json"}
        response = await stage.client.post(path, content=body, headers=headers)
        error = response.json()
        assert (response.status_code, error["status"]) == (status, status)
        assert set(error) == {"status", "error", "message", "path", "timestamp"}
        assert error["path"] == path.partition("?")[0]
        assert stage.world.ledger.via_http() == []

    play(story)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param(f"/helm/{UNKNOWN_ID}", 404, id="unknown service"),
        pytest.param("/helm/shop-api", 404, id="malformed id"),
        pytest.param(f"/organization/{STAGING_ID}/project", 404, id="unknown organization"),
        pytest.param(f"/project/{ORGANIZATION_ID}/environment", 404, id="unknown project"),
        pytest.param(f"/environment/{HELM_ID}", 404, id="unknown environment"),
        pytest.param(f"/environment/{STAGING_ID}/logs?version=nothing-1", 404, id="log of an unknown execution"),
        pytest.param(f"/helm/{HELM_ID}/deploymentHistoryV2?pageSize=few", 400, id="page size that is no number"),
        pytest.param(DEPLOY, 405, id="wrong method"),
    ],
)
def test_what_does_not_exist_cannot_be_read(path: str, status: int) -> None:
    async def story(stage: Stage) -> int:
        return (await stage.client.get(path)).status_code

    assert play(story) == status


def test_a_body_is_json_or_nothing() -> None:
    async def story(stage: Stage) -> list[int]:
        contents = [b"", b"chart_version=1"]
        return [(await stage.client.post(DEPLOY, content=content)).status_code for content in contents]

    assert play(story) == [202, 415]


@pytest.mark.parametrize(
    ("token", "reading", "deploying"),
    [
        pytest.param(f"Token {TOKEN}", 200, 202, id="API token"),
        pytest.param(f"Bearer {JWT}", 200, 202, id="JWT"),
        pytest.param("Token read-only", 200, 403, id="role that may only read"),
        pytest.param(None, 401, 401, id="no token"),
        pytest.param("Token wrong", 401, 401, id="wrong token"),
        pytest.param(f"Bearer {TOKEN}", 401, 401, id="API token as JWT"),
        pytest.param(f"Token {JWT}", 401, 401, id="JWT as API token"),
        pytest.param("Token revoked", 401, 401, id="revoked token"),
    ],
)
def test_a_token_opens_the_door(token: str | None, reading: int, deploying: int) -> None:
    async def story(stage: Stage) -> tuple[int, int]:
        access = stage.world.access
        access.allow(Grant(value=JWT, scheme="Bearer", user="bob@example.com"))
        access.allow(Grant(value="read-only", role="viewer"))
        access.allow(Grant(value="revoked"))
        access.revoke("revoked")
        read = await stage.client.get(f"/helm/{HELM_ID}")
        return read.status_code, (await stage.client.post(DEPLOY, json={})).status_code

    assert play(story, token=token) == (reading, deploying)


def test_a_deployment_is_triggered_by_the_token_s_user() -> None:
    async def story(stage: Stage) -> str:
        stage.world.access.allow(Grant(value=TOKEN, user="deploy-bot"))
        await stage.deploy()
        return str((await stage.history())[0]["auditing_data"]["triggered_by"])

    assert play(story) == "deploy-bot"


@pytest.mark.parametrize("path", [pytest.param(DEPLOY, id="deploy"), pytest.param(CANCEL, id="cancel")])
def test_a_world_that_refuses_accepts_no_command(path: str) -> None:
    async def story(stage: Stage) -> None:
        stage.world.deploy(HELM_ID)
        stage.world.refuses = True
        stage.world.at(5, lambda: setattr(stage.world, "refuses", False))
        response = await stage.client.post(path, json={})
        assert (response.status_code, response.json()["message"]) == (409, "Operation is in progress")
        assert stage.world.ledger.via_http() == []

    play(story)
