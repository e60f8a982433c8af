"""Error responses: invalid input, unknown objects, authentication."""

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
    ApiToken,
)
from tests.sandbox.session import Sandbox, run

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
        pytest.param(DEPLOY, '{"chart_version": 1}', 400, id="version of wrong type"),
        pytest.param(DEPLOY, '{"chart_version": null}', 400, id="version is null"),
        pytest.param(DEPLOY, '{"chart_version": " "}', 400, id="version is blank"),
        pytest.param(DEPLOY, '{"chart', 400, id="not JSON"),
        pytest.param(DEPLOY, "[]", 400, id="not an object"),
        pytest.param(f"{DEPLOY}?forceEvent=ALWAYS", "{}", 400, id="unknown force event"),
        pytest.param(f"/helm/{UNKNOWN_ID}/deploy", "{}", 404, id="unknown service"),
        pytest.param("/helm/shop-api/deploy", "{}", 404, id="service by name"),
        pytest.param(f"/helm/{HELM_ID}/status", "{}", 405, id="wrong method"),
        pytest.param(f"/helm/{HELM_ID}/explode", "{}", 404, id="unknown path"),
        pytest.param(DEPLOY_ALL, "{}", 400, id="nothing to deploy"),
        pytest.param(DEPLOY_ALL, '{"helms": {}}', 400, id="services of wrong type"),
        pytest.param(DEPLOY_ALL, '{"helms": [{}]}', 400, id="service without id"),
        pytest.param(DEPLOY_ALL, json.dumps({"databases": [UNKNOWN_ID]}), 404, id="databases"),
        pytest.param(
            DEPLOY_ALL, json.dumps({"helms": [{"id": PRODUCTION_HELM_ID}]}), 404, id="service of another environment"
        ),
        pytest.param(CANCEL, '{"force_cancel": "yes"}', 400, id="force_cancel of wrong type"),
        pytest.param(CANCEL, "{}", 409, id="nothing to cancel"),
        pytest.param(f"/deploymentQueue/{UNKNOWN_ID}/cancelDeployment", "{}", 404, id="unknown request"),
    ],
)
def test_rejects_invalid_request(path: str, body: str, status: int) -> None:
    async def session(sandbox: Sandbox) -> None:
        headers = {"Content-Type": "application/json"}
        response = await sandbox.client.post(path, content=body, headers=headers)
        error = response.json()
        assert (response.status_code, error["status"]) == (status, status)
        assert set(error) == {"status", "error", "message", "path", "timestamp"}
        assert error["path"] == path.partition("?")[0]
        assert sandbox.world.ledger.via_http() == []

    run(session)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param(f"/helm/{UNKNOWN_ID}", 404, id="unknown service"),
        pytest.param("/helm/shop-api", 404, id="malformed id"),
        pytest.param(f"/organization/{STAGING_ID}/project", 404, id="unknown organization"),
        pytest.param(f"/project/{ORGANIZATION_ID}/environment", 404, id="unknown project"),
        pytest.param(f"/environment/{HELM_ID}", 404, id="unknown environment"),
        pytest.param(f"/environment/{STAGING_ID}/logs?version=nothing-1", 404, id="log of an unknown execution"),
        pytest.param(f"/helm/{HELM_ID}/deploymentHistoryV2?pageSize=few", 400, id="page size is not a number"),
        pytest.param(DEPLOY, 405, id="wrong method"),
    ],
)
def test_rejects_invalid_read(path: str, status: int) -> None:
    async def session(sandbox: Sandbox) -> int:
        return (await sandbox.client.get(path)).status_code

    assert run(session) == status


def test_body_must_be_json() -> None:
    async def session(sandbox: Sandbox) -> list[int]:
        contents = [b"", b"chart_version=1"]
        return [(await sandbox.client.post(DEPLOY, content=content)).status_code for content in contents]

    assert run(session) == [202, 415]


@pytest.mark.parametrize(
    ("token", "read_status", "deploy_status"),
    [
        pytest.param(f"Token {TOKEN}", 200, 202, id="API token"),
        pytest.param(f"Bearer {JWT}", 200, 202, id="JWT"),
        pytest.param("Token read-only", 200, 403, id="viewer"),
        pytest.param(None, 401, 401, id="no token"),
        pytest.param("Token wrong", 401, 401, id="wrong token"),
        pytest.param(f"Bearer {TOKEN}", 401, 401, id="API token with Bearer"),
        pytest.param(f"Token {JWT}", 401, 401, id="JWT with Token"),
        pytest.param("Token removed", 401, 401, id="removed token"),
    ],
)
def test_authenticates(token: str | None, read_status: int, deploy_status: int) -> None:
    async def session(sandbox: Sandbox) -> tuple[int, int]:
        tokens = sandbox.world.tokens
        tokens.add(ApiToken(value=JWT, scheme="Bearer", user="bob@example.com"))
        tokens.add(ApiToken(value="read-only", role="viewer"))
        tokens.add(ApiToken(value="removed"))
        tokens.remove("removed")
        read = await sandbox.client.get(f"/helm/{HELM_ID}")
        return read.status_code, (await sandbox.client.post(DEPLOY, json={})).status_code

    assert run(session, token=token) == (read_status, deploy_status)


def test_triggered_by_is_token_user() -> None:
    async def session(sandbox: Sandbox) -> str:
        sandbox.world.tokens.add(ApiToken(value=TOKEN, user="deploy-bot"))
        await sandbox.deploy()
        return str((await sandbox.history())[0]["auditing_data"]["triggered_by"])

    assert run(session) == "deploy-bot"
