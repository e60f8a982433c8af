"""The example in docs/architecture.md shows what the engine decides."""

from __future__ import annotations

import re

import pytest

from qovery_helm_deploy.deployment.asked import Asked
from qovery_helm_deploy.deployment.execution import Execution, Identity, QueuedRequest, ServiceResult
from qovery_helm_deploy.deployment.judgement import judge
from qovery_helm_deploy.deployment.observations import Call, OwnRequest
from qovery_helm_deploy.deployment.record import Record
from qovery_helm_deploy.deployment.rules import Kind
from qovery_helm_deploy.deployment.standing import Standing
from qovery_helm_deploy.deployment.status import State
from qovery_helm_deploy.deployment.stories import stories_of
from tests.docs.test_docs import ARCHITECTURE

SERVICES = frozenset({"shop-api"})
FATES = {
    "is waiting": Kind.WAITING,
    "is starting": Kind.STARTING,
    "was removed": Kind.REMOVED,
    "became 42": Kind.EXECUTION,
}
STANDINGS = {
    "queued": Standing.QUEUED,
    "starting": Standing.STARTING,
    "follow 42": Standing.RUNNING,
    "`succeeded`": Standing.ENDED,
}

_ROW = re.compile(r"^\| (\d+) \| [^|]+ \| ([^|]+) \| ([^|]+) \|$", flags=re.MULTILINE)
_STORY = re.compile(r"\bA (is waiting|is starting|was removed|became 42)[^()]*\((\d)\)")


def at(second: float) -> Call:
    return Call(second, second + 0.1)


def execution(number: int, user: str, state: State) -> Execution:
    return Execution(
        id=f"5f1d2a60-7c3e-4b8a-9d21-0e6f4c7b1a11-{number}",
        state=state,
        is_over=state.is_terminal,
        by=Identity(user=user, origin="API"),
        services={service: ServiceResult(state=state) for service in SERVICES},
        action="DEPLOY",
    )


def records(*, user: str = "ci") -> dict[int, Record]:
    """Return the record at each second of the example; execution 42 is of `user`."""
    own = OwnRequest(services=SERVICES, asked=Asked())
    running, over = execution(41, "ana", State.DEPLOYING), execution(41, "ana", State.DEPLOYED)
    before = Record.of(own).with_queue(at(0), []).with_history(at(0), [running])
    sent = before.with_own(OwnRequest(services=SERVICES, asked=Asked(), call=at(1), id="A"))
    request = QueuedRequest(id="A", by=Identity(user="ci", origin="API"), services=SERVICES, action="DEPLOY")
    queued = sent.with_queue(at(10), [request])
    gone = queued.with_queue(at(20), []).with_history(at(20), [over])
    begun = gone.with_history(at(24), [execution(42, user, State.DEPLOYING), over])
    later = begun.with_history(at(26), [execution(42, user, State.DEPLOYING), over])
    ended = later.with_history(at(60), [execution(42, user, State.DEPLOYED), over])
    return {10: queued, 20: gone, 24: begun, 26: later, 60: ended}


def rows() -> list[tuple[int, list[tuple[Kind, int]], str]]:
    table: list[tuple[int, list[tuple[Kind, int]], str]] = []
    for second, stories, judgement in _ROW.findall(ARCHITECTURE.read_text()):
        found = [(FATES[fate], int(coincidences)) for fate, coincidences in _STORY.findall(stories)]
        # "The same." refers to the row above.
        table.append((int(second), found or table[-1][1], judgement))
    return table


def test_example_has_every_second() -> None:
    assert [second for second, _, _ in rows()] == list(records())


@pytest.mark.parametrize(("second", "stories", "judgement"), rows())
def test_example_shows_stories_and_judgement(second: int, stories: list[tuple[Kind, int]], judgement: str) -> None:
    record = records()[second]
    assert sorted((story.coincidences, story.fate.kind.name) for story in stories_of(record)) == sorted(
        (coincidences, kind.name) for kind, coincidences in stories
    )
    assert judge(record, at=second).standing is STANDINGS[judgement]


def test_execution_of_another_user_replaces_request() -> None:
    record = records(user="bob")[26]
    assert [story.fate.kind for story in stories_of(record)] == [Kind.REMOVED]
    assert judge(record, at=26).standing is Standing.REMOVED
