"""What becomes of requests: the queue, merges, cancellations, plans, and the ledger's account of them."""

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
from tests.sandbox.stage import Stage, play

FOREVER = 4000


def test_a_deployment_goes_through_its_steps() -> None:
    async def story(stage: Stage) -> list[tuple[float, str, int | None, list[str]]]:
        await stage.deploy()
        seen = []
        for _ in range(4):
            status = await stage.status()
            steps = status["steps"]
            names = [f"{step['step_name']} {step['status']} {step['duration_sec']}" for step in steps["details"]]
            seen.append((stage.world.now, status["state"], steps["total_duration_sec"], names))
            await trio.sleep(7)
        return seen

    queueing = "DEPLOYMENT_QUEUEING SUCCESS 1"
    assert play(story) == [
        (0, "DEPLOYMENT_QUEUED", None, []),
        (7, "DEPLOYING", None, [queueing]),
        (14, "DEPLOYING", None, [queueing]),
        (21, "DEPLOYED", 20, [queueing, "DEPLOYMENT SUCCESS 19"]),
    ]


def test_one_deployment_at_a_time_runs_in_an_environment() -> None:
    async def story(stage: Stage) -> list[tuple[float | None, float | None]]:
        world = stage.world
        requests = [
            world.deploy(HELM_ID),
            world.deploy(GIT_HELM_ID),
            world.deploy(PRODUCTION_HELM_ID, plan=deployment(7)),
            world.stop(HELM_ID),
        ]
        await trio.sleep(FOREVER)
        return [(world.ledger[each].began_at, world.ledger[each].ended_at) for each in requests]

    assert play(story) == [(0, 20), (20, 40), (0, 7), (40, 45)]


@pytest.mark.parametrize(
    ("first", "second", "is_merged"),
    [
        pytest.param({"user": "a"}, {"user": "a"}, True, id="same user, same service"),
        pytest.param({"user": "a"}, {"user": "b"}, False, id="another user"),
        pytest.param({"user": "a"}, {"user": "a", "service": GIT_HELM_ID}, False, id="another service"),
        pytest.param({"user": "a"}, {"user": "a", "action": "stop"}, False, id="another action"),
    ],
)
def test_successive_requests_that_wait_are_merged(
    first: dict[str, str], second: dict[str, str], is_merged: object
) -> None:
    async def story(stage: Stage) -> bool:
        stage.world.deploy(HELM_ID, user="somebody before")
        requests = [
            getattr(stage.world, each.get("action", "deploy"))(each.get("service", HELM_ID), user=each["user"])
            for each in (first, second)
        ]
        return any(stage.world.ledger[each].merged_into for each in requests)

    assert play(story) is is_merged


@pytest.mark.parametrize("survivor", ["older", "newer"])
def test_an_environments_waiting_requests_may_be_merged_whichever_services_they_are_for(
    survivor: Literal["older", "newer"],
) -> None:
    async def story(stage: Stage) -> None:
        world = stage.world
        world.dialect = Dialect(merges="environment", merge_survivor=survivor)
        world.deploy(HELM_ID, user="somebody before")
        one = world.deploy(HELM_ID, user="a", plan=deployment(5))
        other = world.deploy(GIT_HELM_ID, user="a", plan=deployment(5, end="DEPLOYMENT_ERROR"))
        remains = one if survivor == "older" else other
        assert [await stage.queued_ids(each) for each in (HELM_ID, GIT_HELM_ID)] == [[remains], [remains]]
        await trio.sleep(FOREVER)
        fates = [world.ledger.fate(each) for each in (one, other)]
        assert fates[0] == fates[1]
        assert fates[0].final_states == {HELM_ID: "DEPLOYED", GIT_HELM_ID: "DEPLOYMENT_ERROR"}

    play(story)


def test_of_merged_services_only_those_with_a_difference_are_deployed_where_that_was_asked() -> None:
    async def story(stage: Stage) -> None:
        world = stage.world
        world.dialect = Dialect(merges="environment")
        world.services[GIT_HELM_ID].has_difference = False
        world.deploy(HELM_ID, user="somebody before")
        for each in (HELM_ID, GIT_HELM_ID):
            await stage.deploy(each, query="?forceEvent=DIFF")
        await trio.sleep(FOREVER)
        fates = [world.ledger.fate(entry.request_id) for entry in world.ledger.via_http()]
        assert [set(fate.final_states) for fate in fates] == [{HELM_ID}, {HELM_ID}]

    play(story)


