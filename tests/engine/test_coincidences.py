"""What counts as rare."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from qovery_helm_deploy.deployment.asked import Asked
from qovery_helm_deploy.deployment.coincidences import coincidences_of, coincidences_of_acceptance
from qovery_helm_deploy.deployment.execution import Execution, Identity, QueuedRequest, ServiceResult
from qovery_helm_deploy.deployment.observations import Call
from qovery_helm_deploy.deployment.rules import Fate, Kind, StoryRequest
from qovery_helm_deploy.deployment.status import State
from tests.engine.examples import ENVIRONMENT, SERVICE, execution, fewest, lost, queued, record

if TYPE_CHECKING:
    from qovery_helm_deploy.deployment.record import Record

SIMILAR, ANOTHER = execution(f"{ENVIRONMENT}-1"), execution(f"{ENVIRONMENT}-2", by=Identity(origin="CONSOLE"))
CONSOLE = Identity(user="ci", origin="CONSOLE")


def coincidences_of_no_acceptance(seen: Record) -> int:
    own = StoryRequest(id="", seen=seen.own_observed, is_own=True)
    return coincidences_of_acceptance(seen, own, Fate(Kind.NOT_ACCEPTED))


@pytest.mark.parametrize(
    ("began", "coincidences"),
    [
        pytest.param(SIMILAR, 2, id="like our request"),
        pytest.param(replace(SIMILAR, by=CONSOLE), 0, id="from the console"),
        pytest.param(replace(SIMILAR, action="STOP"), 0, id="another action"),
        pytest.param(
            replace(SIMILAR, services={SERVICE: ServiceResult(state=State.DEPLOYED, chart_version="1")}),
            0,
            id="another version",
        ),
    ],
)
def test_not_accepted_is_rare_beside_a_similar_execution(began: Execution, coincidences: int) -> None:
    seen = lost(record(asked=Asked(chart_version="2"), is_sent=False))
    assert coincidences_of_no_acceptance(seen.with_history(Call(1.0, 1.1), [ANOTHER, began])) == coincidences


def test_not_accepted_is_not_rare_if_an_execution_may_be_older() -> None:
    seen = lost(record(history=None, is_sent=False)).with_history(Call(1.0, 1.1), [SIMILAR])
    assert coincidences_of_no_acceptance(seen) == 0


def test_not_accepted_is_not_rare_if_an_execution_began_later() -> None:
    seen = lost(record(is_sent=False)).with_history(Call(7.0, 7.1), []).with_history(Call(8.0, 8.1), [SIMILAR])
    assert coincidences_of_no_acceptance(seen) == 0


@pytest.mark.parametrize(
    ("before", "first", "later", "coincidences"),
    [
        pytest.param([], [queued("other")], [queued("later")], 2, id="like our request"),
        pytest.param([], [queued("other", by=CONSOLE)], [], 0, id="from the console"),
        pytest.param(["other"], [queued("other")], [], 0, id="older"),
        pytest.param([], [], [queued("later")], 0, id="later"),
    ],
)
def test_not_accepted_is_rare_beside_a_similar_request(
    before: list[str], first: list[QueuedRequest], later: list[QueuedRequest], coincidences: int
) -> None:
    seen = lost(record(queue=before, is_sent=False)).with_queue(Call(4.5, 4.6), first)
    assert coincidences_of_no_acceptance(seen.with_queue(Call(5.0, 5.1), [*first, *later])) == coincidences


def test_late_acceptance_is_rare() -> None:
    seen = lost(record(is_sent=False))
    waiting = Fate(Kind.WAITING)
    assert fewest(seen.with_queue(Call(2.0, 2.1), [queued("other")]))["other", waiting] == 0
    seen = seen.with_queue(Call(4.5, 4.6), [])
    assert {fate: coincidences for (_, fate), coincidences in fewest(seen).items()}[waiting] == 1
    assert fewest(seen.with_queue(Call(5.0, 5.1), [queued("other")]))["other", waiting] == 1


def test_only_our_merger_shows_in_added_services() -> None:
    """The queue adds our service to another job's request, after a third request of our service left the queue."""
    another = queued("another", services=frozenset({"another"}))
    grown = replace(another, services=frozenset({"another", SERVICE}))
    seen = record().with_queue(Call(1.0, 1.1), [queued("third")]).with_queue(Call(2.0, 2.1), [])
    seen = seen.with_queue(Call(3.0, 3.1), [another]).with_queue(Call(4.0, 4.1), [grown])
    own = StoryRequest(id="", seen=seen.own_observed, is_own=True)
    third = StoryRequest(id="third", seen=seen.requests["third"])
    merged = Fate(Kind.MERGED, "another")
    assert [coincidences_of(seen, request, merged) for request in (own, third)] == [0, 1]
