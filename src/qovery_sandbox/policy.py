"""Policy tokens: Qovery evaluates the policy of such a token on every request, before it routes the request.

Source: Qovery's documentation, "API Policy Token (Beta)". The sandbox builds the documented input document; the policy
itself is a function, so that a test decides what evaluates it.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers
from starlette.requests import Request

from qovery_sandbox.call import access_denied, error_response
from qovery_sandbox.ids import CLUSTER_ID, ORGANIZATION_ID, PROJECT_ID

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from qovery_sandbox.tokens import ApiToken
    from qovery_sandbox.world import World

    Json = Mapping[str, Any]

_LARGEST_BODY = 1024 * 1024
_TOKEN = {"id": "5f1d2a60-7c3e-4b8a-9d21-0e6f4c7b1a41", "name": "sandbox"}


class PolicyMiddleware:
    """Answers 401 to each request that the policy of its token does not allow."""

    def __init__(self, app: ASGIApp, *, world: World) -> None:
        self._app = app
        self._world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        token = None
        if scope["type"] == "http":
            token = self._world.tokens.find(Headers(scope=scope).get("authorization"))
        if token is None or token.policy is None:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        body = await request.body()
        content_type = request.headers.get("content-type", "")
        if is_allowed(token, self._world, method=request.method, path=scope["path"], body=body, type_=content_type):
            await self._app(scope, _again(body, receive), send)
            return
        error = access_denied(HTTPStatus.UNAUTHORIZED)
        response = error_response(request, self._world, status=error.status, message=error.message)
        await response(scope, receive, send)


def is_allowed(
    token: ApiToken, world: World, *, method: str, path: str, body: bytes, type_: str = "application/json"
) -> bool:
    """Return whether the policy of a token allows a request; `type_` is the body's content type."""
    segments = path.strip("/").split("/")
    metadata = _metadata(segments, world)
    if token.policy is None or (metadata is None and token.unresolved == "denied"):
        return token.policy is None
    try:
        parsed = _parse(body, type_)
    except ValueError:
        return False
    document = {
        "request": {"method": method, "path": ["api", *segments], "body": parsed},
        "qovery_metadata": metadata or _metadata_of(),
        "token": _TOKEN,
    }
    return token.policy(document) is True


def _metadata(segments: Sequence[str], world: World) -> Json | None:
    """Resolve what a path names: a service before an environment before a project; None if it names none of them."""
    for segment in segments:
        service = world.services.get(segment.lower())
        if service:
            return _metadata_of(service_id=service.id, service_type="HELM", environment_id=service.environment_id)
    for segment in segments:
        if segment.lower() in world.environments:
            return _metadata_of(environment_id=segment.lower())
    is_project = PROJECT_ID in {segment.lower() for segment in segments}
    return _metadata_of(project_id=PROJECT_ID) if is_project else None


def _metadata_of(
    *,
    service_id: str | None = None,
    service_type: str | None = None,
    environment_id: str | None = None,
    project_id: str | None = None,
) -> Json:
    return {
        "organization_id": ORGANIZATION_ID,
        "service_id": service_id,
        "service_type": service_type,
        "environment_id": environment_id,
        "project_id": PROJECT_ID if environment_id else project_id,
        "cluster_id": CLUSTER_ID if environment_id else None,
    }


def _parse(body: bytes, content_type: str) -> object:
    """Return the JSON of a body, None without one. Raises ValueError for a body that Qovery shows to no policy."""
    if not body:
        return None
    if len(body) > _LARGEST_BODY or content_type.partition(";")[0].strip().lower() != "application/json":
        raise ValueError(content_type)
    return json.loads(body)


def _again(body: bytes, receive: Receive) -> Receive:
    """Return what receives a body that was read already, and then whatever follows it."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return messages.pop() if messages else await receive()

    return receive_again
