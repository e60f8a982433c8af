"""An API call as an endpoint gets it, and the errors with which an endpoint may answer."""

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
    from qovery_sandbox.tokens import Grant
    from qovery_sandbox.world import World


class ProblemError(Exception):
    """A call that is answered with an error."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def not_found(kind: str, found: str) -> ProblemError:
    return ProblemError(HTTPStatus.NOT_FOUND, f"{kind} {found} not found")


def bad_request(message: str) -> ProblemError:
    return ProblemError(HTTPStatus.BAD_REQUEST, message)


def denied(status: int) -> ProblemError:
    """Refuse what the token's policy or role does not allow."""
    return ProblemError(HTTPStatus(status), "Access is denied")


def conflict(message: str = "Operation is in progress") -> ProblemError:
    return ProblemError(HTTPStatus.CONFLICT, message)


def problem_response(
    request: Request, world: World, *, status: int, message: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Render an error as an answer to a request."""
    body = {
        "status": status,
        "error": HTTPStatus(status).phrase,
        "message": message,
        "path": request.url.path,
        "timestamp": world.calendar.date(world.now),
    }
    return JSONResponse(body, status_code=status, headers=headers)


@dataclass(frozen=True, kw_only=True)
class Visit:
    """What an endpoint has to work with; its lookups raise `ProblemError` for what does not exist."""

    world: World
    grant: Grant
    params: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    content_type: str

    def id(self, kind: str) -> str:
        """Read a path parameter; one that is no UUID names nothing."""
        value = self.params[f"{kind}Id"]
        if not is_uuid(value):
            raise not_found(kind, value)
        return value.lower()

    def service(self, kind: str = "helm") -> Service:
        service_id = self.id(kind)
        service = self.world.services.get(service_id)
        if service is None or self._has_vanished(service):
            raise not_found(kind, service_id)
        return service

    def environment(self) -> Environment:
        environment_id = self.id("environment")
        try:
            return self.world.environments[environment_id]
        except KeyError:
            raise not_found("environment", environment_id) from None

    def services_of(self, environment: Environment) -> list[Service]:
        every = self.world.services.values()
        return [each for each in every if each.environment_id == environment.id and not self._has_vanished(each)]

    def snapshot(self, environment_id: str, *, lag: float = 0.0) -> Snapshot:
        """Look at an environment as it was `lag` seconds ago."""
        return Snapshot(environment=self.world.environments[environment_id], at=self.world.now - lag)

    def json_object(self) -> dict[str, Any]:
        """Parse the body; without one, an empty object."""
        if not self.body:
            return {}
        if self.content_type.partition(";")[0].strip().lower() != "application/json":
            raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Content type '{self.content_type}' not supported")
        try:
            parsed = json.loads(self.body)
        except ValueError:
            raise bad_request("JSON parse error") from None
        if not isinstance(parsed, dict):
            raise bad_request("JSON parse error: the body is no object")
        return parsed

    def _has_vanished(self, service: Service) -> bool:
        run = self.snapshot(service.environment_id).latest_run(service.id)
        return self.world.dialect.deleted_vanishes and run is not None and run.final_state == "DELETED"
