from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import anyio
import pytest

from qovery_helm_deploy.deployment.log_entry import LogEntry
from qovery_helm_deploy.deployment.verdict import Outcome, Verdict
from qovery_helm_deploy.run.deployment_log import DeploymentLog
from tests.deployments.case import RecordingLog
from tests.unit.scripted import Reply, Talk, talk

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from qovery_helm_deploy.qovery.client import Client
    from qovery_helm_deploy.run.following import Follower


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


@dataclass
class Claimed:
    execution_id: str | None = "e-1"


@dataclass
class Followed:
    """What the log needs of a follower: whose execution it is by now."""

    claim: Claimed


def read(story: Callable[[DeploymentLog], Awaitable[object]], *replies: Reply) -> tuple[RecordingLog, Talk]:
    log = RecordingLog()

    async def main(client: Client) -> object:
        return await story(DeploymentLog(client, log, service_id="s", environment_id="env", label="api"))

    return log, talk(main, *replies)


def test_errors_come_first_and_the_end_of_the_log_is_folded() -> None:
    log, went = read(
        lambda shown: shown.show_failure("e-1"), answer(entry("start"), entry("", error="no image"), entry("end"))
    )
    assert log.lines == ["api: what Qovery says went wrong:", "api: the end of Qovery's deployment log"]
    assert log.quoted == ["no image", "start", "no image", "end"]
    assert went.value == LogEntry(transmitter_id="s", message="", error="no image")
    assert went.requests[0].url.raw_path == b"/environment/env/logs?version=e-1"


def test_a_log_without_errors_is_folded_alone() -> None:
    log, went = read(lambda shown: shown.show_failure("e-1"), answer(entry("start")))
    assert log.lines == ["api: the end of Qovery's deployment log"]
    assert (log.quoted, went.value) == (["start"], None)


def test_an_empty_log_shows_nothing() -> None:
    log, went = read(lambda shown: shown.show_failure("e-1"), answer())
    assert (log.lines, log.quoted, went.value) == ([], [], None)


def test_entries_of_other_services_are_left_out() -> None:
    log, _ = read(
        lambda shown: shown.show_failure("e-1"),
        answer(entry("ours"), entry("theirs", service="t", error="theirs"), entry("everybody's", service=None)),
    )
    assert log.quoted == ["ours", "everybody's"]


def test_what_is_shown_is_bounded() -> None:
    entries = [entry("x\ny", error=f"{number}\nmore") for number in range(1000)]
    log, _ = read(lambda shown: shown.show_failure("e-1"), answer(*entries))
    assert len(log.quoted) == 60 + 50
    assert (log.quoted[0], log.quoted[60], log.quoted[-2:]) == ("0", "975", ["999", "more"])


def test_a_log_that_cannot_be_read_is_told_and_changes_nothing() -> None:
    log, went = read(lambda shown: shown.show_failure("e-1"), Reply(status=403))
    assert log.lines == ["api: Qovery's deployment log cannot be read: Qovery answered 403 Forbidden."]
    assert (went.value, went.error) == (None, None)


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


def test_a_log_is_followed_every_twenty_seconds() -> None:
    async def follow(shown: DeploymentLog) -> None:
        with anyio.move_on_after(65.0):
            await shown.follow(cast("Follower", Followed(Claimed())))

    log, went = read(follow, answer(entry("one")), answer(entry("one"), entry("two")))
    assert log.quoted == ["one", "two"]
    assert (len(went.requests), went.took) == (3, 65.0)


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
