"""Each value of each dialect field."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
import trio

from qovery_sandbox import CI_USER, COLLEAGUE, GIT_HELM_ID, HELM_ID, STAGING_ID, Dialect, deployment
from tests.sandbox.session import Sandbox, run


def _named(request_id: str | None, names: dict[str, str]) -> str | None:
    return None if request_id is None else names.get(request_id, "earlier")


@pytest.mark.parametrize(
    ("dialect", "ids"),
    [
        pytest.param(Dialect(), ["new", "new", "new"], id="id always"),
        pytest.param(Dialect(id_while_running="null", id_after_end="null"), ["new", None, None], id="id while queued"),
        pytest.param(Dialect(id_after_end="null"), ["new", "new", None], id="id until the end"),
        pytest.param(Dialect(id_while_queued="null"), ["other", "new", "new"], id="id from the start"),
        pytest.param(Dialect(id_while_queued="at_rest"), ["other", "new", "new"], id="id of queued request at rest"),
        pytest.param(
            Dialect(id_while_queued="null", id_while_running="next", id_after_end="next"),
            ["new", None, None],
            id="id of next request",
        ),
        pytest.param(
            Dialect(id_while_queued="null", id_while_running="null", id_after_end="null"),
            [None, None, None],
            id="no id",
        ),
    ],
)
def test_request_id_in_status(dialect: Dialect, ids: list[str | None]) -> None:
    """The new request is queued behind another one of the service, then runs, then has ended."""

    async def session(sandbox: Sandbox) -> list[str | None]:
        other = sandbox.world.deploy(HELM_ID)
        new = (await sandbox.deploy())["deployment_request_id"]
        seen = []
        for _ in range(3):
            seen.append(_named((await sandbox.status())["deployment_request_id"], {other: "other", new: "new"}))
            await trio.sleep(21)
        return seen

    assert run(session, dialect=dialect) == ids


@pytest.mark.parametrize(
    ("dialect", "shown"),
    [
        pytest.param(Dialect(), "new", id="own"),
        pytest.param(Dialect(id_while_queued="at_rest"), "new", id="at rest"),
        pytest.param(Dialect(id_while_queued="null"), "earlier", id="previous request"),
        pytest.param(Dialect(id_while_queued="null", id_after_end="null"), None, id="none"),
    ],
)
def test_request_id_while_another_service_runs(dialect: Dialect, shown: str | None) -> None:
    async def session(sandbox: Sandbox) -> str | None:
        sandbox.world.deploy(GIT_HELM_ID)
        new = (await sandbox.deploy())["deployment_request_id"]
        return _named((await sandbox.status())["deployment_request_id"], {new: "new"})

    assert run(session, dialect=dialect) == shown


@pytest.mark.parametrize(
    ("dialect", "state", "action_status"),
    [
        pytest.param(Dialect(), "DEPLOYMENT_QUEUED", "QUEUED", id="DEPLOYMENT_QUEUED"),
        pytest.param(Dialect(queued_state="QUEUED"), "QUEUED", "QUEUED", id="QUEUED"),
        pytest.param(Dialect(queued_state="previous"), "DEPLOYED", "SUCCESS", id="previous state"),
    ],
)
def test_state_of_queued_service(dialect: Dialect, state: str, action_status: str) -> None:
    async def session(sandbox: Sandbox) -> None:
        sandbox.world.deploy(GIT_HELM_ID)
        await sandbox.deploy()
        status = await sandbox.status()
        assert (status["state"], status["status_details"]["status"]) == (state, action_status)
        assert status["deployment_requests_count"] == 1

    run(session, dialect=dialect)


@pytest.mark.parametrize(
    ("dialect", "has_id", "state"),
    [
        pytest.param(Dialect(), True, "DEPLOYMENT_QUEUED", id="fresh body"),
        pytest.param(Dialect(accepted_body="previous"), True, "DEPLOYED", id="previous body"),
        pytest.param(Dialect(accepted_id="null"), False, "DEPLOYMENT_QUEUED", id="no id"),
    ],
)
def test_response_to_deploy_call(dialect: Dialect, has_id: object, state: str) -> None:
    async def session(sandbox: Sandbox) -> None:
        accepted = await sandbox.deploy()
        (entry,) = sandbox.world.ledger.via_http()
        assert accepted["deployment_request_id"] == (entry.request_id if has_id else None)
        assert accepted["state"] == state

    run(session, dialect=dialect)


@pytest.mark.parametrize(
    ("dialect", "id_in_response"),
    [
        pytest.param(Dialect(), "older", id="survivor"),
        pytest.param(Dialect(merged_id_in_answer="own"), "newer", id="own"),
        pytest.param(Dialect(merge_survivor="newer"), "newer", id="own, which survives"),
    ],
)
def test_id_in_response_after_merge(dialect: Dialect, id_in_response: str) -> None:
    async def session(sandbox: Sandbox) -> str:
        sandbox.world.deploy(HELM_ID)
        await sandbox.deploy()
        accepted = await sandbox.deploy()
        older, newer = sandbox.world.ledger.via_http()
        return {older.request_id: "older", newer.request_id: "newer"}[accepted["deployment_request_id"]]

    assert run(session, dialect=dialect) == id_in_response


@pytest.mark.parametrize(
    ("dialect", "seen_at"),
    [
        pytest.param(Dialect(), [0, 0, 0], id="nothing lags"),
        pytest.param(Dialect(status_lag=3), [3, 0, 0], id="the status lags"),
        pytest.param(Dialect(history_lag=4), [0, 4, 0], id="the history lags"),
        pytest.param(Dialect(queue_lag=2, history_lag=1), [0, 1, 2], id="queue and history lag"),
    ],
)
def test_responses_lag(dialect: Dialect, seen_at: list[int]) -> None:
    """The age in seconds of a running and a queued request when status, history and queue first show them."""

    async def session(sandbox: Sandbox) -> list[int]:
        await sandbox.deploy()
        await sandbox.deploy()
        first: list[int | None] = [None, None, None]
        for second in range(6):
            news = (
                (await sandbox.status())["state"] != "DEPLOYED",
                len(await sandbox.history()) > 1,
                bool(await sandbox.queued_ids()),
            )
            first = [second if is_new and at is None else at for is_new, at in zip(news, first, strict=True)]
            await trio.sleep(1)
        return [-1 if at is None else at for at in first]

    assert run(session, dialect=dialect) == seen_at


def test_pickup_delay() -> None:
    async def session(sandbox: Sandbox) -> None:
        request_id = (await sandbox.deploy())["deployment_request_id"]
        await trio.sleep(5)
        status = await sandbox.status()
        assert (status["state"], status["deployment_request_id"]) == ("DEPLOYMENT_QUEUED", request_id)
        assert await sandbox.queued_ids() == []
        assert not sandbox.world.cancel_request(request_id)
        await trio.sleep(6)
        assert sandbox.world.ledger.fate(request_id).began_at == 10

    run(session, dialect=Dialect(pickup_delay=10))


def test_dispatch_delay() -> None:
    async def session(sandbox: Sandbox) -> None:
        accepted = await sandbox.deploy()
        assert await sandbox.queued_ids() == [accepted["deployment_request_id"]]
        await trio.sleep(100)
        (entry,) = sandbox.world.ledger.via_http()
        assert (entry.began_at, entry.ended_at) == (4, 24)

    run(session, dialect=Dialect(dispatch_delay=4))


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
def test_optional_status_fields(dialect: Dialect, keys: set[str]) -> None:
    async def session(sandbox: Sandbox) -> set[str]:
        return _status_keys(await sandbox.status())

    assert run(session, dialect=dialect) == keys


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [
        pytest.param(Dialect(), ["API 1.5.0 +3", "CONSOLE 1.4.2 +0", "CONSOLE 1.4.2"], id="all fields"),
        pytest.param(Dialect(history_origin=False), ["None 1.5.0 +3", "None 1.4.2 +0", "None 1.4.2"], id="no origin"),
        pytest.param(
            Dialect(history_versions=False), ["API None +3", "CONSOLE None +0", "CONSOLE None"], id="no versions"
        ),
        pytest.param(Dialect(history_lists_running=False), ["CONSOLE 1.4.2 +0", "CONSOLE 1.4.2"], id="ended only"),
        pytest.param(
            Dialect(history_created_at="accepted"),
            ["API 1.5.0 +1", "CONSOLE 1.4.2 +0", "CONSOLE 1.4.2"],
            id="date of acceptance",
        ),
    ],
)
def test_service_history(dialect: Dialect, expected: list[str]) -> None:
    """Newest first: accepted at 1 and begun at 3; a colleague's, begun at 0; one before the start of the world."""

    async def session(sandbox: Sandbox) -> list[str]:
        sandbox.world.deploy(HELM_ID, plan=deployment(3))
        await trio.sleep(1)
        await sandbox.deploy(chart_version="1.5.0")
        await trio.sleep(5)
        return [_summary(entry) for entry in await sandbox.history()]

    assert run(session, dialect=dialect) == expected


