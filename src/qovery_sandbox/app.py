"""The sandbox as a Starlette application: routes, authentication, rate limit and error responses."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Match, Route

from qovery_sandbox import gateway
from qovery_sandbox import read_endpoints as reading
from qovery_sandbox import write_endpoints as commands
from qovery_sandbox.call import ProblemError, Visit, denied, problem_response
from qovery_sandbox.ledger import CallRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from qovery_sandbox.faults import Faults
    from qovery_sandbox.world import World


_READING: dict[str, Callable[[Visit], Any]] = {
    "/organization": reading.list_organizations,
    "/organization/{organizationId}/project": reading.list_projects,
    "/project/{projectId}/environment": reading.list_environments,
    # Before the path that would take its second part for an id.
    "/environment/deploymentStatus": reading.get_request_status,
    "/environment/{environmentId}": reading.get_environment,
    "/environment/{environmentId}/helm": reading.list_helms,
    "/environment/{environmentId}/helm/status": reading.list_helm_statuses,
    "/environment/{environmentId}/status": reading.get_environment_status,
    "/environment/{environmentId}/statuses": reading.get_environment_statuses,
    "/environment/{environmentId}/deploymentQueue": reading.list_environment_queue,
    "/environment/{environmentId}/deploymentHistoryV2": reading.list_environment_history,
    "/environment/{environmentId}/logs": reading.list_logs,
    "/helm/{helmId}": reading.get_helm,
    "/helm/{helmId}/status": reading.get_helm_status,
    "/helm/{helmId}/link": reading.list_links,
    "/helm/{helmId}/commit": reading.list_commits,
    "/helm/{helmId}/deploymentHistoryV2": reading.list_history,
    "/service/{serviceId}/deploymentQueue": reading.list_service_queue,
}
_COMMANDS: dict[str, Callable[[Visit], Response]] = {
    "/helm/{helmId}/deploy": commands.deploy_helm,
    "/helm/{helmId}/redeploy": commands.redeploy_helm,
    "/environment/{environmentId}/service/deploy": commands.deploy_services,
    "/environment/{environmentId}/cancelDeployment": commands.cancel_environment,
    "/deploymentQueue/{deploymentRequestId}/cancelDeployment": commands.cancel_request,
}


def create_app(world: World, faults: Faults | None = None) -> Starlette:
    """Serve a world; `faults` decide which calls go wrong, and may be changed while it is served."""
    routes = [
        *(Route(path, _endpoint(world, _telling(read)), methods=["GET"]) for path, read in _READING.items()),
        *(Route(path, _endpoint(world, command), methods=["POST"]) for path, command in _COMMANDS.items()),
    ]
    return Starlette(
        routes=[*routes, *gateway.routes(world)],
        middleware=[Middleware(Door, world=world, routes=routes, faults=faults)],
        exception_handlers={
            ProblemError: partial(_explain_problem, world),
            HTTPException: partial(_explain_http_exception, world),
        },
    )


def _telling(read: Callable[[Visit], Any]) -> Callable[[Visit], Response]:
    return lambda visit: JSONResponse(read(visit))


def _endpoint(world: World, handle: Callable[[Visit], Response]) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        grant = world.access.find(request.headers.get("authorization"))
        if grant is None:
            raise ProblemError(HTTPStatus.UNAUTHORIZED, "Full authentication is required to access this resource")
        if grant.role == "viewer" and request.method == "POST":
            raise denied(HTTPStatus.FORBIDDEN)
        return handle(
            Visit(
                world=world,
                grant=grant,
                params=request.path_params,
                query=request.query_params,
                body=await request.body(),
                content_type=request.headers.get("content-type", ""),
            )
        )

    return endpoint


async def _explain_problem(world: World, request: Request, error: Exception) -> Response:
    problem = error if isinstance(error, ProblemError) else ProblemError(HTTPStatus.INTERNAL_SERVER_ERROR, str(error))
    return problem_response(request, world, status=problem.status, message=problem.message)


async def _explain_http_exception(world: World, request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return problem_response(request, world, status=error.status_code, message=error.detail, headers=error.headers)


class Door:
    """Enters each call in the ledger, lets the faults have it, and takes it off the token's budget."""

    def __init__(self, app: ASGIApp, *, world: World, routes: Sequence[Route], faults: Faults | None) -> None:
        self._app = app
        self._world = world
        self._routes = routes
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            self._world.ledger.calls.append(CallRecord(at=self._world.now, method="WEBSOCKET", path=scope["path"]))
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        call = CallRecord(at=self._world.now, method=scope["method"], path=self._template(scope))
        self._world.ledger.calls.append(call)
        app: ASGIApp = self._serve
        faults = self._faults.strike(method=call.method, path=call.path, at=call.at) if self._faults else []
        for fault in reversed(faults):
            app = partial(fault, app)
        await app(scope, receive, send)

    def _template(self, scope: Scope) -> str:
        matches = (route.path for route in self._routes if route.matches(scope)[0] is not Match.NONE)
        return next(matches, str(scope["path"]))

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        world = self._world
        token = Headers(scope=scope).get("authorization", "").rpartition(" ")[2]
        allowance = world.rate_limiter.spend(token, at=world.now)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(allowance.headers)
                # By the world's own clock, as every other date it tells.
                headers["date"] = world.calendar.http_date(world.now)
            await send(message)

        app = self._app
        if not allowance.is_within:
            status = HTTPStatus.TOO_MANY_REQUESTS
            app = problem_response(Request(scope), world, status=status, message="Rate limit exceeded")
        await app(scope, receive, send_with_headers)
