"""Each unknown of Qovery's API, whichever way it turns out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
import trio

from qovery_sandbox import CI_USER, COLLEAGUE, GIT_HELM_ID, HELM_ID, STAGING_ID, Dialect, deployment
from tests.sandbox.stage import Stage, play


def _named(request_id: str | None, names: dict[str, str]) -> str | None:
    return None if request_id is None else names.get(request_id, "earlier")


@pytest.mark.parametrize(
    ("dialect", "ids"),
    [
        pytest.param(Dialect(), ["ours", "ours", "ours"], id="ids stay"),
        pytest.param(
            Dialect(id_while_running="null", id_after_end="null"), ["ours", None, None], id="ids go with the queue"
        ),
        pytest.param(Dialect(id_after_end="null"), ["ours", "ours", None], id="ids go with the end"),
        pytest.param(Dialect(id_while_queued="null"), ["other", "ours", "ours"], id="ids come with the beginning"),
        pytest.param(
            Dialect(id_while_queued="at_rest"), ["other", "ours", "ours"], id="ids wait until the service is at rest"
        ),
        pytest.param(
            Dialect(id_while_queued="null", id_while_running="next", id_after_end="next"),
            ["ours", None, None],
            id="ids are those of the next one",
        ),
        pytest.param(
            Dialect(id_while_queued="null", id_while_running="null", id_after_end="null"),
            [None, None, None],
            id="no ids at all",
        ),
    ],
)
def test_a_status_shows_a_request_id(dialect: Dialect, ids: list[str | None]) -> None:
    """While ours waits behind another one of the same service, while it runs, and after it has ended."""

    async def story(stage: Stage) -> list[str | None]:
        other = stage.world.deploy(HELM_ID)
        ours = (await stage.deploy())["deployment_request_id"]
        seen = []
        for _ in range(3):
            seen.append(_named((await stage.status())["deployment_request_id"], {other: "other", ours: "ours"}))
            await trio.sleep(21)
        return seen

    assert play(story, dialect=dialect) == ids


@pytest.mark.parametrize(
    ("dialect", "shown"),
    [
        pytest.param(Dialect(), "ours", id="own"),
        pytest.param(Dialect(id_while_queued="at_rest"), "ours", id="at rest"),
        pytest.param(Dialect(id_while_queued="null"), "earlier", id="that of the one before"),
        pytest.param(Dialect(id_while_queued="null", id_after_end="null"), None, id="none"),
    ],
)
def test_a_status_shows_who_waits_behind_another_service(dialect: Dialect, shown: str | None) -> None:
    async def story(stage: Stage) -> str | None:
        stage.world.deploy(GIT_HELM_ID)
        ours = (await stage.deploy())["deployment_request_id"]
        return _named((await stage.status())["deployment_request_id"], {ours: "ours"})

    assert play(story, dialect=dialect) == shown


@pytest.mark.parametrize(
    ("dialect", "state", "action_status"),
    [
        pytest.param(Dialect(), "DEPLOYMENT_QUEUED", "QUEUED", id="DEPLOYMENT_QUEUED"),
        pytest.param(Dialect(queued_state="QUEUED"), "QUEUED", "QUEUED", id="QUEUED"),
        pytest.param(Dialect(queued_state="previous"), "DEPLOYED", "SUCCESS", id="what was before"),
    ],
)
def test_a_waiting_service_shows_a_state(dialect: Dialect, state: str, action_status: str) -> None:
    async def story(stage: Stage) -> None:
        stage.world.deploy(GIT_HELM_ID)
        await stage.deploy()
        status = await stage.status()
        assert (status["state"], status["status_details"]["status"]) == (state, action_status)
        assert status["deployment_requests_count"] == 1

    play(story, dialect=dialect)


@pytest.mark.parametrize(
    ("dialect", "has_id", "state"),
    [
        pytest.param(Dialect(), True, "DEPLOYMENT_QUEUED", id="all of it is new"),
        pytest.param(Dialect(accepted_body="previous"), True, "DEPLOYED", id="only the id is new"),
        pytest.param(Dialect(accepted_id="null"), False, "DEPLOYMENT_QUEUED", id="there is no id"),
    ],
)
def test_the_answer_to_a_deploy_call(dialect: Dialect, has_id: object, state: str) -> None:
    async def story(stage: Stage) -> None:
        accepted = await stage.deploy()
        (entry,) = stage.world.ledger.via_http()
        assert accepted["deployment_request_id"] == (entry.request_id if has_id else None)
        assert accepted["state"] == state

    play(story, dialect=dialect)


@pytest.mark.parametrize(
    ("dialect", "answered"),
    [
        pytest.param(Dialect(), "older", id="the survivor's"),
        pytest.param(Dialect(merged_id_in_answer="own"), "newer", id="its own"),
        pytest.param(Dialect(merge_survivor="newer"), "newer", id="its own, which survives"),
    ],
)
def test_a_merged_request_is_answered_with_an_id(dialect: Dialect, answered: str) -> None:
    async def story(stage: Stage) -> str:
        stage.world.deploy(HELM_ID)
        await stage.deploy()
        accepted = await stage.deploy()
        older, newer = stage.world.ledger.via_http()
        return {older.request_id: "older", newer.request_id: "newer"}[accepted["deployment_request_id"]]

    assert play(story, dialect=dialect) == answered


@pytest.mark.parametrize(
    ("dialect", "seen_at"),
    [
        pytest.param(Dialect(), [0, 0, 0], id="nothing lags"),
        pytest.param(Dialect(status_lag=3), [3, 0, 0], id="the status lags"),
        pytest.param(Dialect(history_lag=4), [0, 4, 0], id="the history lags"),
        pytest.param(Dialect(queue_lag=2, history_lag=1), [0, 1, 2], id="queue and history lag"),
    ],
)
def test_what_is_told_lags(dialect: Dialect, seen_at: list[int]) -> None:
    """The seconds after which status, history and queue first tell of two requests, one of which waits."""

    async def story(stage: Stage) -> list[int]:
        await stage.deploy()
        await stage.deploy()
        first: list[int | None] = [None, None, None]
        for second in range(6):
            news = (
                (await stage.status())["state"] != "DEPLOYED",
                len(await stage.history()) > 1,
                bool(await stage.queued_ids()),
            )
            first = [second if is_new and at is None else at for is_new, at in zip(news, first, strict=True)]
            await trio.sleep(1)
        return [-1 if at is None else at for at in first]

    assert play(story, dialect=dialect) == seen_at


def test_a_request_that_was_picked_is_neither_listed_nor_run_for_the_pickup_delay() -> None:
    async def story(stage: Stage) -> None:
        request_id = (await stage.deploy())["deployment_request_id"]
        await trio.sleep(5)
        status = await stage.status()
        assert (status["state"], status["deployment_request_id"]) == ("DEPLOYMENT_QUEUED", request_id)
        assert await stage.queued_ids() == []
        assert not stage.world.cancel_request(request_id)
        await trio.sleep(6)
        assert stage.world.ledger.fate(request_id).began_at == 10

    play(story, dialect=Dialect(pickup_delay=10))


def test_a_request_spends_the_dispatch_delay_in_the_queue() -> None:
    async def story(stage: Stage) -> None:
        accepted = await stage.deploy()
        assert await stage.queued_ids() == [accepted["deployment_request_id"]]
        await trio.sleep(100)
        (entry,) = stage.world.ledger.via_http()
        assert (entry.began_at, entry.ended_at) == (4, 24)

    play(story, dialect=Dialect(dispatch_delay=4))


def _status_keys(status: dict[str, Any]) -> set[str]:
    return {"execution_id", "last_deployment_date"} & set(status)


@pytest.mark.parametrize(
    ("dialect", "keys"),
    [
        pytest.param(Dialect(), {"execution_id", "last_deployment_date"}, id="both"),
        pytest.param(Dialect(execution_ids=False), {"last_deployment_date"}, id="no execution id"),
        pytest.param(Dialect(dates=False), {"execution_id"}, id="no date"),
    ],
)
def test_a_status_leaves_out_what_is_optional(dialect: Dialect, keys: set[str]) -> None:
    async def story(stage: Stage) -> set[str]:
        return _status_keys(await stage.status())

    assert play(story, dialect=dialect) == keys


@pytest.mark.parametrize(
    ("dialect", "told"),
    [
        pytest.param(Dialect(), ["API 1.5.0 +3", "CONSOLE 1.4.2 +0", "CONSOLE 1.4.2"], id="everything"),
        pytest.param(Dialect(history_origin=False), ["None 1.5.0 +3", "None 1.4.2 +0", "None 1.4.2"], id="no origin"),
        pytest.param(
            Dialect(history_versions=False), ["API None +3", "CONSOLE None +0", "CONSOLE None"], id="no versions"
        ),
        pytest.param(Dialect(history_lists_running=False), ["CONSOLE 1.4.2 +0", "CONSOLE 1.4.2"], id="only the ended"),
        pytest.param(
            Dialect(history_created_at="accepted"),
            ["API 1.5.0 +1", "CONSOLE 1.4.2 +0", "CONSOLE 1.4.2"],
            id="dated by acceptance",
        ),
    ],
)
def test_history_tells(dialect: Dialect, told: list[str]) -> None:
    """Newest first: ours, asked for at 1 and begun at 3; a colleague's; one from before the world began."""

    async def story(stage: Stage) -> list[str]:
        stage.world.deploy(HELM_ID, plan=deployment(3))
        await trio.sleep(1)
        await stage.deploy(chart_version="1.5.0")
        await trio.sleep(5)
        return [_summary(entry) for entry in await stage.history()]

    assert play(story, dialect=dialect) == told


