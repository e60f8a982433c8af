"""Sends valid and invalid calls, which schemathesis generates from Qovery's API specification, to the sandbox."""

from __future__ import annotations

import json
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

import schemathesis
from hypothesis import settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
)

from qovery_sandbox import HELM_ID, ORGANIZATION_ID, PROJECT_ID, STAGING_ID, TOKEN, World, create_app

if TYPE_CHECKING:
    from schemathesis import Case
    from schemathesis.core.transport import Response
    from schemathesis.specs.openapi.schemas import OpenApiSchema

SLICE = json.loads((Path(__file__).parents[1] / "data" / "qovery-openapi.json").read_text(encoding="utf-8"))
NOW = 100.0
AUTHORIZED = {"Authorization": f"Token {TOKEN}"}

# Any call may return these, although the specification does not list them for each call.
COMMON = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED,
    HTTPStatus.CONFLICT,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
}
CONFORMS = [not_a_server_error, response_schema_conformance, content_type_conformance]
REPEATABLE = settings(derandomize=True, max_examples=15, deadline=None, database=None)


def busy_world() -> World:
    """Return a world with one ended, one running and one queued deployment, whose clock does not move."""
    clock = [0.0]
    world = World(lambda: clock[0])
    world.deploy(HELM_ID)
    clock[0] = NOW
    world.deploy(HELM_ID)
    world.deploy(HELM_ID)
    return world


WAITING = busy_world().requests()[-1].id
RAN = busy_world().executions()[-1].id
EXISTING = {
    "path.organizationId": ORGANIZATION_ID,
    "path.projectId": PROJECT_ID,
    "path.environmentId": STAGING_ID,
    "path.helmId": HELM_ID,
    "path.serviceId": HELM_ID,
    "path.deploymentRequestId": WAITING,
    "query.deploymentRequestId": WAITING,
}


def calls(*modes: GenerationMode, **parameters: object) -> OpenApiSchema:
    """Generate calls from the specification, with fixed values for the given parameters."""
    schema = schemathesis.openapi.from_dict(SLICE)
    schema.app = create_app(busy_world())
    schema.config.update(parameters=parameters)
    schema.config.generation.update(
        modes=list(modes), with_security_parameters=False, allow_extra_parameters=False, allow_x00=False
    )
    return schema


def answer(case: Case[Any], *, headers: dict[str, str]) -> Response:
    return case.call(app=create_app(busy_world()), headers=headers)


def check_status(case: Case[Any], response: Response) -> None:
    declared = {int(status) for status in case.operation.definition.raw["responses"]}
    assert response.status_code in declared | COMMON, response.text


@calls(GenerationMode.POSITIVE, GenerationMode.NEGATIVE, **EXISTING).parametrize()
@REPEATABLE
def test_answers_match_the_specification(case: Case[Any]) -> None:
    response = answer(case, headers=AUTHORIZED)
    check_status(case, response)
    case.validate_response(response, checks=[*CONFORMS, negative_data_rejection])


@calls(GenerationMode.POSITIVE, GenerationMode.NEGATIVE).exclude(path="/organization").parametrize()
@REPEATABLE
def test_unknown_ids_are_errors(case: Case[Any]) -> None:
    response = answer(case, headers=AUTHORIZED)
    check_status(case, response)
    assert response.status_code >= HTTPStatus.BAD_REQUEST
    case.validate_response(response, checks=CONFORMS)


@(
    calls(GenerationMode.POSITIVE, **EXISTING, **{"query.version": RAN, "query.pageSize": 5})
    .include(method="GET")
    .parametrize()
)
@REPEATABLE
def test_existing_ids_are_found(case: Case[Any]) -> None:
    assert answer(case, headers=AUTHORIZED).status_code == HTTPStatus.OK


@calls(GenerationMode.POSITIVE, **EXISTING).parametrize()
@settings(REPEATABLE, max_examples=3)
def test_requires_a_token(case: Case[Any]) -> None:
    assert answer(case, headers={}).status_code == HTTPStatus.UNAUTHORIZED