def test_what_runs_already_is_not_merged_with() -> None:
    async def story(stage: Stage) -> list[str]:
        await stage.deploy()
        await stage.deploy()
        await trio.sleep(FOREVER)
        return [str(entry.final_state) for entry in stage.world.ledger.via_http()]

    assert play(story) == ["DEPLOYED", "DEPLOYED"]


@pytest.mark.parametrize(
    ("dialect", "states"),
    [
        pytest.param(Dialect(merge_survivor="older"), ["DEPLOYED", "MERGED"], id="the older one survives"),
        pytest.param(Dialect(merge_survivor="newer"), ["MERGED", "DEPLOYED"], id="the newer one survives"),
    ],
)
def test_a_merge_deploys_the_newer_versions(dialect: Dialect, states: list[str]) -> None:
    async def story(stage: Stage) -> None:
        ledger = stage.world.ledger
        stage.world.deploy(HELM_ID)
        for version in ("1.5.0", "1.6.0"):
            await stage.deploy(chart_version=version)
        await trio.sleep(FOREVER)
        entries = ledger.via_http()
        assert [entry.final_state for entry in entries] == states
        older, newer = (ledger.fate(entry.request_id) for entry in entries)
        assert older == newer
        assert older.deployed[HELM_ID].chart_version == "1.6.0"

    play(story, dialect=dialect)


def test_a_request_can_be_cancelled_only_while_it_waits() -> None:
    async def story(stage: Stage) -> list[int]:
        stage.world.deploy(HELM_ID)
        request_id = (await stage.deploy())["deployment_request_id"]
        path = f"/deploymentQueue/{request_id}/cancelDeployment"
        codes = [(await stage.client.post(path, json={})).status_code for _ in range(2)]
        assert await stage.queued_ids() == []
        await trio.sleep(FOREVER)
        entry = stage.world.ledger[request_id]
        assert (entry.final_state, entry.began_at, entry.ended_at) == ("CANCELED", None, 0)
        return codes

    assert play(story) == [202, 409]


@pytest.mark.parametrize(
    ("body", "ended_at"),
    [
        pytest.param({"force_cancel": False}, 12, id="gracefully"),
        pytest.param({}, 12, id="gracefully by default"),
        pytest.param({"force_cancel": True}, 10, id="by force"),
    ],
)
def test_what_runs_can_be_cancelled(body: dict[str, bool], ended_at: float) -> None:
    async def story(stage: Stage) -> None:
        request_id = (await stage.deploy())["deployment_request_id"]
        await trio.sleep(10)
        path = f"/environment/{STAGING_ID}/cancelDeployment"
        response = await stage.client.post(path, json=body)
        assert response.status_code == 202
        assert (await stage.status())["state"] == ("CANCELED" if ended_at == 10 else "CANCELING")
        await trio.sleep(FOREVER)
        status = await stage.status()
        assert (status["state"], status["steps"]["details"][-1]["status"]) == ("CANCELED", "CANCEL")
        entry = stage.world.ledger[request_id]
        assert (entry.final_state, entry.ended_at, entry.canceled_by) == ("CANCELED", ended_at, CI_USER)
        assert (await stage.client.post(path, json=body)).status_code == 409

    play(story)


def test_diff_without_difference_is_accepted_and_never_begins() -> None:
    async def story(stage: Stage) -> None:
        before = await stage.status()
        accepted = await stage.deploy(query="?forceEvent=DIFF")
        await trio.sleep(FOREVER)
        entry = stage.world.ledger[accepted["deployment_request_id"]]
        assert (entry.unchanged, entry.final_state, entry.execution_id) == (True, "UNCHANGED", None)
        assert await stage.status() == before
        assert len(await stage.history()) == 1

    play(story, scenarios=["unchanged"])


def test_plans_are_followed_one_request_after_the_other() -> None:
    plans = [
        deployment(5),
        deployment(5, end="DEPLOYMENT_ERROR"),
        Plan(steps=(Step(name="BUILD", duration=3, state="BUILDING"),), end="BUILD_ERROR"),
        deployment(5, end=None),
    ]

    async def story(stage: Stage) -> list[str | None]:
        for plan in plans:
            stage.world.plan_next(plan)
        for _ in plans:
            await stage.deploy()
            await trio.sleep(FOREVER)
        return [entry.final_state for entry in stage.world.ledger.via_http()]

    assert play(story) == ["DEPLOYED", "DEPLOYMENT_ERROR", "BUILD_ERROR", None]


