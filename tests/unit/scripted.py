"""Runs client calls against scripted answers, or against the sandbox, on virtual time."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import anyio
import httpx
from pydantic import SecretStr
from trio.testing import MockClock

from qovery_helm_deploy.errors import QoveryError
from qovery_helm_deploy.qovery.budget import RateBudget
from qovery_helm_deploy.qovery.client import Client
from qovery_helm_deploy.qovery.transport import Transport
from qovery_helm_deploy.qovery.transport_errors import PROXY
from qovery_helm_deploy.redaction import Redactor
from qovery_sandbox import Faults, SandboxTransport, When, World, create_app
from tests.gateway import ScriptedGateway

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from qovery_sandbox.faults import Fault

TOKEN = "sandbox-token"  # noqa: S105
ORIGIN = "https://api.qovery.test"


class Body(httpx.AsyncByteStream):
    def __init__(self, content: bytes) -> None:
        self._content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._content


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An HTTP answer."""

    status: int = 200
    body: bytes = b'{"status": "DEPLOYED"}'
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Script(httpx.AsyncBaseTransport):
    """Returns the replies in their order and then repeats the last one; raises replies that are exceptions."""

    replies: list[Reply | Exception]
    requests: list[httpx.Request] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        reply = self.replies[min(len(self.requests), len(self.replies)) - 1]
        if isinstance(reply, Exception):
            raise reply
        return httpx.Response(reply.status, headers=dict(reply.headers), stream=Body(reply.body))


@dataclass(kw_only=True)
class Talk:
    """What a call did; `troubles` are the failed reads that the transport reported, `took` is in seconds."""

    requests: list[httpx.Request]
    troubles: list[tuple[int, str]] = field(default_factory=list)
    value: Any = None
    error: QoveryError | None = None
    took: float = 0.0


def talk(
    call: Callable[[Client], Awaitable[object]],
    *replies: Reply | Exception,
    token: str = TOKEN,
    gateway: ScriptedGateway | None = None,
    proxy: str | None = None,
) -> Talk:
    """Run a call against these replies."""
    return _run(call, lambda: Script([*replies]), token=token, gateway=gateway, proxy=proxy)


def talk_to_sandbox(call: Callable[[Client], Awaitable[object]], fault: Fault, *, when: When | None = None) -> Talk:
    """Run a call against the sandbox with a fault, which without `when` affects only the first request."""
    faults = Faults()
    faults.add(when or When(nth=[1]), fault)
    return _run(call, lambda: SandboxTransport(create_app(World(anyio.current_time), faults), origin=ORIGIN))


def _run(
    call: Callable[[Client], Awaitable[object]],
    carrier: Callable[[], httpx.AsyncBaseTransport],
    *,
    token: str = TOKEN,
    gateway: ScriptedGateway | None = None,
    proxy: str | None = None,
) -> Talk:
    async def main() -> Talk:
        went = Talk(requests=[])
        async with httpx.AsyncClient(transport=carrier(), base_url=ORIGIN, timeout=None) as http:  # noqa: S113
            http.event_hooks = {"request": [_keep_in(went.requests, proxy=proxy)]}
            client = Client(
                _transport(http, went, token=token),
                gateway=gateway or ScriptedGateway(),
                seconds_at_start=60.0,
            )
            started = anyio.current_time()
            try:
                went.value = await call(client)
            except QoveryError as error:
                went.error = error
            went.took = anyio.current_time() - started
        return went

    return anyio.run(main, backend="trio", backend_options={"clock": MockClock(autojump_threshold=0)})


def _transport(http: httpx.AsyncClient, went: Talk, *, token: str) -> Transport:
    return Transport(
        http,
        token=SecretStr(token),
        budget=RateBudget(),
        random=random.Random(0),  # noqa: S311
        on_trouble=lambda failures, error: went.troubles.append((failures, str(error))),
        redact=Redactor(SecretStr(token)),
    )


def _keep_in(requests: list[httpx.Request], *, proxy: str | None) -> Callable[[httpx.Request], Awaitable[None]]:
    async def keep(request: httpx.Request) -> None:
        request.extensions[PROXY] = proxy
        requests.append(request)

    return keep
