from __future__ import annotations

import inspect
import json
from typing import TYPE_CHECKING

import anyio
import httpx
import pytest
from trio.testing import MockClock

from qovery_helm_deploy.deployment.asked import Asked
from qovery_helm_deploy.qovery.client import Client
from qovery_sandbox import (
    GIT_HELM_ID,
    HELM_ID,
    PRODUCTION_HELM_ID,
    STAGING_ID,
    SandboxTransport,
    World,
    create_app,
)
from qovery_sandbox.policy import is_allowed
from tests.policy.calls import CANCELS, DEPLOYMENTS, REQUEST_ID, ApiCall, api_calls
from tests.policy.page import TOKEN, allows, allows_request, api_token, costs, policies, template
from tests.unit.scripted import Reply, talk

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

ONE, SEVERAL = policies()
EACH_POLICY = pytest.mark.parametrize("policy", [pytest.param(ONE, id="one"), pytest.param(SEVERAL, id="several")])
ENVIRONMENT = f"/environment/{STAGING_ID}"
COMMON = [
    ("GET", ENVIRONMENT),
    ("GET", f"{ENVIRONMENT}/statuses"),
    ("GET", f"{ENVIRONMENT}/deploymentQueue"),
    ("GET", f"{ENVIRONMENT}/deploymentHistoryV2"),
    ("GET", f"{ENVIRONMENT}/logs"),
    ("POST", f"{ENVIRONMENT}/cancelDeployment"),
]
OF_SEVERAL = [("GET", f"{ENVIRONMENT}/helm"), ("POST", f"{ENVIRONMENT}/service/deploy")]

#: How the client makes each of its calls. What Qovery pushes comes through the gateway, not through the API.
CLIENT_CALLS: Mapping[str, Callable[[Client], Awaitable[object]]] = {
    "service": lambda client: client.service(HELM_ID),
    "services": lambda client: client.services(STAGING_ID),
    "environment": lambda client: client.environment(STAGING_ID),
    "request_state": lambda client: client.request_state(REQUEST_ID),
    "statuses": lambda client: client.statuses(STAGING_ID),
    "queue": lambda client: client.queue(STAGING_ID),
    "history": lambda client: client.history(STAGING_ID),
    "long_history": lambda client: client.long_history(STAGING_ID),
    "default_link": lambda client: client.default_link(HELM_ID),
    "logs": lambda client: client.logs(STAGING_ID, execution_id=f"{STAGING_ID}-1"),
    "deploy_service": lambda client: client.deploy_service(HELM_ID, Asked(chart_version="1.0")),
    "deploy_services": lambda client: client.deploy_services(STAGING_ID, [HELM_ID, GIT_HELM_ID], Asked()),
    "cancel_request": lambda client: client.cancel_request(REQUEST_ID),
    "cancel_environment": lambda client: client.cancel_environment(STAGING_ID),
}
GATEWAY_CALLS = {"pushed_log", "pushed_status"}


def of_services(*service_ids: str) -> list[tuple[str, str]]:
    suffixes = (("GET", ""), ("GET", "/link"), ("POST", "/deploy"))
    return [(method, f"/helm/{service_id}{suffix}") for service_id in service_ids for method, suffix in suffixes]


def request_of(name: str) -> httpx.Request:
    refusal = Reply(status=418, body=b'{"status": 418, "message": "no"}')
    (request,) = talk(CLIENT_CALLS[name], refusal, token=TOKEN).requests
    return request


@pytest.mark.parametrize(
    ("policy", "allowed"),
    [
        pytest.param(ONE, [*COMMON, *of_services(HELM_ID)], id="one"),
        pytest.param(SEVERAL, [*COMMON, *OF_SEVERAL, *of_services(HELM_ID, GIT_HELM_ID)], id="several"),
    ],
)
def test_allows_only_the_actions_calls(policy: str, allowed: list[tuple[str, str]]) -> None:
    calls = list(api_calls())
    assert {(call.method, call.path) for call in calls if allows(policy, call.method, call.path, call.body)} == set(
        allowed
    )


