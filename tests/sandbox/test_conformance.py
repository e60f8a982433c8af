"""Requests and responses of each endpoint in each scenario, against Qovery's specification."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import trio
from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from werkzeug.datastructures import Headers, ImmutableMultiDict

from qovery_sandbox import (
    GIT_HELM_ID,
    HELM_ID,
    ORGANIZATION_ID,
    PRODUCTION_ID,
    PROJECT_ID,
    SCENARIOS,
    STAGING_ID,
    Dialect,
)
from tests.sandbox.session import Sandbox, run

if TYPE_CHECKING:
    import httpx

SLICE = json.loads((Path(__file__).parents[1] / "data" / "qovery-openapi.json").read_text(encoding="utf-8"))
CANCEL_REQUEST = "/deploymentQueue/{deploymentRequestId}/cancelDeployment"
# Its 202 response has an empty list of content types. openapi-core then reports the content as missing.
del SLICE["paths"][CANCEL_REQUEST]["post"]["responses"]["202"]["content"]
SPECIFICATION = OpenAPI.from_dict(SLICE)
READ_PATHS = [
    "/organization",
    f"/organization/{ORGANIZATION_ID}/project",
    f"/project/{PROJECT_ID}/environment",
    f"/environment/{STAGING_ID}",
    f"/environment/{STAGING_ID}/helm",
    f"/environment/{STAGING_ID}/helm/status",
    f"/environment/{STAGING_ID}/statuses",
    f"/environment/{PRODUCTION_ID}/statuses",
    f"/environment/{STAGING_ID}/status",
    f"/environment/{STAGING_ID}/deploymentHistoryV2",
    f"/environment/{PRODUCTION_ID}/deploymentHistoryV2?pageSize=5",
    f"/environment/{STAGING_ID}/deploymentQueue",
    f"/environment/{STAGING_ID}/logs",
    f"/service/{HELM_ID}/deploymentQueue",
    *(
        f"/helm/{helm_id}{rest}"
        for helm_id in (HELM_ID, GIT_HELM_ID)
        for rest in ("", "/status", "/link", "/commit?of=chart", "/commit?of=values", "/deploymentHistoryV2?pageSize=5")
    ),
]
ALL_ENDPOINTS = {(method, path) for path, item in SLICE["paths"].items() for method in item if method != "parameters"}
DIALECTS = [
    pytest.param(Dialect(), id="default dialect"),
    pytest.param(
        Dialect(
            accepted_id="null",
            accepted_body="previous",
            id_while_queued="null",
            id_while_running="null",
            id_after_end="null",
            queued_state="QUEUED",
            status_lag=3,
            queue_lag=2,
            history_lag=1,
            dispatch_delay=2,
            pickup_delay=3,
            merge_survivor="newer",
            execution_numbers="none",
            never_began="QUEUED",
            request_status="environment",
            execution_ids=False,
            dates=False,
            history_origin=False,
            history_versions=False,
            history_lists_running=False,
        ),
        id="fewest fields",
    ),
]


class OpenApiRequest:
    def __init__(self, request: httpx.Request) -> None:
        self.host_url = f"{request.url.scheme}://{request.url.host}"
        self.path = request.url.path
        self.method = request.method.lower()
        self.body = request.content
        self.content_type = request.headers.get("content-type", "")
        query = ImmutableMultiDict(request.url.params.multi_items())
        self.parameters = RequestParameters(query=query, header=Headers(request.headers.multi_items()))


class OpenApiResponse:
    def __init__(self, response: httpx.Response) -> None:
        self.data = response.content
        self.status_code = response.status_code
        self.content_type = response.headers.get("content-type", "")
        self.headers = Headers(response.headers.multi_items())


async def check(response: httpx.Response) -> None:
    request = OpenApiRequest(response.request)
    SPECIFICATION.validate_request(request)
    SPECIFICATION.validate_response(request, OpenApiResponse(response))


async def read_all_paths(sandbox: Sandbox) -> None:
    requests = [entry.request_id for entry in sandbox.world.ledger.entries()]
    for path in [*READ_PATHS, *(f"/environment/deploymentStatus?deploymentRequestId={each}" for each in requests)]:
        response = await sandbox.client.get(path)
        assert response.status_code == 200, response.text
        await check(response)


async def post(sandbox: Sandbox, path: str, body: object = None) -> httpx.Response:
    response = await sandbox.client.post(path) if body is None else await sandbox.client.post(path, json=body)
    assert response.status_code in {202, 409}, response.text
    await check(response)
    return response


async def call_all_endpoints(sandbox: Sandbox) -> set[tuple[str, str]]:
    sandbox.world.services[GIT_HELM_ID].stage = 1
    await read_all_paths(sandbox)
    await post(sandbox, f"/helm/{HELM_ID}/deploy", {"chart_version": "1.5.0"})
    await post(sandbox, f"/helm/{GIT_HELM_ID}/deploy?forceEvent=DIFF", {"git_commit_id": "a" * 40})
    await read_all_paths(sandbox)
    await post(sandbox, f"/helm/{HELM_ID}/redeploy")
    await post(sandbox, f"/environment/{STAGING_ID}/service/deploy", {"helms": [{"id": HELM_ID}, {"id": GIT_HELM_ID}]})
    waiting = sandbox.world.deploy(GIT_HELM_ID)
    await post(sandbox, f"/deploymentQueue/{waiting}/cancelDeployment", {})
    for _ in range(4):
        await trio.sleep(16)
        await read_all_paths(sandbox)
    sandbox.world.services[GIT_HELM_ID].is_skipped = True
    sandbox.world.deploy(GIT_HELM_ID)
    sandbox.world.stop(HELM_ID)
    await read_all_paths(sandbox)
    await post(sandbox, f"/environment/{STAGING_ID}/cancelDeployment", {"force_cancel": False})
    await trio.sleep(1)
    await read_all_paths(sandbox)
    return {(method.lower(), path) for method, path in sandbox.world.ledger.call_counts()}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("scenario", [pytest.param(name, id=name) for name in SCENARIOS])
def test_conforms_to_specification(scenario: str, dialect: Dialect) -> None:
    assert run(call_all_endpoints, scenarios=[scenario], dialect=dialect) == ALL_ENDPOINTS
