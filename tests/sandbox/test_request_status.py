"""The status of a deployment request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest
import trio

from qovery_sandbox import GIT_HELM_ID, HELM_ID, STAGING_ID, Dialect, deployment
from tests.sandbox.session import Sandbox, run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qovery_sandbox import Plan

UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"


async def request_behind_another(sandbox: Sandbox, *, at: Sequence[float]) -> list[str | int]:
    """Return the statuses of a request: queued until 20, running until 40, another service's deployment from 60."""
    world = sandbox.world
    world.deploy(GIT_HELM_ID)
    request_id = (await sandbox.deploy())["deployment_request_id"]
    world.at(60, lambda: world.deploy(GIT_HELM_ID))
    seen = []
    for each in at:
        await trio.sleep(each - world.now)
        seen.append(await sandbox.request_status(request_id))
    return seen


@pytest.mark.parametrize(
    ("dialect", "shown"),
    [
        pytest.param(Dialect(), ["DEPLOYMENT_QUEUED", "DEPLOYING", "DEPLOYED", "DEPLOYED"], id="of the request"),
        pytest.param(
            Dialect(request_status="environment"),
            ["DEPLOYING", "DEPLOYING", "DEPLOYED", "DEPLOYING"],
            id="of the environment",
        ),
        pytest.param(
            Dialect(request_status_lag=5),
            [404, "DEPLOYMENT_QUEUED", "DEPLOYING", "DEPLOYED"],
            id="of the request, lagging",
        ),
        pytest.param(
            Dialect(request_status="environment", request_status_lag=5),
            ["DEPLOYED", "DEPLOYING", "DEPLOYING", "DEPLOYED"],
            id="of the environment, lagging",
        ),
        pytest.param(
            Dialect(request_status_available="queued"), ["DEPLOYMENT_QUEUED", 404, 404, 404], id="only while queued"
        ),
        pytest.param(
            Dialect(request_status="environment", request_status_available="queued"),
            ["DEPLOYING", 404, 404, 404],
            id="of the environment, only while queued",
        ),
        pytest.param(Dialect(request_status="accepted"), ["DEPLOYMENT_QUEUED"] * 4, id="state when accepted"),
        pytest.param(Dialect(request_status_available="never"), [404, 404, 404, 404], id="never"),
        pytest.param(Dialect(request_status_refusal=403), [403, 403, 403, 403], id="refused"),
    ],
)
def test_shows_state(dialect: Dialect, shown: list[str | int]) -> None:
    async def session(sandbox: Sandbox) -> list[str | int]:
        return await request_behind_another(sandbox, at=(2, 24, 42, 62))

    assert run(session, dialect=dialect) == shown


@pytest.mark.parametrize(
    ("plan", "query", "shown"),
    [
        pytest.param(deployment(), "", "DEPLOYED", id="deployed"),
        pytest.param(deployment(end="DEPLOYMENT_ERROR"), "", "DEPLOYMENT_ERROR", id="failed"),
        pytest.param(deployment(), "?forceEvent=DIFF", "DEPLOYED", id="DIFF without difference"),
    ],
)
def test_keeps_final_state(plan: Plan, query: str, shown: str) -> None:
    async def session(sandbox: Sandbox) -> str | int:
        sandbox.world.services[HELM_ID].has_difference = False
        sandbox.world.plan_next(plan)
        request_id = (await sandbox.deploy(query=query))["deployment_request_id"]
        await trio.sleep(100)
        sandbox.world.deploy(HELM_ID, plan=deployment(end=None))
        await trio.sleep(4000)
        return await sandbox.request_status(request_id)

    assert run(session) == shown


@pytest.mark.parametrize("seconds", [pytest.param(1, id="queued"), pytest.param(30, id="running")])
def test_shows_cancellation(seconds: float) -> None:
    async def session(sandbox: Sandbox) -> list[str | int]:
        sandbox.world.deploy(GIT_HELM_ID)
        request_id = (await sandbox.deploy())["deployment_request_id"]
        await trio.sleep(seconds)
        assert sandbox.world.cancel_request(request_id) or sandbox.world.cancel_running()
        seen = [await sandbox.request_status(request_id)]
        await trio.sleep(100)
        return [*seen, await sandbox.request_status(request_id)]

    assert run(session) == ["CANCELED" if seconds == 1 else "CANCELING", "CANCELED"]