def _summary(entry: dict[str, Any]) -> str:
    version = entry["details"].get("repository", {}).get("chart_version")
    created_at = entry["auditing_data"]["created_at"]
    since = f" +{int(created_at[17:19])}" if created_at.startswith("2026-08-03T12:00:") else ""
    return f"{entry['auditing_data'].get('origin')} {version}{since}"


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [
        pytest.param(
            Dialect(),
            ["DEPLOYING ONGOING API 1.5.0 +3", "DEPLOYED SUCCESS CONSOLE 1.4.2 +0"],
            id="all fields",
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
        pytest.param(Dialect(history_lists_running=False), ["DEPLOYED SUCCESS CONSOLE 1.4.2 +0"], id="ended only"),
        pytest.param(
            Dialect(history_lag=4),
            ["DEPLOYING ONGOING CONSOLE 1.4.2 +0"],
            id="lagging",
        ),
        pytest.param(
            Dialect(history_created_at="accepted"),
            ["DEPLOYING ONGOING API 1.5.0 +1", "DEPLOYED SUCCESS CONSOLE 1.4.2 +0"],
            id="date of acceptance",
        ),
    ],
)
def test_environment_history(dialect: Dialect, expected: list[str]) -> None:
    """At 6: an execution accepted at 1 and begun at 3, and a colleague's, begun at 0."""

    async def session(sandbox: Sandbox) -> list[str]:
        sandbox.world.deploy(HELM_ID, plan=deployment(3))
        await trio.sleep(1)
        await sandbox.deploy(chart_version="1.5.0")
        await trio.sleep(5)
        entries = [_execution_summary(entry) for entry in await sandbox.environment_history()]
        assert len(entries) == len(expected) + 2
        return entries[:-2]

    assert run(session, dialect=dialect) == expected


