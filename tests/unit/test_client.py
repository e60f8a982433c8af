from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from qovery_helm_deploy.deployment.asked import Asked
from qovery_helm_deploy.errors import ForbiddenError
from qovery_sandbox import GIT_HELM_ID, HELM_ID, STAGING_ID, When
from qovery_sandbox.faults import Hang, json_error
from tests.unit.scripted import Reply, talk, talk_to_sandbox

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from qovery_helm_deploy.qovery.client import Client

REFUSAL = b'{"status": null, "error": "Refused"}'
NOTHING = json_error(418)
NEVER = When(nth=[])
ENVIRONMENT = f"/environment/{STAGING_ID}"


@pytest.mark.parametrize(
    ("call", "method", "path"),
    [
        pytest.param(lambda c: c.service(HELM_ID), "GET", f"/helm/{HELM_ID}", id="service"),
        pytest.param(lambda c: c.services(STAGING_ID), "GET", f"{ENVIRONMENT}/helm", id="services"),
        pytest.param(lambda c: c.environment(STAGING_ID), "GET", ENVIRONMENT, id="environment"),
        pytest.param(lambda c: c.statuses(STAGING_ID), "GET", f"{ENVIRONMENT}/statuses", id="statuses"),
        pytest.param(lambda c: c.queue(STAGING_ID), "GET", f"{ENVIRONMENT}/deploymentQueue", id="queue"),
        pytest.param(lambda c: c.history(STAGING_ID), "GET", f"{ENVIRONMENT}/deploymentHistoryV2", id="history"),
        pytest.param(
            lambda c: c.long_history(STAGING_ID), "GET", f"{ENVIRONMENT}/deploymentHistoryV2", id="long history"
        ),
        pytest.param(lambda c: c.default_link(HELM_ID), "GET", f"/helm/{HELM_ID}/link", id="link"),
        pytest.param(
            lambda c: c.deploy_service(HELM_ID, Asked()), "POST", f"/helm/{HELM_ID}/deploy", id="deploy one service"
        ),
        pytest.param(
            lambda c: c.deploy_services(STAGING_ID, [HELM_ID, GIT_HELM_ID], Asked()),
            "POST",
            f"{ENVIRONMENT}/service/deploy",
            id="deploy several services",
        ),
    ],
)
def test_makes_known_calls(call: Callable[[Client], Awaitable[object]], method: str, path: str) -> None:
    went = talk_to_sandbox(call, NOTHING, when=NEVER)
    assert went.error is None
    assert [(request.method, request.url.path) for request in went.requests] == [(method, path)]


def test_asks_for_state_of_one_request() -> None:
    async def deploy_and_ask(client: Client) -> object:
        request_id = await client.deploy_service(HELM_ID, Asked())
        return await client.request_state(request_id or "")

    went = talk_to_sandbox(deploy_and_ask, NOTHING, when=NEVER)
    request = went.requests[-1]
    assert (request.method, request.url.path) == ("GET", "/environment/deploymentStatus")
    assert list(request.url.params) == ["deploymentRequestId"]
    assert went.value[0] is not None


VERSIONS = [
    pytest.param(Asked(), {}, id="versions set in Qovery"),
    pytest.param(Asked(chart_version="1.2"), {"chart_version": "1.2"}, id="chart version"),
    pytest.param(
        Asked(git_commit_id="abc", values_override_git_commit_id="def"),
        {"git_commit_id": "abc", "values_override_git_commit_id": "def"},
        id="commits of chart and values",
    ),
]


@pytest.mark.parametrize(("asked", "body"), VERSIONS)
def test_one_deployment_asks_for_its_versions(asked: Asked, body: dict[str, str]) -> None:
    (request,) = talk(lambda client: client.deploy_service(HELM_ID, asked), Reply(status=202)).requests
    assert request.url.query == b""
    assert json.loads(request.content) == body


@pytest.mark.parametrize(("asked", "versions"), VERSIONS)
def test_several_services_get_the_same_versions(asked: Asked, versions: dict[str, str]) -> None:
    (request,) = talk(lambda client: client.deploy_services("e", ["a", "b"], asked), Reply(status=202)).requests
    assert json.loads(request.content) == {"helms": [{"id": "a", **versions}, {"id": "b", **versions}]}


def test_passes_on_force_event() -> None:
    asked = Asked(only_differences=True)
    (request,) = talk(lambda client: client.deploy_service(HELM_ID, asked), Reply(status=202)).requests
    assert request.url.query == b"forceEvent=DIFF"


def test_asks_for_more_history_than_the_default() -> None:
    (request,) = talk(lambda client: client.long_history("e"), Reply(body=b'{"results": []}')).requests
    assert dict(request.url.params) == {"pageSize": "100"}


@pytest.mark.parametrize("status", [400, 422])
def test_reads_default_history_if_page_size_is_refused(status: int) -> None:
    went = talk(
        lambda client: client.long_history("e"), Reply(status=status, body=REFUSAL), Reply(body=b'{"results": []}')
    )
    assert (went.error, went.value) == (None, ())
    assert went.requests[-1].url.query == b""


def test_does_not_retry_a_refused_history() -> None:
    went = talk(lambda client: client.long_history("e"), Reply(status=403, body=REFUSAL))
    assert isinstance(went.error, ForbiddenError)
    assert len(went.requests) == 1


def test_asks_for_the_log_of_one_execution() -> None:
    (request,) = talk(lambda client: client.logs("e", execution_id="x-1 &"), Reply(body=b"[]")).requests
    assert (request.url.path, dict(request.url.params)) == ("/environment/e/logs", {"version": "x-1 &"})


def test_cancels_a_request_by_its_id() -> None:
    went = talk(lambda client: client.cancel_request("r-1"), Reply(status=202, body=b""))
    assert went.requests[0].url.path == "/deploymentQueue/r-1/cancelDeployment"
    assert went.error is None


def test_cancels_an_environment_without_force() -> None:
    went = talk(lambda client: client.cancel_environment("e"), Reply(status=202, body=b""))
    assert went.requests[0].url.path == "/environment/e/cancelDeployment"
    assert json.loads(went.requests[0].content) == {"force_cancel": False}


@pytest.mark.parametrize("identity", ["../../x", "a/b", "a?b", "a#b"])
def test_an_id_cannot_change_the_call(identity: str) -> None:
    (request,) = talk(lambda client: client.cancel_request(identity), Reply(status=202)).requests
    assert request.url.raw_path.count(b"/") == 3
    assert request.url.raw_path.endswith(b"/cancelDeployment")


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda c: c.request_state("r"), id="request state"),
        pytest.param(lambda c: c.statuses(STAGING_ID), id="statuses"),
        pytest.param(lambda c: c.queue(STAGING_ID), id="queue"),
        pytest.param(lambda c: c.history(STAGING_ID), id="history"),
        pytest.param(lambda c: c.default_link(HELM_ID), id="link"),
    ],
)
def test_observing_takes_bounded_time(call: Callable[[Client], Awaitable[object]]) -> None:
    assert talk_to_sandbox(call, Hang(), when=When()).took <= 10.0
    refused = talk_to_sandbox(call, json_error(403), when=When())
    assert isinstance(refused.error, ForbiddenError)
    assert refused.took == 0.0
