"""Requests and executions: queue, merging, cancelling, plans, log and ledger."""

from __future__ import annotations

from typing import Literal

import pytest
import trio

from qovery_sandbox import (
    CI_USER,
    COLLEAGUE,
    GIT_HELM_ID,
    HELM_ID,
    PRODUCTION_HELM_ID,
    STAGING_ID,
    Dialect,
    LogError,
    LogLine,
    Plan,
    Step,
    Versions,
    deployment,
)
from tests.sandbox.session import Sandbox, run

FOREVER = 4000


def test_deployment_steps() -> None:
    async def session(sandbox: Sandbox) -> list[tuple[float, str, int | None, list[str]]]:
        await sandbox.deploy()
        seen = []
        for _ in range(4):
            status = await sandbox.status()
            steps = status["steps"]
            names = [f"{step['step_name']} {step['status']} {step['duration_sec']}" for step in steps["details"]]
            seen.append((sandbox.world.now, status["state"], steps["total_duration_sec"], names))
            await trio.sleep(7)
        return seen

    queueing = "DEPLOYMENT_QUEUEING SUCCESS 1"
    assert run(session) == [
        (0, "DEPLOYMENT_QUEUED", None, []),
        (7, "DEPLOYING", None, [queueing]),
        (14, "DEPLOYING", None, [queueing]),
        (21, "DEPLOYED", 20, [queueing, "DEPLOYMENT SUCCESS 19"]),
    ]


def test_runs_one_deployment_per_environment() -> None:
    async def session(sandbox: Sandbox) -> list[tuple[float | None, float | None]]:
        world = sandbox.world
        requests = [
            world.deploy(HELM_ID),
            world.deploy(GIT_HELM_ID),
            world.deploy(PRODUCTION_HELM_ID, plan=deployment(7)),
            world.stop(HELM_ID),
        ]
        await trio.sleep(FOREVER)
        return [(world.ledger[each].began_at, world.ledger[each].ended_at) for each in requests]

    assert run(session) == [(0, 20), (20, 40), (0, 7), (40, 45)]


@pytest.mark.parametrize(
    ("first", "second", "is_merged"),
    [
        pytest.param({"user": "a"}, {"user": "a"}, True, id="same user, same service"),
        pytest.param({"user": "a"}, {"user": "b"}, False, id="another user"),
        pytest.param({"user": "a"}, {"user": "a", "service": GIT_HELM_ID}, False, id="another service"),
        pytest.param({"user": "a"}, {"user": "a", "action": "stop"}, False, id="another action"),
    ],
)
def test_merges_queued_requests(first: dict[str, str], second: dict[str, str], is_merged: object) -> None:
    async def session(sandbox: Sandbox) -> bool:
        sandbox.world.deploy(HELM_ID, user="first")
        requests = [
            getattr(sandbox.world, each.get("action", "deploy"))(each.get("service", HELM_ID), user=each["user"])
            for each in (first, second)
        ]
        return any(sandbox.world.ledger[each].merged_into for each in requests)

    assert run(session) is is_merged


@pytest.mark.parametrize("survivor", ["older", "newer"])
def test_merges_requests_for_different_services(
    survivor: Literal["older", "newer"],
) -> None:
    async def session(sandbox: Sandbox) -> None:
        world = sandbox.world
        world.dialect = Dialect(merges="environment", merge_survivor=survivor)
        world.deploy(HELM_ID, user="first")
        one = world.deploy(HELM_ID, user="a", plan=deployment(5))
        other = world.deploy(GIT_HELM_ID, user="a", plan=deployment(5, end="DEPLOYMENT_ERROR"))
        remaining = one if survivor == "older" else other
        assert [await sandbox.queued_ids(each) for each in (HELM_ID, GIT_HELM_ID)] == [[remaining], [remaining]]
        await trio.sleep(FOREVER)
        fates = [world.ledger.fate(each) for each in (one, other)]
        assert fates[0] == fates[1]
        assert fates[0].final_states == {HELM_ID: "DEPLOYED", GIT_HELM_ID: "DEPLOYMENT_ERROR"}

    run(session)


def test_merged_diff_deploys_changed_services_only() -> None:
    async def session(sandbox: Sandbox) -> None:
        world = sandbox.world
        world.dialect = Dialect(merges="environment")
        world.services[GIT_HELM_ID].has_difference = False
        world.deploy(HELM_ID, user="first")
        for each in (HELM_ID, GIT_HELM_ID):
            await sandbox.deploy(each, query="?forceEvent=DIFF")
        await trio.sleep(FOREVER)
        fates = [world.ledger.fate(entry.request_id) for entry in world.ledger.via_http()]
        assert [set(fate.final_states) for fate in fates] == [{HELM_ID}, {HELM_ID}]

    run(session)