def _execution_summary(execution: dict[str, Any]) -> str:
    ((service,),) = (part["services"] for part in execution["stages"])
    assert service["identifier"]["execution_id"] == execution["identifier"]["execution_id"]
    assert service["auditing_data"].get("origin") == execution["auditing_data"].get("origin")
    return f"{execution['status']} {execution['action_status']} {_summary(service)}"


def test_environment_history_page_size() -> None:
    async def session(sandbox: Sandbox) -> list[int]:
        for _ in range(25):
            sandbox.world.deploy(HELM_ID)
            await trio.sleep(20)
        path = f"/environment/{STAGING_ID}/deploymentHistoryV2"
        return [
            len((await sandbox.read(f"{path}{query}"))["results"]) for query in ("", "?pageSize=3", "?pageSize=100")
        ]

    assert run(session) == [20, 3, 27]


@pytest.mark.parametrize(
    ("dialect", "state", "count"),
    [
        pytest.param(Dialect(), "DEPLOYING", 1, id="current"),
        pytest.param(Dialect(status_lag=5), "DEPLOYED", 0, id="lagging"),
    ],
)
def test_environment_status(dialect: Dialect, state: str, count: int) -> None:
    """At 3: one deployment runs, and one is queued."""

    async def session(sandbox: Sandbox) -> None:
        for _ in range(2):
            await sandbox.deploy()
        await trio.sleep(3)
        status = await sandbox.read(f"/environment/{STAGING_ID}/status")
        number = sandbox.world.executions()[-1].id if count else f"{STAGING_ID}-2"
        assert (status["state"], status["last_deployment_id"]) == (state, number)
        assert (status["origin"], status["triggered_by"]) == (("API", CI_USER) if count else ("CONSOLE", COLLEAGUE))
        statuses = await sandbox.read(f"/environment/{STAGING_ID}/statuses")
        assert statuses["environment"] == status
        counts = {each["id"]: each["deployment_requests_count"] for each in statuses["helms"]}
        assert counts == {HELM_ID: count, GIT_HELM_ID: 0}

    run(session, dialect=dialect)


