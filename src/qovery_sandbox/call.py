"""An API call as an endpoint gets it, and the errors with which an endpoint may respond."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from qovery_sandbox.environment import Snapshot
from qovery_sandbox.ids import is_uuid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from qovery_sandbox.environment import Environment
    from qovery_sandbox.services import Service
    from qovery_sandbox.tokens import ApiToken
    from qovery_sandbox.world import World


class ApiError(Exception):
    """An error response."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def not_found(kind: str, name: str) -> ApiError:
    return ApiError(HTTPStatus.NOT_FOUND, f"{kind} {name} not found")


def bad_request(message: str) -> ApiError:
    return ApiError(HTTPStatus.BAD_REQUEST, message)


def access_denied(status: int) -> ApiError:
    """Return the error for a call that the token's policy (401) or role (403) does not allow."""
    return ApiError(HTTPStatus(status), "Access is denied")


def conflict(message: str) -> ApiError:
    return ApiError(HTTPStatus.CONFLICT, message)


def error_response(
    request: Request, world: World, *, status: int, message: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Return an error in Qovery's form."""
    body = {
        "status": status,
        "error": HTTPStatus(status).phrase,
        "message": message,
        "path": request.url.path,
        "timestamp": world.calendar.date(world.now),
    }
    return JSONResponse(body, status_code=status, headers=headers)


@dataclass(frozen=True, kw_only=True)
class ApiCall:
    """An authenticated call. Its methods raise `ApiError` for an object that does not exist and for invalid input."""

    world: World
    token: ApiToken
    params: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    content_type: str

    def id(self, kind: str) -> str:
        """Return the path parameter `{kind}Id`. A value that is not a UUID is not found."""
        value = self.params[f"{kind}Id"]
        if not is_uuid(value):
            raise not_found(kind, value)
        return value.lower()

    def service(self, kind: str = "helm") -> Service:
        service_id = self.id(kind)
        try:
            return self.world.services[service_id]
        except KeyError:
            raise not_found(kind, service_id) from None

    def environment(self) -> Environment:
        environment_id = self.id("environment")
        try:
            return self.world.environments[environment_id]
        except KeyError:
            raise not_found("environment", environment_id) from None

    def services_of(self, environment: Environment) -> list[Service]:
        return [each for each in self.world.services.values() if each.environment_id == environment.id]

    def snapshot(self, environment_id: str, *, lag: float = 0.0) -> Snapshot:
        """Return the environment as it was `lag` seconds ago."""
        return Snapshot(environment=self.world.environments[environment_id], at=self.world.now - lag)

    def json_object(self) -> dict[str, Any]:
        """Return the parsed body, or an empty object if there is none."""
        if not self.body:
            return {}
        if self.content_type.partition(";")[0].strip().lower() != "application/json":
            raise ApiError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Content type '{self.content_type}' not supported")
        try:
            parsed = json.loads(self.body)
        except ValueError:
            raise bad_request("JSON parse error") from None
        if not isinstance(parsed, dict):
            raise bad_request("JSON parse error: the body is not an object")
        return parsed
