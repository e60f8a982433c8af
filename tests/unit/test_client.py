from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from qovery_helm_deploy.deployment.evidence import Asked
from qovery_helm_deploy.errors import ForbiddenError
from qovery_sandbox import HELM_ID, STAGING_ID, When
from qovery_sandbox.answers import json_error
from qovery_sandbox.outages import Hang
from tests.unit.scripted import Reply, talk, talk_to_sandbox

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from qovery_helm_deploy.qovery.client import Client

NOTHING = json_error(418)
NEVER = When(nth=[])

CALLS = [
    pytest.param(lambda c: c.service(HELM_ID), "GET", f"/helm/{HELM_ID}", id="the service"),
    pytest.param(lambda c: c.environment(STAGING_ID), "GET", f"/environment/{STAGING_ID}", id="its environment"),
    pytest.param(lambda c: c.status(HELM_ID), "GET", f"/helm/{HELM_ID}/status", id="its status"),
    pytest.param(lambda c: c.status_at_start(HELM_ID), "GET", f"/helm/{HELM_ID}/status", id="its status before"),
    pytest.param(lambda c: c.queue(HELM_ID), "GET", f"/service/{HELM_ID}/deploymentQueue", id="its queue"),
    pytest.param(lambda c: c.history(HELM_ID), "GET", f"/helm/{HELM_ID}/deploymentHistoryV2", id="its history"),
    pytest.param(lambda c: c.long_history(HELM_ID), "GET", f"/helm/{HELM_ID}/deploymentHistoryV2", id="more of it"),
    pytest.param(lambda c: c.default_link(HELM_ID), "GET", f"/helm/{HELM_ID}/link", id="its link"),
    pytest.param(lambda c: c.deploy(HELM_ID, Asked()), "POST", f"/helm/{HELM_ID}/deploy", id="a deployment"),
]


@pytest.mark.parametrize(("story", "method", "path"), CALLS)
def test_a_call_is_one_that_qovery_has(story: Callable[[Client], Awaitable[object]], method: str, path: str) -> None:
    went = talk_to_sandbox(story, NOTHING, when=NEVER)
    assert went.error is None
    assert [(request.method, request.url.path) for request in went.requests] == [(method, path)]


@pytest.mark.parametrize(
    ("asked", "query", "body"),
    [
        pytest.param(Asked(), "", {}, id="whatever is set in Qovery"),
        pytest.param(Asked(chart_version="1.2"), "", {"chart_version": "1.2"}, id="a chart version"),
        pytest.param(
            Asked(git_commit_id="abc", values_override_git_commit_id="def"),
            "",
            {"git_commit_id": "abc", "values_override_git_commit_id": "def"},
            id="commits of the chart and of its values",
        ),
        pytest.param(Asked(only_differences=True), "forceEvent=DIFF", {}, id="only what differs"),
    ],
)
def test_a_deploy_call_asks_for_exactly_what_is_wanted(asked: Asked, query: str, body: dict[str, str]) -> None:
    (request,) = talk(lambda client: client.deploy(HELM_ID, asked), Reply(status=202)).requests
    assert request.url.query.decode() == query
    assert json.loads(request.content) == body


def test_more_of_the_history_is_asked_for_than_qovery_tells_by_itself() -> None:
    (request,) = talk(lambda client: client.long_history(HELM_ID), Reply(body=b'{"results": []}')).requests
    assert dict(request.url.params) == {"pageSize": "50"}


@pytest.mark.parametrize("status", [400, 422])
def test_where_that_much_is_refused_the_usual_history_does(status: int) -> None:
    went = talk(
        lambda client: client.long_history(HELM_ID), Reply(status=status, body=b"{}"), Reply(body=b'{"results": []}')
    )
    assert went.error is None
    assert went.requests[-1].url.query == b""


def test_where_the_history_is_refused_it_is_not_asked_for_again() -> None:
    went = talk(lambda client: client.long_history(HELM_ID), Reply(status=403, body=b"{}"))
    assert isinstance(went.error, ForbiddenError)
    assert len(went.requests) == 1


def test_a_log_is_asked_for_by_its_execution() -> None:
    (request,) = talk(lambda client: client.logs("e", execution_id="x-1 &"), Reply(body=b"[]")).requests
    assert (request.url.path, dict(request.url.params)) == ("/environment/e/logs", {"version": "x-1 &"})


def test_a_request_is_canceled_by_its_own_id() -> None:
    went = talk(lambda client: client.cancel_request("r-1"), Reply(status=202, body=b""))
    assert went.requests[0].url.path == "/deploymentQueue/r-1/cancelDeployment"
    assert went.error is None


def test_an_environments_deployment_is_canceled_without_force() -> None:
    went = talk(lambda client: client.cancel_environment("e"), Reply(status=202, body=b""))
    assert went.requests[0].url.path == "/environment/e/cancelDeployment"
    assert json.loads(went.requests[0].content) == {"force_cancel": False}


@pytest.mark.parametrize(
    "story",
    [
        pytest.param(lambda c: c.queue(HELM_ID), id="the queue"),
        pytest.param(lambda c: c.history(HELM_ID), id="the history"),
        pytest.param(lambda c: c.default_link("s"), id="the link"),
    ],
)
def test_what_only_helps_to_decide_holds_nothing_up(story: Callable[[Client], Awaitable[object]]) -> None:
    assert talk_to_sandbox(story, Hang(), when=When()).took <= 30.0 + 10.0
    refused = talk_to_sandbox(story, json_error(403), when=When())
    assert isinstance(refused.error, ForbiddenError)
    assert refused.took == 0.0
