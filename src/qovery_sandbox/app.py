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

from qovery_sandbox import gateway, read_endpoints, write_endpoints
from qovery_sandbox.call import ApiCall, ApiError, access_denied, error_response
from qovery_sandbox.ledger import CallRecord
from qovery_sandbox.policy import PolicyMiddleware

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from qovery_sandbox.faults import Faults
    from qovery_sandbox.world import World

_READ_ENDPOINTS: dict[str, Callable[[ApiCall], Any]] = {
    "/organization": read_endpoints.list_organizations,
    "/organization/{organizationId}/project": read_endpoints.list_projects,
    "/project/{projectId}/environment": read_endpoints.list_environments,
    # Before "/environment/{environmentId}", which would match it as well.
    "/environment/deploymentStatus": read_endpoints.get_request_status,
    "/environment/{environmentId}": read_endpoints.get_environment,
    "/environment/{environmentId}/helm": read_endpoints.list_helms,
    "/environment/{environmentId}/helm/status": read_endpoints.list_helm_statuses,
    "/environment/{environmentId}/status": read_endpoints.get_environment_status,
    "/environment/{environmentId}/statuses": read_endpoints.get_environment_statuses,
    "/environment/{environmentId}/deploymentQueue": read_endpoints.list_environment_queue,
    "/environment/{environmentId}/deploymentHistoryV2": read_endpoints.list_environment_history,
    "/environment/{environmentId}/logs": read_endpoints.list_logs,
    "/helm/{helmId}": read_endpoints.get_helm,
    "/helm/{helmId}/status": read_endpoints.get_helm_status,
    "/helm/{helmId}/link": read_endpoints.list_links,
    "/helm/{helmId}/commit": read_endpoints.list_commits,
    "/helm/{helmId}/deploymentHistoryV2": read_endpoints.list_history,
    "/service/{serviceId}/deploymentQueue": read_endpoints.list_service_queue,
}
_WRITE_ENDPOINTS: dict[str, Callable[[ApiCall], Response]] = {
    "/helm/{helmId}/deploy": write_endpoints.deploy_helm,
    "/helm/{helmId}/redeploy": write_endpoints.redeploy_helm,
    "/environment/{environmentId}/service/deploy": write_endpoints.deploy_services,
    "/environment/{environmentId}/cancelDeployment": write_endpoints.cancel_environment,
    "/deploymentQueue/{deploymentRequestId}/cancelDeployment": write_endpoints.cancel_request,
}


def create_app(world: World, faults: Faults | None = None) -> Starlette:
    """Return an application that serves a world. `faults` may be changed while the application runs."""
    routes = [
        *(
            Route(path, _endpoint(world, _json_response(read)), methods=["GET"])
            for path, read in _READ_ENDPOINTS.items()
        ),
        *(Route(path, _endpoint(world, write), methods=["POST"]) for path, write in _WRITE_ENDPOINTS.items()),
    ]
    return Starlette(
        routes=[*routes, *gateway.routes(world)],
        middleware=[
            Middleware(CallMiddleware, world=world, routes=routes, faults=faults),
            Middleware(PolicyMiddleware, world=world),
        ],
        exception_handlers={
            ApiError: partial(_api_error_response, world),
            HTTPException: partial(_http_error_response, world),
        },
    )


class CallMiddleware:
    """Records each call in the ledger, applies the faults, and counts the call against the rate limit."""

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
        faults = self._faults.faults_for(method=call.method, path=call.path, at=call.at) if self._faults else []
        for fault in reversed(faults):
            app = partial(fault, app)
        await app(scope, receive, send)

    def _template(self, scope: Scope) -> str:
        matches = (route.path for route in self._routes if route.matches(scope)[0] is not Match.NONE)
        return next(matches, str(scope["path"]))

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        world = self._world
        token = Headers(scope=scope).get("authorization", "").rpartition(" ")[2]
        result = world.rate_limiter.spend(token, at=world.now)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(result.headers)
                # From the simulated clock, like the dates in the body.
                headers["date"] = world.calendar.http_date(world.now)
            await send(message)

        app = self._app
        if not result.is_allowed:
            status = HTTPStatus.TOO_MANY_REQUESTS
            app = error_response(Request(scope), world, status=status, message="Rate limit exceeded")
        await app(scope, receive, send_with_headers)


def _json_response(read: Callable[[ApiCall], Any]) -> Callable[[ApiCall], Response]:
    return lambda call: JSONResponse(read(call))


def _endpoint(world: World, handle: Callable[[ApiCall], Response]) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        token = world.tokens.find(request.headers.get("authorization"))
        if token is None:
            raise ApiError(HTTPStatus.UNAUTHORIZED, "Full authentication is required to access this resource")
        if token.role == "viewer" and request.method == "POST":
            raise access_denied(HTTPStatus.FORBIDDEN)
        return handle(
            ApiCall(
                world=world,
                token=token,
                params=request.path_params,
                query=request.query_params,
                body=await request.body(),
                content_type=request.headers.get("content-type", ""),
            )
        )

    return endpoint


async def _api_error_response(world: World, request: Request, error: Exception) -> Response:
    if not isinstance(error, ApiError):
        raise error
    return error_response(request, world, status=error.status, message=error.message)


async def _http_error_response(world: World, request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return error_response(request, world, status=error.status_code, message=error.detail, headers=error.headers)