def _summary(entry: dict[str, Any]) -> str:
    version = entry["details"].get("repository", {}).get("chart_version")
    created_at = entry["auditing_data"]["created_at"]
    since = f" +{int(created_at[17:19])}" if created_at.startswith("2026-08-03T12:00:") else ""
    return f"{entry['auditing_data'].get('origin')} {version}{since}"


@pytest.mark.parametrize(
    ("dialect", "told"),
    [
        pytest.param(
            Dialect(),
            ["DEPLOYING ONGOING API 1.5.0 +3", "DEPLOYED SUCCESS CONSOLE 1.4.2 +0"],
            id="everything",
        ),
        pytest.param(
            Dialect(history_origin=False),
            ["DEPLOYING ONGOING None 1.5.0 +3", "DEPLOYED SUCCESS None 1.4.2 +0"],
            id="no origin",
        ),
        pytest.param(
            Dialect(history_versions=False),
            ["DEPLOYING ONGOING API None +3", "DEPLOYED SUCCESS CONSOLE None +0"],
            id="no versions",
        ),
        pytest.param(
            Dialect(history_lists_running=False), ["DEPLOYED SUCCESS CONSOLE 1.4.2 +0"], id="only ended executions"
        ),
        pytest.param(
            Dialect(history_lag=4),
            ["DEPLOYING ONGOING CONSOLE 1.4.2 +0"],
            id="late",
        ),
        pytest.param(
            Dialect(history_created_at="accepted"),
            ["DEPLOYING ONGOING API 1.5.0 +1", "DEPLOYED SUCCESS CONSOLE 1.4.2 +0"],
            id="dated by acceptance",
        ),
    ],
)
def test_environment_history(dialect: Dialect, told: list[str]) -> None:
    """The executions since the world began, seen at 6: ours, accepted at 1 and begun at 3, and a colleague's."""

    async def story(stage: Stage) -> list[str]:
        stage.world.deploy(HELM_ID, plan=deployment(3))
        await trio.sleep(1)
        await stage.deploy(chart_version="1.5.0")
        await trio.sleep(5)
        entries = [_execution_summary(entry) for entry in await stage.environment_history()]
        assert len(entries) == len(told) + 2
        return entries[:-2]

    assert play(story, dialect=dialect) == told


