"""Errors as Qovery words them: `{status, error, message, path, timestamp}`."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

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
