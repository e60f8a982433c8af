from __future__ import annotations

import json
import ssl
from typing import TYPE_CHECKING

import httpx
import pytest

from qovery_helm_deploy.deployment.service import Environment, Service, Source
from qovery_helm_deploy.errors import NotFoundError, QoveryError, UnreachableError
from qovery_helm_deploy.run.targets import Target, find_environment, find_services
from tests.unit.scripted import Reply, talk

if TYPE_CHECKING:
    from collections.abc import Mapping

ENVIRONMENT = Environment(id="e", name="staging", project_id="p", organization_id="o", cluster_id="c")


def a_service(service_id: str, environment_id: str = "e") -> Service:
    return Service(
        id=service_id,
        name=f"name of {service_id}",
        environment_id=environment_id,
        source=Source.REPOSITORY,
        has_values_repository=False,
        is_deployed_on_push=False,
    )


def helm(service_id: str, environment_id: str = "e") -> dict[str, object]:
    return {
        "id": service_id,
        "name": f"name of {service_id}",
        "environment": {"id": environment_id},
        "source": {"repository": {"chart_name": "x"}},
    }


def answer(content: object) -> Reply:
    return Reply(body=json.dumps(content).encode())


def helms(*service_ids: str) -> Reply:
    return answer({"results": [helm(service_id) for service_id in service_ids]})


ENVIRONMENT_ANSWER = answer({"id": "e", "name": "staging", "project": {"id": "p"}, "organization": {"id": "o"}})
NOT_FOUND = Reply(status=404, body=b'{"status": 404, "error": "Not Found"}')
REFUSED = Reply(status=403, body=b'{"status": 403, "error": "Forbidden"}')


@pytest.mark.parametrize(
    ("service_ids", "replies", "found", "paths"),
    [
        pytest.param(["a"], [answer(helm("a"))], {"a": "e"}, ["/helm/a"], id="one service"),
        pytest.param(
            ["a", "b", "c"],
            [answer(helm("a")), helms("a", "b", "c", "d")],
            {"a": "e", "b": "e", "c": "e"},
            ["/helm/a", "/environment/e/helm"],
            id="two services of one environment",
        ),
        pytest.param(
            ["a", "x", "b"],
            [answer(helm("a")), helms("a", "b"), answer(helm("x", "f"))],
            {"a": "e", "b": "e", "x": "f"},
            ["/helm/a", "/environment/e/helm", "/helm/x"],
            id="service of another environment",
        ),
        pytest.param(
            ["a", "b"],
            [answer(helm("a")), REFUSED, answer(helm("b"))],
            {"a": "e", "b": "e"},
            ["/helm/a", "/environment/e/helm", "/helm/b"],
            id="list refused",
        ),
        pytest.param(
            ["a", "b"],
            [REFUSED, answer(helm("b"))],
            {"a": "Qovery answered 403 Forbidden.", "b": "e"},
            ["/helm/a", "/helm/b"],
            id="first service refused",
        ),
        pytest.param(
            ["a"],
            [NOT_FOUND, NOT_FOUND],
            {"a": "Qovery has no helm service a that the token may read. Qovery answered 404 Not Found."},
            ["/helm/a", "/environment/a"],
            id="unknown id",
        ),
        pytest.param(
            ["e"],
            [NOT_FOUND, ENVIRONMENT_ANSWER],
            {"e": "e is the id of the environment 'staging', not of a helm service."},
            ["/helm/e", "/environment/e"],
            id="environment id",
        ),
    ],
)
def test_finds_services_with_few_calls(
    service_ids: list[str], replies: list[Reply], found: Mapping[str, str], paths: list[str]
) -> None:
    went = talk(lambda client: find_services(client, service_ids), *replies)
    assert {
        key: str(value) if isinstance(value, QoveryError) else value.environment_id for key, value in went.value.items()
    } == found
    assert [request.url.path for request in went.requests] == paths


def test_tries_an_unreachable_qovery_once() -> None:
    untrusted = httpx.ConnectError("")
    untrusted.__cause__ = ssl.SSLCertVerificationError(1, "self-signed certificate")
    went = talk(lambda client: find_services(client, ["a", "b", "c"]), untrusted)
    assert [(key, type(error)) for key, error in went.value.items()] == [(key, UnreachableError) for key in "abc"]
    assert went.took <= 10.0


def test_an_unknown_id_keeps_its_hint() -> None:
    went = talk(lambda client: find_services(client, ["a"]), NOT_FOUND)
    assert isinstance(went.value["a"], NotFoundError)
    assert went.value["a"].hint.startswith("Check that `helm_id` is the id of a helm service")


@pytest.mark.parametrize(
    ("reply", "name"), [pytest.param(ENVIRONMENT_ANSWER, "staging", id="read"), pytest.param(REFUSED, "", id="refused")]
)
def test_an_environment_may_be_missing(reply: Reply, name: str) -> None:
    environment = talk(lambda client: find_environment(client, "e"), reply).value
    assert (environment.name if environment else "") == name


@pytest.mark.parametrize(
    ("environment", "console_url"),
    [
        pytest.param(
            ENVIRONMENT,
            "https://console.qovery.com/organization/o/project/p/environment/e/service/s/deployments",
            id="known environment",
        ),
        pytest.param(None, "", id="unknown environment"),
    ],
)
def test_target_has_a_page(environment: Environment | None, console_url: str) -> None:
    target = Target(service=a_service("s"), environment=environment)
    assert target.console_url == console_url
