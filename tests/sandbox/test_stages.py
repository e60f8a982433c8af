"""Deployment stages: order, failures, cancelling and skipped services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import trio

from qovery_sandbox import GIT_HELM_ID, HELM_ID, STAGING_ID, Dialect, deployment
from tests.sandbox.session import Sandbox, run

if TYPE_CHECKING:
    from qovery_sandbox import Entry, Plan

FAILS = deployment(end="DEPLOYMENT_ERROR")


async def deploy_in_two_stages(sandbox: Sandbox, *, plan: Plan | None = None) -> str:
    """Deploy a service, with this plan, and another one in the next stage."""
    sandbox.world.services[GIT_HELM_ID].stage = 1
    if plan:
        sandbox.world.plan_next(plan)
    return str((await sandbox.deploy_all(GIT_HELM_ID, HELM_ID))["deployment_request_id"])


async def states_seen(sandbox: Sandbox) -> dict[str, Any]:
    """Return the states in all responses."""
    statuses = [await sandbox.status(each) for each in (HELM_ID, GIT_HELM_ID)]
    (execution, *_) = await sandbox.environment_history()
    return {
        "states": [each["state"] for each in statuses],
        "actions": [each["status_details"]["status"] for each in statuses],
        "history": [service["status"] for part in execution["stages"] for service in part["services"]],
        "stages": [f"{part['name']} {part['status']} {part['duration']}" for part in execution["stages"]],
        "execution": f"{execution['status']} {execution['action_status']} {execution['total_duration']}",
    }


def test_stage_begins_after_earlier_stage() -> None:
    async def session(sandbox: Sandbox) -> list[dict[str, Any]]:
        request_id = await deploy_in_two_stages(sandbox)
        observations = []
        for _ in range(3):
            await trio.sleep(15)
            observations.append(await states_seen(sandbox))
        entry = sandbox.world.ledger[request_id]
        assert (entry.final_state, entry.ended_at) == ("DEPLOYED", 40)
        return observations

    assert run(session) == [
        {
            "states": ["DEPLOYING", "DEPLOYMENT_QUEUED"],
            "actions": ["ONGOING", "QUEUED"],
            "history": ["DEPLOYING", "DEPLOYMENT_QUEUED"],
            "stages": ["STAGE 0 ONGOING PT15S", "STAGE 1 QUEUED PT0S"],
            "execution": "DEPLOYING ONGOING PT15S",
        },
        {
            "states": ["DEPLOYED", "DEPLOYING"],
            "actions": ["SUCCESS", "ONGOING"],
            "history": ["DEPLOYED", "DEPLOYING"],
            "stages": ["STAGE 0 DONE PT20S", "STAGE 1 ONGOING PT10S"],
            "execution": "DEPLOYING ONGOING PT30S",
        },
        {
            "states": ["DEPLOYED", "DEPLOYED"],
            "actions": ["SUCCESS", "SUCCESS"],
            "history": ["DEPLOYED", "DEPLOYED"],
            "stages": ["STAGE 0 DONE PT20S", "STAGE 1 DONE PT20S"],
            "execution": "DEPLOYED SUCCESS PT40S",
        },
    ]


@pytest.mark.parametrize(
    ("dialect", "state", "action_status"),
    [
        pytest.param(Dialect(), "READY", "NEVER", id="READY"),
        pytest.param(Dialect(never_began="QUEUED"), "QUEUED", "QUEUED", id="QUEUED"),
        pytest.param(Dialect(never_began="CANCELED"), "CANCELED", "CANCELED", id="CANCELED"),
    ],
)
def test_stage_never_begins_after_error(dialect: Dialect, state: str, action_status: str) -> None:
    async def session(sandbox: Sandbox) -> dict[str, Any]:
        request_id = await deploy_in_two_stages(sandbox, plan=FAILS)
        await trio.sleep(25)
        entry = sandbox.world.ledger[request_id]
        assert (entry.final_state, entry.ended_at) == ("DEPLOYMENT_ERROR", 20)
        assert entry.final_states == {HELM_ID: "DEPLOYMENT_ERROR", GIT_HELM_ID: "NEVER_BEGAN"}
        assert set(entry.deployed) == {HELM_ID}
        return await states_seen(sandbox)

    assert run(session, dialect=dialect) == {
        "states": ["DEPLOYMENT_ERROR", state],
        "actions": ["ERROR", action_status],
        "history": ["DEPLOYMENT_ERROR", state],
        "stages": ["STAGE 0 ERROR PT20S", "STAGE 1 SKIPPED PT0S"],
        "execution": "DEPLOYMENT_ERROR ERROR PT20S",
    }


@pytest.mark.parametrize(
    ("at", "grace", "states", "ended_at"),
    [
        pytest.param(10, 2.0, ["CANCELED", "NEVER_BEGAN"], 12, id="in the first stage"),
        pytest.param(10, 0.0, ["CANCELED", "NEVER_BEGAN"], 10, id="in the first stage, by force"),
        pytest.param(30, 2.0, ["DEPLOYED", "CANCELED"], 32, id="in the second stage"),
    ],
)
def test_cancelling_stops_later_stages(at: float, grace: float, states: list[str], ended_at: float) -> None:
    async def session(sandbox: Sandbox) -> None:
        request_id = await deploy_in_two_stages(sandbox)
        await trio.sleep(at)
        sandbox.world.cancel_running(grace=grace)
        await trio.sleep(100)
        entry = sandbox.world.ledger[request_id]
        assert [entry.final_states[each] for each in (HELM_ID, GIT_HELM_ID)] == states
        assert (entry.final_state, entry.ended_at) == ("CANCELED", ended_at)

    run(session)


def test_canceling_leaves_later_stages_queued() -> None:
    async def session(sandbox: Sandbox) -> list[str]:
        await deploy_in_two_stages(sandbox)
        await trio.sleep(10)
        sandbox.world.cancel_running()
        return list((await states_seen(sandbox))["history"])

    assert run(session) == ["CANCELING", "DEPLOYMENT_QUEUED"]


def test_other_services_of_failing_stage_finish() -> None:
    async def session(sandbox: Sandbox) -> Entry:
        sandbox.world.plan_next(deployment(5, end="DEPLOYMENT_ERROR"))
        request_id = str((await sandbox.deploy_all(HELM_ID, GIT_HELM_ID))["deployment_request_id"])
        await trio.sleep(100)
        return sandbox.world.ledger[request_id]

    entry = run(session)
    assert entry.final_states == {HELM_ID: "DEPLOYMENT_ERROR", GIT_HELM_ID: "DEPLOYED"}
    assert (entry.final_state, entry.ended_at) == ("DEPLOYMENT_ERROR", 20)


@pytest.mark.parametrize(
    ("skipped", "stage_number", "states", "ended_at"),
    [
        pytest.param({HELM_ID}, 0, {HELM_ID: "SKIPPED", GIT_HELM_ID: "DEPLOYED"}, 20, id="same stage"),
        pytest.param({HELM_ID}, 1, {HELM_ID: "SKIPPED", GIT_HELM_ID: "DEPLOYED"}, 20, id="earlier stage"),
        pytest.param({GIT_HELM_ID}, 1, {HELM_ID: "DEPLOYED", GIT_HELM_ID: "SKIPPED"}, 20, id="later stage"),
        pytest.param({HELM_ID, GIT_HELM_ID}, 1, {HELM_ID: "SKIPPED", GIT_HELM_ID: "SKIPPED"}, 0, id="all"),
    ],
)
def test_skipped_service_ends_at_once(
    skipped: set[str], stage_number: int, states: dict[str, str], ended_at: float
) -> None:
    async def session(sandbox: Sandbox) -> None:
        world = sandbox.world
        for service_id in skipped:
            world.services[service_id].is_skipped = True
        world.services[GIT_HELM_ID].stage = stage_number
        request_id = (await sandbox.deploy_all(HELM_ID, GIT_HELM_ID))["deployment_request_id"]
        for service_id in skipped:
            status = await sandbox.status(service_id)
            assert (status["state"], status["execution_id"]) == ("READY", world.executions()[-1].id)
        await trio.sleep(100)
        entry = world.ledger[request_id]
        assert (entry.final_states, entry.final_state, entry.ended_at) == (states, "DEPLOYED", ended_at)
        assert set(entry.deployed) == set(states) - skipped

    run(session)


def test_queue_groups_services_by_stage() -> None:
    async def session(sandbox: Sandbox) -> dict[str, list[str]]:
        sandbox.world.deploy(HELM_ID)
        await deploy_in_two_stages(sandbox)
        (request,) = (await sandbox.read(f"/environment/{STAGING_ID}/deploymentQueue"))["results"]
        return {
            part["name"]: [service["identifier"]["service_id"] for service in part["services"]]
            for part in request["stages"]
        }

    assert run(session) == {"STAGE 0": [HELM_ID], "STAGE 1": [GIT_HELM_ID]}


@pytest.mark.parametrize(
    ("plan", "lines"),
    [
        pytest.param(deployment(), {"STAGE 0": 3, "STAGE 1": 2}, id="later stage begins"),
        pytest.param(FAILS, {"STAGE 0": 3}, id="later stage never begins"),
    ],
)
def test_log_begins_with_stage(plan: Plan, lines: dict[str, int]) -> None:
    async def session(sandbox: Sandbox) -> dict[str, int]:
        await deploy_in_two_stages(sandbox, plan=plan)
        await trio.sleep(25)
        names = [entry["details"]["stage"]["name"] for entry in await sandbox.read(f"/environment/{STAGING_ID}/logs")]
        return {name: names.count(name) for name in names}

    assert run(session) == lines