def test_does_not_merge_with_running_deployment() -> None:
    async def session(sandbox: Sandbox) -> list[str]:
        await sandbox.deploy()
        await sandbox.deploy()
        await trio.sleep(FOREVER)
        return [str(entry.final_state) for entry in sandbox.world.ledger.via_http()]

    assert run(session) == ["DEPLOYED", "DEPLOYED"]


@pytest.mark.parametrize(
    ("dialect", "states"),
    [
        pytest.param(Dialect(merge_survivor="older"), ["DEPLOYED", "MERGED"], id="older survives"),
        pytest.param(Dialect(merge_survivor="newer"), ["MERGED", "DEPLOYED"], id="newer survives"),
    ],
)
def test_merge_deploys_newer_versions(dialect: Dialect, states: list[str]) -> None:
    async def session(sandbox: Sandbox) -> None:
        ledger = sandbox.world.ledger
        sandbox.world.deploy(HELM_ID)
        for version in ("1.5.0", "1.6.0"):
            await sandbox.deploy(chart_version=version)
        await trio.sleep(FOREVER)
        entries = ledger.via_http()
        assert [entry.final_state for entry in entries] == states
        older, newer = (ledger.fate(entry.request_id) for entry in entries)
        assert older == newer
        assert older.deployed[HELM_ID].chart_version == "1.6.0"

    run(session, dialect=dialect)


def test_cancels_queued_request_once() -> None:
    async def session(sandbox: Sandbox) -> list[int]:
        sandbox.world.deploy(HELM_ID)
        request_id = (await sandbox.deploy())["deployment_request_id"]
        path = f"/deploymentQueue/{request_id}/cancelDeployment"
        codes = [(await sandbox.client.post(path, json={})).status_code for _ in range(2)]
        assert await sandbox.queued_ids() == []
        await trio.sleep(FOREVER)
        entry = sandbox.world.ledger[request_id]
        assert (entry.final_state, entry.began_at, entry.ended_at) == ("CANCELED", None, 0)
        return codes

    assert run(session) == [202, 409]


@pytest.mark.parametrize(
    ("body", "ended_at"),
    [
        pytest.param({"force_cancel": False}, 12, id="gracefully"),
        pytest.param({}, 12, id="gracefully by default"),
        pytest.param({"force_cancel": True}, 10, id="by force"),
    ],
)
def test_cancels_running_deployment(body: dict[str, bool], ended_at: float) -> None:
    async def session(sandbox: Sandbox) -> None:
        request_id = (await sandbox.deploy())["deployment_request_id"]
        await trio.sleep(10)
        path = f"/environment/{STAGING_ID}/cancelDeployment"
        response = await sandbox.client.post(path, json=body)
        assert response.status_code == 202
        assert (await sandbox.status())["state"] == ("CANCELED" if ended_at == 10 else "CANCELING")
        await trio.sleep(FOREVER)
        status = await sandbox.status()
        assert (status["state"], status["steps"]["details"][-1]["status"]) == ("CANCELED", "CANCEL")
        entry = sandbox.world.ledger[request_id]
        assert (entry.final_state, entry.ended_at, entry.canceled_by) == ("CANCELED", ended_at, CI_USER)
        assert (await sandbox.client.post(path, json=body)).status_code == 409

    run(session)


def test_diff_without_difference_never_begins() -> None:
    async def session(sandbox: Sandbox) -> None:
        before = await sandbox.status()
        accepted = await sandbox.deploy(query="?forceEvent=DIFF")
        await trio.sleep(FOREVER)
        entry = sandbox.world.ledger[accepted["deployment_request_id"]]
        assert (entry.final_state, entry.execution_id) == ("UNCHANGED", None)
        assert await sandbox.status() == before
        assert len(await sandbox.history()) == 1

    run(session, scenarios=["unchanged"])


def test_plans_apply_to_successive_requests() -> None:
    plans = [
        deployment(5),
        deployment(5, end="DEPLOYMENT_ERROR"),
        Plan(steps=(Step(name="BUILD", duration=3, state="BUILDING"),), end="BUILD_ERROR"),
        deployment(5, end=None),
    ]

    async def session(sandbox: Sandbox) -> list[str | None]:
        for plan in plans:
            sandbox.world.plan_next(plan)
        for _ in plans:
            await sandbox.deploy()
            await trio.sleep(FOREVER)
        return [entry.final_state for entry in sandbox.world.ledger.via_http()]

    assert run(session) == ["DEPLOYED", "DEPLOYMENT_ERROR", "BUILD_ERROR", None]


