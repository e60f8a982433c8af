from __future__ import annotations

import json
from typing import TYPE_CHECKING

import anyio
import pytest

from qovery_helm_deploy.deployment.log_entry import LogEntry
from qovery_helm_deploy.deployment.service import Environment
from qovery_helm_deploy.deployment.verdict import Outcome, Verdict
from qovery_helm_deploy.run.deployment_log import DeploymentLog, Failure
from tests.deployments.case import RecordingLog
from tests.gateway import ScriptedGateway
from tests.unit.scripted import Reply, Talk, talk

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from qovery_helm_deploy.qovery.client import Client


ENVIRONMENT = Environment(id="env", name="staging", project_id="p", organization_id="o", cluster_id="c")


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
        return await story(DeploymentLog(client, log, environment_id="env", service_ids=["s"]))

    return log, talk(main, *replies, gateway=gateway)


def failure(*replies: Reply) -> tuple[Failure, Talk, RecordingLog]:
    log, went = read(lambda shown: shown.failures("e-1", service_ids=["s"]), *replies)
    assert isinstance(went.value, dict)
    return went.value["s"], went, log


def test_failure_has_first_error_and_all_lines() -> None:
    found, went, log = failure(answer(entry("start"), entry("", error="no image"), entry("", error="end")))
    assert found == Failure(
        error=LogEntry(transmitter_id="s", message="", error="no image"), lines=("start", "no image", "end")
    )
    assert (log.lines, log.quoted) == ([], [])
    assert went.requests[0].url.raw_path == b"/environment/env/logs?version=e-1"


@pytest.mark.parametrize(
    ("entries", "lines"),
    [
        pytest.param([], (), id="empty"),
        pytest.param([entry("start")], ("start",), id="no error"),
        pytest.param(
            [entry("own"), entry("other", service="t", error="other"), entry("shared", service=None)],
            ("own", "shared"),
            id="other services",
        ),
    ],
)
def test_log_without_errors_has_only_lines(entries: list[object], lines: tuple[str, ...]) -> None:
    found, _, _ = failure(answer(*entries))
    assert found == Failure(error=None, lines=lines)


def test_keeps_errors_and_last_fifty_lines() -> None:
    errors = [entry("", error=f"{number}\nmore") for number in range(100)]
    found, _, _ = failure(answer(*errors, *(entry(f"line {number}") for number in range(60))))
    assert len(found.lines) == 20 + 1 + 40 + 50
    assert found.lines[19:22] == ("more", "… 140 lines left out …", "80")
    assert (found.lines[0], found.lines[60:62], found.lines[-1]) == ("0", ("more", "line 10"), "line 59")


def test_unreadable_log_is_reported() -> None:
    found, went, log = failure(Reply(status=403, body=b'{"message": "no role"}'))
    assert log.lines == ["Cannot read Qovery's deployment log: Qovery answered 403 Forbidden: no role."]
    assert (found, went.error) == (Failure(error=None, lines=()), None)


def test_new_entries_are_shown_once() -> None:
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


def test_reads_no_log_before_execution_is_identified() -> None:
    async def follow(shown: DeploymentLog) -> None:
        with anyio.move_on_after(65.0):
            await shown.follow(lambda: None)

    _, went = read(follow, answer(entry("one")))
    assert went.requests == []


def test_pushed_entries_need_no_reads() -> None:
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
        pytest.param(ScriptedGateway(), id="absent"),
        pytest.param(ScriptedGateway(stays=True), id="silent"),
        pytest.param(ScriptedGateway(pushes=[(1.0, entry("one"))]), id="closes"),
        pytest.param(ScriptedGateway(pushes=[(1.0, entry("one"))], stays=True), id="becomes silent"),
        pytest.param(
            ScriptedGateway(pushes=[(9.0 * n, {"status": ["unheard of"]}) for n in range(9)], stays=True),
            id="unknown format",
        ),
        pytest.param(ScriptedGateway(pushes=[(9.0 * n, n) for n in range(9)], stays=True), id="numbers"),
        pytest.param(
            ScriptedGateway(pushes=[(9.0 * n, [entry("other", service="t")]) for n in range(9)], stays=True),
            id="other services",
        ),
    ],
)
def test_shows_log_despite_gateway_faults(gateway: ScriptedGateway) -> None:
    log, _ = read(following(65.0), answer(entry("one")), answer(entry("one"), entry("two")), gateway=gateway)
    assert (log.quoted, log.warnings, log.lines) == (["one", "two"], [], [])


def test_shows_at_most_ten_thousand_entries() -> None:
    pushes = [(number / 10, [entry(f"{number}.{line}") for line in range(1000)]) for number in range(20)]
    log, _ = read(following(9.0), answer(), gateway=ScriptedGateway(pushes=pushes, stays=True))
    assert len(log.quoted) == 10_000
    assert log.lines == ["Qovery's log has more than 10000 entries; the rest is in the console"]


@pytest.mark.parametrize(
    ("logged", "cause"),
    [
        pytest.param(LogEntry(error="No image.", underlying_error="timed out"), "No image. timed out.", id="both"),
        pytest.param(LogEntry(error="No image.", underlying_error="No image"), "No image.", id="same text twice"),
        pytest.param(LogEntry(error=" ", underlying_error="timed out"), "timed out.", id="blank error"),
        pytest.param(LogEntry(message="Helm failed", error=""), "Helm failed.", id="only a message"),
        pytest.param(LogEntry(message=" ", error=" . "), "", id="no text"),
    ],
)
def test_cause_of_a_log_entry(logged: LogEntry, cause: str) -> None:
    assert logged.cause == cause
    verdict = Verdict(outcome=Outcome.FAILED, reason="It failed.").because_of(logged)
    assert verdict.reason == (f"{cause} It failed." if cause else "It failed.")
