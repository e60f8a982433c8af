from __future__ import annotations

import json
from typing import TYPE_CHECKING

import anyio
import pytest

from qovery_helm_deploy.deployment.log_entry import LogEntry
from qovery_helm_deploy.deployment.service import Environment, Service, Source
from qovery_helm_deploy.deployment.verdict import Outcome, Verdict
from qovery_helm_deploy.run.deployment_log import DeploymentLog
from qovery_helm_deploy.run.targets import Target
from tests.deployments.case import RecordingLog
from tests.gateway import ScriptedGateway
from tests.unit.scripted import Reply, Talk, talk

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from qovery_helm_deploy.qovery.client import Client


ENVIRONMENT = Environment(id="env", name="staging", project_id="p", organization_id="o", cluster_id="c")
TARGET = Target(
    service=Service(
        id="s",
        name="api",
        environment_id="env",
        source=Source.REPOSITORY,
        has_values_repository=False,
        is_deployed_on_push=False,
    ),
    environment=ENVIRONMENT,
)


def entry(message: str, *, service: str | None = "s", error: str | None = None, at: str = "") -> dict[str, object]:
    transmitter = None if service is None else {"id": service}
    return {
        "timestamp": at,
        "details": {"transmitter": transmitter},
        "message": {"safe_message": message},
        "error": error and {"user_log_message": error},
    }


def answer(*entries: object) -> Reply:
    return Reply(body=json.dumps(entries).encode())


def read(
    story: Callable[[DeploymentLog], Awaitable[object]],
    *replies: Reply,
    gateway: ScriptedGateway | None = None,
) -> tuple[RecordingLog, Talk]:
    log = RecordingLog()

    async def main(client: Client) -> object:
        return await story(DeploymentLog(client, log, targets=[TARGET]))

    return log, talk(main, *replies, gateway=gateway)


def test_errors_come_first_then_folded_log_end() -> None:
    log, went = read(
        lambda shown: shown.show_failures("e-1", service_ids=["s"]),
        answer(entry("start"), entry("", error="no image"), entry("end")),
    )
    assert log.lines == [
        "api (staging): what Qovery says went wrong:",
        "api (staging): the end of Qovery's deployment log",
    ]
    assert log.quoted == ["no image", "start", "no image", "end"]
    assert went.value == {"s": LogEntry(transmitter_id="s", message="", error="no image")}
    assert went.requests[0].url.raw_path == b"/environment/env/logs?version=e-1"


def test_a_log_without_errors_is_folded_alone() -> None:
    log, went = read(lambda shown: shown.show_failures("e-1", service_ids=["s"]), answer(entry("start")))
    assert log.lines == ["api (staging): the end of Qovery's deployment log"]
    assert (log.quoted, went.value) == (["start"], {})


def test_an_empty_log_shows_nothing() -> None:
    log, went = read(lambda shown: shown.show_failures("e-1", service_ids=["s"]), answer())
    assert (log.lines, log.quoted, went.value) == ([], [], {})


def test_entries_of_other_services_are_left_out() -> None:
    log, _ = read(
        lambda shown: shown.show_failures("e-1", service_ids=["s"]),
        answer(entry("ours"), entry("theirs", service="t", error="theirs"), entry("everybody's", service=None)),
    )
    assert log.quoted == ["ours", "everybody's"]


def test_what_is_shown_is_bounded() -> None:
    entries = [entry("x\ny", error=f"{number}\nmore") for number in range(1000)]
    log, _ = read(lambda shown: shown.show_failures("e-1", service_ids=["s"]), answer(*entries))
    assert len(log.quoted) == 60 + 50
    assert (log.quoted[0], log.quoted[60], log.quoted[-2:]) == ("0", "975", ["999", "more"])


def test_unreadable_log_is_reported() -> None:
    log, went = read(lambda shown: shown.show_failures("e-1", service_ids=["s"]), Reply(status=403))
    assert log.lines == ["Qovery's deployment log cannot be read: Qovery answered 403 Forbidden."]
    assert (went.value, went.error) == ({}, None)


def test_news_are_shown_once() -> None:
    async def show_twice(shown: DeploymentLog) -> None:
        await shown.show_news("e-1")
        await shown.show_news("e-1")
        await shown.show_news("e-1")

    one, two = entry("one", at="1"), entry("one", at="2")
    log, _ = read(show_twice, answer(one), answer(one, two), answer(one, two))
    assert log.quoted == ["one", "one"]