@EACH_POLICY
def test_resolves_every_path_but_one(policy: str) -> None:
    paths = {
        call.path
        for call in api_calls()
        if allows(policy, call.method, call.path, call.body, is_unresolved_asked=True)
        and not allows(policy, call.method, call.path, call.body)
    }
    assert paths == {"/environment/deploymentStatus"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [pytest.param(body, name in {"one service", "two services"}, id=name) for name, body in DEPLOYMENTS.items()],
)
def test_allows_only_services_of_the_policy(body: object, *, expected: bool) -> None:
    path = f"{ENVIRONMENT}/service/deploy"
    assert allows(SEVERAL, "POST", path, body) is expected
    assert not allows(ONE, "POST", path, body)


@EACH_POLICY
@pytest.mark.parametrize(
    ("body", "expected"), [pytest.param(body, name == "gracefully", id=name) for name, body in CANCELS.items()]
)
def test_cancels_only_gracefully(policy: str, body: object, *, expected: bool) -> None:
    assert allows(policy, "POST", f"{ENVIRONMENT}/cancelDeployment", body) is expected


def test_client_makes_only_known_calls() -> None:
    methods = {name for name, _ in inspect.getmembers(Client, inspect.iscoroutinefunction)}
    assert methods == {*CLIENT_CALLS, *GATEWAY_CALLS}


@pytest.mark.parametrize("name", CLIENT_CALLS)
def test_policy_allows_every_call_of_the_client(name: str) -> None:
    request = request_of(name)
    call = template(request.method, request.url.path)
    assert allows_request(SEVERAL, request) != (call in costs())
    is_for_several = (request.method, request.url.path) in OF_SEVERAL
    assert allows_request(ONE, request) != (call in costs() or is_for_several)


@EACH_POLICY
def test_sandbox_agrees_with_the_policy(policy: str) -> None:
    async def ask(client: httpx.AsyncClient, call: ApiCall) -> int:
        content = b"" if call.body is None else json.dumps(call.body).encode()
        headers = {"authorization": f"Token {TOKEN}", "content-type": "application/json"}
        response = await client.request(call.method, call.path, content=content, headers=headers)
        return response.status_code

    async def ask_all() -> list[str]:
        world = World(anyio.current_time)
        world.tokens.add(api_token(policy))
        carrier = SandboxTransport(create_app(world))
        async with httpx.AsyncClient(transport=carrier, base_url="https://api.qovery.test") as client:
            return [
                f"{call}: {status}"
                for call in api_calls()
                if ((status := await ask(client, call)) == 401) == allows(policy, call.method, call.path, call.body)
            ]

    assert anyio.run(ask_all, backend="trio", backend_options={"clock": MockClock(autojump_threshold=0)}) == []


@pytest.mark.parametrize(
    ("content", "type_"),
    [
        pytest.param(b"{", "application/json", id="malformed"),
        pytest.param(b"{}", "text/plain", id="not JSON"),
        pytest.param(b'"' + b" " * 1024 * 1024 + b'"', "application/json", id="too large"),
    ],
)
def test_sandbox_denies_unreadable_bodies(content: bytes, type_: str) -> None:
    world, path = World(lambda: 0.0), f"/helm/{HELM_ID}/deploy"
    assert is_allowed(api_token(ONE), world, method="POST", path=path, body=b"{}")
    assert not is_allowed(api_token(ONE), world, method="POST", path=path, body=content, type_=type_)


def test_the_services_of_a_policy_differ() -> None:
    assert allows(SEVERAL, "POST", f"/helm/{GIT_HELM_ID}/deploy", {})
    assert not allows(ONE, "POST", f"/helm/{GIT_HELM_ID}/deploy", {})
    assert not allows(SEVERAL, "POST", f"/helm/{PRODUCTION_HELM_ID}/deploy", {})
