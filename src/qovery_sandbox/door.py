"""What every call passes before it is served: the ledger, the faults, the rate limit."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.routing import Match

from qovery_sandbox.ledger import CallRecord
from qovery_sandbox.problem import problem_response

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.routing import Route
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from qovery_sandbox.faults import Faults
    from qovery_sandbox.world import World


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