def test_no_execution_has_no_log() -> None:
    log, went = read(lambda shown: shown.show_news(None), answer(entry("x")))
    assert (log.quoted, went.requests) == ([], [])


def following(seconds: float) -> Callable[[DeploymentLog], Awaitable[None]]:
    async def follow(shown: DeploymentLog) -> None:
        with anyio.move_on_after(seconds):
            async with anyio.create_task_group() as group:
                group.start_soon(shown.listen, ENVIRONMENT, "e-1")
                await shown.follow(lambda: "e-1")

    return follow


def test_log_is_read_every_twenty_seconds() -> None:
    log, went = read(following(65.0), answer(entry("one")), answer(entry("one"), entry("two")))
    assert log.quoted == ["one", "two"]
    assert (len(went.requests), went.took) == (3, 65.0)


def test_no_log_is_read_before_execution_is_identified() -> None:
    async def follow(shown: DeploymentLog) -> None:
        with anyio.move_on_after(65.0):
            await shown.follow(lambda: None)

    _, went = read(follow, answer(entry("one")))
    assert went.requests == []


def test_pushed_entries_are_shown_and_not_read() -> None:
    pushes = [(5.0 * number, entry(f"{number}")) for number in range(12)]
    gateway = ScriptedGateway(pushes=pushes, stays=True)
    log, went = read(following(60.0), answer(), gateway=gateway)
    assert log.quoted == [f"{number}" for number in range(12)]
    assert went.requests == []
    path, params = gateway.connected[0]
    expected = {"organization": "o", "cluster": "c", "project": "p", "environment": "env", "version": "e-1"}
    assert (path, params) == ("/deployment/logs", expected)


@pytest.mark.parametrize(
    "gateway",
    [
        pytest.param(ScriptedGateway(), id="there is none"),
        pytest.param(ScriptedGateway(stays=True), id="it is silent"),
        pytest.param(ScriptedGateway(pushes=[(1.0, entry("one"))]), id="it ends"),
        pytest.param(ScriptedGateway(pushes=[(1.0, entry("one"))], stays=True), id="it falls silent"),
        pytest.param(
            ScriptedGateway(pushes=[(9.0 * n, {"status": ["unheard of"]}) for n in range(9)], stays=True),
            id="it speaks another language",
        ),
        pytest.param(ScriptedGateway(pushes=[(9.0 * n, n) for n in range(9)], stays=True), id="it speaks in numbers"),
        pytest.param(
            ScriptedGateway(pushes=[(9.0 * n, [entry("theirs", service="t")]) for n in range(9)], stays=True),
            id="it tells of others",
        ),
    ],
)
def test_log_is_shown_whatever_the_gateway_does(gateway: ScriptedGateway) -> None:
    log, _ = read(following(65.0), answer(entry("one")), answer(entry("one"), entry("two")), gateway=gateway)
    assert (log.quoted, log.warnings, log.lines) == (["one", "two"], [], [])


def test_a_flood_is_shown_up_to_a_bound() -> None:
    pushes = [(number / 10, [entry(f"{number}.{line}") for line in range(1000)]) for number in range(20)]
    log, _ = read(following(9.0), answer(), gateway=ScriptedGateway(pushes=pushes, stays=True))
    assert len(log.quoted) == 10_000
    assert log.lines == ["Qovery's log goes on; no more of it is shown."]


@pytest.mark.parametrize(
    ("told", "cause"),
    [
        pytest.param(LogEntry(error="No image.", underlying_error="timed out"), "No image; timed out.", id="both"),
        pytest.param(LogEntry(error="No image.", underlying_error="No image"), "No image.", id="the same twice"),
        pytest.param(LogEntry(error=" ", underlying_error="timed out"), "timed out.", id="blanks before a cause"),
        pytest.param(LogEntry(message="Helm failed", error=""), "Helm failed.", id="only its message has words"),
        pytest.param(LogEntry(message=" ", error=" . "), "", id="nothing that says anything"),
    ],
)
def test_an_entry_tells_a_cause_where_it_has_one(told: LogEntry, cause: str) -> None:
    assert told.cause == cause
    verdict = Verdict(outcome=Outcome.FAILED, reason="It failed.").because_of(told)
    assert verdict.reason == (f"It failed. It says: {cause}" if cause else "It failed.")