def _execution_summary(execution: dict[str, Any]) -> str:
    ((service,),) = (part["services"] for part in execution["stages"])
    assert service["identifier"]["execution_id"] == execution["identifier"]["execution_id"]
    assert service["auditing_data"].get("origin") == execution["auditing_data"].get("origin")
    return f"{execution['status']} {execution['action_status']} {_summary(service)}"


def test_environment_history_has_pages_of_twenty() -> None:
    async def story(stage: Stage) -> list[int]:
        for _ in range(25):
            stage.world.deploy(HELM_ID)
            await trio.sleep(20)
        path = f"/environment/{STAGING_ID}/deploymentHistoryV2"
        return [len((await stage.read(f"{path}{query}"))["results"]) for query in ("", "?pageSize=3", "?pageSize=100")]

    assert play(story) == [20, 3, 27]


@pytest.mark.parametrize(
    ("dialect", "state", "count"),
    [
        pytest.param(Dialect(), "DEPLOYING", 1, id="at once"),
        pytest.param(Dialect(status_lag=5), "DEPLOYED", 0, id="late"),
    ],
)
def test_environment_status(dialect: Dialect, state: str, count: int) -> None:
    """Seen at 3, when one deployment runs and one waits."""

    async def story(stage: Stage) -> None:
        for _ in range(2):
            await stage.deploy()
        await trio.sleep(3)
        status = await stage.read(f"/environment/{STAGING_ID}/status")
        number = stage.world.executions()[-1].id if count else f"{STAGING_ID}-2"
        assert (status["state"], status["last_deployment_id"]) == (state, number)
        assert (status["origin"], status["triggered_by"]) == (("API", CI_USER) if count else ("CONSOLE", COLLEAGUE))
        statuses = await stage.read(f"/environment/{STAGING_ID}/statuses")
        assert statuses["environment"] == status
        counts = {each["id"]: each["deployment_requests_count"] for each in statuses["helms"]}
        assert counts == {HELM_ID: count, GIT_HELM_ID: 0}

    play(story, dialect=dialect)


