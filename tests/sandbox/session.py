"""Runs a session with a sandbox in one process, on a virtual clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import httpx
import trio
import trio.testing

from qovery_sandbox import (
    HELM_ID,
    STAGING_ID,
    TOKEN,
    Dialect,
    Faults,
    RateLimit,
    SandboxTransport,
    World,
    arrange,
    create_app,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

T = TypeVar("T")
ORIGIN = "https://api.qovery.com"


@dataclass(frozen=True, kw_only=True)
class Sandbox:
    world: World
    client: httpx.AsyncClient
    transport: SandboxTransport

    async def status(self, helm_id: str = HELM_ID) -> dict[str, Any]:
        return dict(await self.read(f"/helm/{helm_id}/status"))

    async def queued_ids(self, service_id: str = HELM_ID) -> list[str]:
        response = await self.read(f"/service/{service_id}/deploymentQueue")
        return [entry["identifier"]["deployment_request_id"] for entry in response["results"]]

    async def history(self, helm_id: str = HELM_ID) -> list[dict[str, Any]]:
        response = await self.read(f"/helm/{helm_id}/deploymentHistoryV2")
        return list(response["results"])

    async def environment_history(self) -> list[dict[str, Any]]:
        response = await self.read(f"/environment/{STAGING_ID}/deploymentHistoryV2")
        return list(response["results"])

    async def request_status(self, request_id: str) -> str | int:
        """Return the status of a deployment request, or the status code of the error."""
        path = f"/environment/deploymentStatus?deploymentRequestId={request_id}"
        response = await self.client.get(path)
        return str(response.json()["status"]) if response.status_code == 200 else response.status_code

    async def deploy_all(self, *helm_ids: str) -> dict[str, Any]:
        """Deploy several services of the staging environment with one request."""
        helms = [{"id": helm_id} for helm_id in helm_ids]
        response = await self.client.post(f"/environment/{STAGING_ID}/service/deploy", json={"helms": helms})
        assert response.status_code == 202, response.text
        return dict(response.json())

    async def deploy(self, helm_id: str = HELM_ID, *, query: str = "", **body: str) -> dict[str, Any]:
        response = await self.client.post(f"/helm/{helm_id}/deploy{query}", json=body)
        assert response.status_code == 202, response.text
        return dict(response.json())

    async def read(self, path: str) -> Any:  # noqa: ANN401 - any JSON
        response = await self.client.get(path)
        assert response.status_code == 200, response.text
        return response.json()


def run(  # noqa: PLR0913
    session: Callable[[Sandbox], Awaitable[T]],
    *,
    scenarios: Sequence[str] = (),
    dialect: Dialect | None = None,
    rate_limit: RateLimit | None = None,
    faults: Faults | None = None,
    token: str | None = f"Token {TOKEN}",
    timeout: float = 30.0,
) -> T:
    async def main() -> T:
        world = arrange(World(trio.current_time, dialect=dialect, rate_limit=rate_limit), *scenarios)
        transport = SandboxTransport(create_app(world, faults), origin=ORIGIN)
        headers = {"Authorization": token} if token else {}
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers, timeout=timeout) as client:
            return await session(Sandbox(world=world, client=client, transport=transport))

    return trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0))