def test_several_services_are_one_execution() -> None:
    async def session(sandbox: Sandbox) -> None:
        sandbox.world.plan_next(deployment(30, end="DEPLOYMENT_ERROR"), service_id=GIT_HELM_ID)
        helms = [{"id": HELM_ID, "chart_version": "2.0.0"}, {"id": GIT_HELM_ID, "git_commit_id": "b" * 40}]
        path = f"/environment/{STAGING_ID}/service/deploy"
        response = await sandbox.client.post(path, json={"helms": helms})
        assert response.status_code == 202
        await trio.sleep(25)
        first, second = await sandbox.status(HELM_ID), await sandbox.status(GIT_HELM_ID)
        assert (first["state"], second["state"]) == ("DEPLOYED", "DEPLOYING")
        assert first["execution_id"] == second["execution_id"]
        await trio.sleep(FOREVER)
        (entry,) = sandbox.world.ledger.via_http()
        assert (entry.final_state, entry.ended_at) == ("DEPLOYMENT_ERROR", 30)
        assert entry.deployed[HELM_ID].chart_version == "2.0.0"

    run(session)


@pytest.mark.parametrize(
    ("is_on", "origins"),
    [pytest.param(True, ["CONSOLE", "GIT"], id="on"), pytest.param(False, ["CONSOLE"], id="off")],
)
def test_push_deploys_with_auto_deploy(is_on: object, origins: list[str]) -> None:
    async def session(sandbox: Sandbox) -> None:
        service = sandbox.world.services[GIT_HELM_ID]
        service.auto_deploy = is_on is True
        sandbox.world.at(3, lambda: sandbox.world.push(GIT_HELM_ID))
        await trio.sleep(FOREVER)
        assert sorted(entry["auditing_data"]["origin"] for entry in await sandbox.history(GIT_HELM_ID)) == origins

    run(session)


def test_scheduled_actions_run_at_their_time() -> None:
    async def session(sandbox: Sandbox) -> None:
        world = sandbox.world
        world.at(5, lambda: world.deploy(HELM_ID, versions=Versions(chart_version="9.9.9")))
        world.at(8, world.cancel_running)
        await trio.sleep(FOREVER)
        entry = world.ledger.entries()[-1]
        assert (entry.accepted_at, entry.ended_at, entry.final_state) == (5, 10, "CANCELED")
        assert (entry.triggered_by, entry.via_http, entry.canceled_by) == (COLLEAGUE, False, COLLEAGUE)

    run(session)


def test_log_grows_during_deployment() -> None:
    error = LogError(user_log_message="Cause", hint_message="Hint", link="https://x.test", underlying_error="boom")
    logs = (LogLine(at=2, message="Started"), LogLine(at=20, message="Failed", error=error))
    plan = Plan(steps=deployment().steps, end="DEPLOYMENT_ERROR", logs=logs)

    async def session(sandbox: Sandbox) -> None:
        sandbox.world.plan_next(plan)
        execution_id = (await sandbox.deploy())["execution_id"]
        path = f"/environment/{STAGING_ID}/logs?version={execution_id}"
        lengths = []
        for _ in range(3):
            lengths.append(len(await sandbox.read(path)))
            await trio.sleep(10)
        assert lengths == [0, 1, 2]
        last = (await sandbox.read(path))[-1]
        assert last["details"]["transmitter"]["id"] == HELM_ID
        assert last["message"]["safe_message"] == "Failed"
        assert last["error"]["underlying_error"]["message"] == "boom"
        assert (last["error"]["user_log_message"], last["error"]["hint_message"]) == ("Cause", "Hint")

    run(session)


def test_ids_are_reproducible() -> None:
    async def session(sandbox: Sandbox) -> list[str]:
        await sandbox.deploy()
        await trio.sleep(1)
        await sandbox.deploy()
        return [entry.request_id for entry in sandbox.world.ledger.entries()]

    ids = run(session)
    assert ids == run(session)
    assert ids == sorted(ids)


def test_ledger_counts_calls_by_template() -> None:
    async def session(sandbox: Sandbox) -> None:
        for _ in range(3):
            await sandbox.status()
        await sandbox.deploy()
        counts = sandbox.world.ledger.call_counts()
        assert counts == {("GET", "/helm/{helmId}/status"): 3, ("POST", "/helm/{helmId}/deploy"): 1}

    run(session)