SECOND, FIRST = 1785758420, 1785758400


@pytest.mark.parametrize(
    ("dialect", "ends"),
    [
        pytest.param(Dialect(), ["-3", "-4"], id="numbered by start"),
        pytest.param(Dialect(execution_numbers="queued"), ["-3", "-6"], id="numbered in the queue"),
        pytest.param(
            Dialect(execution_numbers="queued", merge_survivor="newer"), ["-3", "-6"], id="number of the older request"
        ),
        pytest.param(
            Dialect(execution_id_form="timestamp"), [f"-3-{FIRST}", f"-4-{SECOND}"], id="numbered, with a time"
        ),
        pytest.param(
            Dialect(execution_numbers="queued", execution_id_form="timestamp"),
            [f"-3-{FIRST}", f"-6-{SECOND}"],
            id="numbered in the queue, with a time",
        ),
    ],
)
def test_execution_ids_are_numbered(dialect: Dialect, ends: list[str]) -> None:
    """One request runs, two are removed from the queue, and of two more one is merged into the other."""
    assert play(_two_executions, dialect=dialect) == [f"{STAGING_ID}{end}" for end in ends]


def test_execution_ids_without_number() -> None:
    ids = play(_two_executions, dialect=Dialect(execution_numbers="none"))
    assert len({str(UUID(each)) for each in ids} & set(ids)) == 2


async def _two_executions(stage: Stage) -> list[str]:
    await stage.deploy()
    for _ in range(2):
        request_id = (await stage.deploy())["deployment_request_id"]
        stage.world.cancel_request(request_id)
    for _ in range(2):
        await stage.deploy()
    await trio.sleep(100)
    history = await stage.history()
    assert [entry["identifier"]["execution_id"] for entry in history[1::-1]] == [
        each.id for each in stage.world.executions()[-2:]
    ]
    return [each.id for each in stage.world.executions()[-2:]]


@pytest.mark.parametrize(
    ("dialect", "answered", "services"),
    [
        pytest.param(Dialect(), "newer", 1, id="by service"),
        pytest.param(Dialect(merges="environment"), "older", 2, id="by environment"),
        pytest.param(Dialect(merges="environment", merged_id_in_answer="own"), "newer", 2, id="own id"),
        pytest.param(Dialect(merges="environment", merge_survivor="newer"), "newer", 2, id="newer survives"),
    ],
)
@pytest.mark.parametrize("is_environment_first", [pytest.param(True, id="first"), pytest.param(False, id="second")])
def test_environment_call_may_be_merged(
    dialect: Dialect, answered: str, services: int, is_environment_first: object
) -> None:
    """A call for the environment before or after one for another of its services."""

    async def story(stage: Stage) -> None:
        stage.world.deploy(HELM_ID)
        if is_environment_first:
            await stage.deploy_all(HELM_ID)
            accepted = await stage.deploy(GIT_HELM_ID)
        else:
            await stage.deploy(HELM_ID)
            accepted = await stage.deploy_all(GIT_HELM_ID)
        older, newer = stage.world.ledger.via_http()
        assert accepted["deployment_request_id"] == {"older": older, "newer": newer}[answered].request_id
        await trio.sleep(100)
        assert len(stage.world.ledger.fate(older.request_id).final_states) == services

    play(story, dialect=dialect)


@pytest.mark.parametrize(
    ("dialect", "path"),
    [
        pytest.param(Dialect(queue_endpoint=False), f"/service/{HELM_ID}/deploymentQueue", id="no queue"),
        pytest.param(Dialect(history_endpoint=False), f"/helm/{HELM_ID}/deploymentHistoryV2", id="no history"),
        pytest.param(
            Dialect(history_endpoint=False), f"/environment/{STAGING_ID}/deploymentHistoryV2", id="no history of all"
        ),
        pytest.param(Dialect(deleted_vanishes=True), f"/helm/{HELM_ID}/status", id="no service once deleted"),
    ],
)
def test_a_call_may_not_exist(dialect: Dialect, path: str) -> None:
    async def story(stage: Stage) -> int:
        stage.world.delete(HELM_ID)
        await trio.sleep(10)
        return (await stage.client.get(path)).status_code

    assert play(story, dialect=dialect) == 404