def test_a_deployment_of_several_services_is_one_execution() -> None:
    async def story(stage: Stage) -> None:
        stage.world.plan_next(deployment(30, end="DEPLOYMENT_ERROR"), service_id=GIT_HELM_ID)
        helms = [{"id": HELM_ID, "chart_version": "2.0.0"}, {"id": GIT_HELM_ID, "git_commit_id": "b" * 40}]
        path = f"/environment/{STAGING_ID}/service/deploy"
        response = await stage.client.post(path, json={"helms": helms})
        assert response.status_code == 202
        await trio.sleep(25)
        first, second = await stage.status(HELM_ID), await stage.status(GIT_HELM_ID)
        assert (first["state"], second["state"]) == ("DEPLOYED", "DEPLOYING")
        assert first["execution_id"] == second["execution_id"]
        await trio.sleep(FOREVER)
        (entry,) = stage.world.ledger.via_http()
        assert (entry.final_state, entry.ended_at) == ("DEPLOYMENT_ERROR", 30)
        assert entry.deployed[HELM_ID].chart_version == "2.0.0"

    play(story)


@pytest.mark.parametrize(
    ("is_on", "origins"),
    [pytest.param(True, ["CONSOLE", "GIT"], id="on"), pytest.param(False, ["CONSOLE"], id="off")],
)
def test_a_push_deploys_with_auto_deploy(is_on: object, origins: list[str]) -> None:
    async def story(stage: Stage) -> None:
        service = stage.world.services[GIT_HELM_ID]
        service.auto_deploy = is_on is True
        stage.world.at(3, lambda: stage.world.push(GIT_HELM_ID))
        await trio.sleep(FOREVER)
        assert sorted(entry["auditing_data"]["origin"] for entry in await stage.history(GIT_HELM_ID)) == origins

    play(story)


def test_what_is_scheduled_happens_at_its_time_however_late_somebody_looks() -> None:
    async def story(stage: Stage) -> None:
        world = stage.world
        world.at(5, lambda: world.deploy(HELM_ID, versions=Versions(chart_version="9.9.9")))
        world.at(8, world.cancel_running)
        await trio.sleep(FOREVER)
        entry = world.ledger.entries()[-1]
        assert (entry.accepted_at, entry.ended_at, entry.final_state) == (5, 10, "CANCELED")
        assert (entry.triggered_by, entry.via_http, entry.canceled_by) == (COLLEAGUE, False, COLLEAGUE)

    play(story)


def test_the_log_tells_what_is_written_so_far() -> None:
    error = LogError(
        user_log_message="It broke", hint_message="Mend it", link="https://x.test", underlying_error="boom"
    )
    logs = (LogLine(at=2, message="Begun"), LogLine(at=20, message="Broken", error=error))
    plan = Plan(steps=deployment().steps, end="DEPLOYMENT_ERROR", logs=logs)

    async def story(stage: Stage) -> None:
        stage.world.plan_next(plan)
        execution_id = (await stage.deploy())["execution_id"]
        path = f"/environment/{STAGING_ID}/logs?version={execution_id}"
        lengths = []
        for _ in range(3):
            lengths.append(len(await stage.read(path)))
            await trio.sleep(10)
        assert lengths == [0, 1, 2]
        last = (await stage.read(path))[-1]
        assert last["details"]["transmitter"]["id"] == HELM_ID
        assert last["message"]["safe_message"] == "Broken"
        assert last["error"]["underlying_error"]["message"] == "boom"
        assert (last["error"]["user_log_message"], last["error"]["hint_message"]) == ("It broke", "Mend it")

    play(story)


def test_the_same_story_gives_the_same_ids() -> None:
    async def story(stage: Stage) -> list[str]:
        await stage.deploy()
        await trio.sleep(1)
        await stage.deploy()
        return [entry.request_id for entry in stage.world.ledger.entries()]

    ids = play(story)
    assert ids == play(story)
    assert ids == sorted(ids)


def test_the_ledger_counts_calls_by_path_template() -> None:
    async def story(stage: Stage) -> None:
        for _ in range(3):
            await stage.status()
        await stage.deploy()
        counts = stage.world.ledger.call_counts()
        assert counts == {("GET", "/helm/{helmId}/status"): 3, ("POST", "/helm/{helmId}/deploy"): 1}

    play(story)


def test_the_ledger_tells_which_request_an_execution_carried_out() -> None:
    async def story(stage: Stage) -> None:
        accepted = await stage.deploy()
        ledger = stage.world.ledger
        assert ledger.request_of(accepted["execution_id"]).request_id == accepted["deployment_request_id"]
        with pytest.raises(KeyError):
            ledger.request_of("nothing-1")

    play(story)