SECOND, FIRST = 1785758420, 1785758400


@pytest.mark.parametrize(
    ("dialect", "ends"),
    [
        pytest.param(Dialect(), ["-3", "-4"], id="at start"),
        pytest.param(Dialect(execution_numbers="queued"), ["-3", "-6"], id="in the queue"),
        pytest.param(
            Dialect(execution_numbers="queued", merge_survivor="newer"), ["-3", "-6"], id="older request's number"
        ),
        pytest.param(Dialect(execution_id_form="timestamp"), [f"-3-{FIRST}", f"-4-{SECOND}"], id="with time"),
        pytest.param(
            Dialect(execution_numbers="queued", execution_id_form="timestamp"),
            [f"-3-{FIRST}", f"-6-{SECOND}"],
            id="in the queue, with time",
        ),
    ],
)
def test_execution_ids_are_numbered(dialect: Dialect, ends: list[str]) -> None:
    """One request runs, two are cancelled in the queue, and two more are merged."""
    assert run(_two_executions, dialect=dialect) == [f"{STAGING_ID}{end}" for end in ends]


def test_execution_ids_without_number() -> None:
    ids = run(_two_executions, dialect=Dialect(execution_numbers="none"))
    assert len({str(UUID(each)) for each in ids} & set(ids)) == 2


async def _two_executions(sandbox: Sandbox) -> list[str]:
    await sandbox.deploy()
    for _ in range(2):
        request_id = (await sandbox.deploy())["deployment_request_id"]
        sandbox.world.cancel_request(request_id)
    for _ in range(2):
        await sandbox.deploy()
    await trio.sleep(100)
    history = await sandbox.history()
    assert [entry["identifier"]["execution_id"] for entry in history[1::-1]] == [
        each.id for each in sandbox.world.executions()[-2:]
    ]
    return [each.id for each in sandbox.world.executions()[-2:]]


@pytest.mark.parametrize(
    ("dialect", "id_in_response", "services"),
    [
        pytest.param(Dialect(), "newer", 1, id="by service"),
        pytest.param(Dialect(merges="environment"), "older", 2, id="by environment"),
        pytest.param(Dialect(merges="environment", merged_id_in_answer="own"), "newer", 2, id="own id"),
        pytest.param(Dialect(merges="environment", merge_survivor="newer"), "newer", 2, id="newer survives"),
    ],
)
@pytest.mark.parametrize("is_environment_first", [pytest.param(True, id="first"), pytest.param(False, id="second")])
def test_merges_environment_call(
    dialect: Dialect, id_in_response: str, services: int, is_environment_first: object
) -> None:
    """The call for the environment comes before or after a call for another service."""

    async def session(sandbox: Sandbox) -> None:
        sandbox.world.deploy(HELM_ID)
        if is_environment_first:
            await sandbox.deploy_all(HELM_ID)
            accepted = await sandbox.deploy(GIT_HELM_ID)
        else:
            await sandbox.deploy(HELM_ID)
            accepted = await sandbox.deploy_all(GIT_HELM_ID)
        older, newer = sandbox.world.ledger.via_http()
        assert accepted["deployment_request_id"] == {"older": older, "newer": newer}[id_in_response].request_id
        await trio.sleep(100)
        assert len(sandbox.world.ledger.fate(older.request_id).final_states) == services

    run(session, dialect=dialect)


@pytest.mark.parametrize(
    ("dialect", "path"),
    [
        pytest.param(Dialect(queue_endpoint=False), f"/service/{HELM_ID}/deploymentQueue", id="no queue"),
        pytest.param(Dialect(history_endpoint=False), f"/helm/{HELM_ID}/deploymentHistoryV2", id="no history"),
        pytest.param(
            Dialect(history_endpoint=False),
            f"/environment/{STAGING_ID}/deploymentHistoryV2",
            id="no environment history",
        ),
    ],
)
def test_missing_endpoint(dialect: Dialect, path: str) -> None:
    async def session(sandbox: Sandbox) -> int:
        return (await sandbox.client.get(path)).status_code

    assert run(session, dialect=dialect) == 404