@pytest.mark.parametrize(
    ("dialect", "shown"),
    [
        pytest.param(Dialect(pickup_delay=10), "DEPLOYMENT_QUEUED", id="always answered"),
        pytest.param(Dialect(pickup_delay=10, request_status_available="queued"), 404, id="answered while queued"),
    ],
)
def test_shows_request_picked_up(dialect: Dialect, shown: str | int) -> None:
    async def session(sandbox: Sandbox) -> str | int:
        request_id = (await sandbox.deploy())["deployment_request_id"]
        assert await sandbox.queued_ids() == []
        return await sandbox.request_status(request_id)

    assert run(session, dialect=dialect) == shown


@pytest.mark.parametrize(
    ("dialect", "shown"),
    [
        pytest.param(Dialect(), ["DEPLOYMENT_QUEUED"] * 2, id="survivor"),
        pytest.param(Dialect(request_status_after_merge="404"), ["DEPLOYMENT_QUEUED", 404], id="not found"),
        pytest.param(
            Dialect(merge_survivor="newer", request_status_after_merge="404"),
            [404, "DEPLOYMENT_QUEUED"],
            id="older not found",
        ),
        pytest.param(
            Dialect(request_status="environment", request_status_after_merge="404"),
            ["DEPLOYING", 404],
            id="not found, of the environment",
        ),
    ],
)
def test_shows_merged_request(dialect: Dialect, shown: list[str | int]) -> None:
    """The older and the newer request, of which one was merged into the other."""

    async def session(sandbox: Sandbox) -> list[str | int]:
        sandbox.world.deploy(GIT_HELM_ID)
        await trio.sleep(3)
        for _ in range(2):
            await sandbox.deploy()
        return [await sandbox.request_status(entry.request_id) for entry in sandbox.world.ledger.via_http()]

    assert run(session, dialect=dialect) == shown


def test_merged_request_has_survivors_status() -> None:
    async def session(sandbox: Sandbox) -> None:
        sandbox.world.deploy(GIT_HELM_ID)
        for _ in range(2):
            await sandbox.deploy()
        older, newer = sandbox.world.ledger.via_http()
        path = f"/environment/deploymentStatus?deploymentRequestId={newer.request_id}"
        assert await sandbox.read(path) == {
            "deployment_request_id": older.request_id,
            "environment_id": STAGING_ID,
            "status": "DEPLOYMENT_QUEUED",
        }

    run(session)


@pytest.mark.parametrize(
    ("refusal", "codes"),
    [
        pytest.param(0, [200, 202], id="none"),
        pytest.param(401, [401, 401], id="policy token"),
        pytest.param(403, [403, 202], id="role"),
    ],
)
def test_policy_token_cannot_cancel(refusal: Literal[0, 401, 403], codes: list[int]) -> None:
    async def session(sandbox: Sandbox) -> list[int]:
        sandbox.world.deploy(GIT_HELM_ID)
        request_id = (await sandbox.deploy())["deployment_request_id"]
        path = f"/environment/deploymentStatus?deploymentRequestId={request_id}"
        read = await sandbox.client.get(path)
        cancelled = await sandbox.client.post(f"/deploymentQueue/{request_id}/cancelDeployment", json={})
        assert bool(await sandbox.queued_ids()) is (refusal == 401)
        return [read.status_code, cancelled.status_code]

    assert run(session, dialect=Dialect(request_status_refusal=refusal)) == codes


@pytest.mark.parametrize(
    ("query", "status"),
    [
        pytest.param("", 400, id="no request id"),
        pytest.param("?deploymentRequestId=", 400, id="empty request id"),
        pytest.param("?deploymentRequestId=shop-api", 400, id="malformed request id"),
        pytest.param(f"?deploymentRequestId={UNKNOWN_ID}", 404, id="unknown request id"),
    ],
)
def test_rejects_invalid_request_id(query: str, status: int) -> None:
    async def session(sandbox: Sandbox) -> int:
        return (await sandbox.client.get(f"/environment/deploymentStatus{query}")).status_code

    assert run(session) == status
