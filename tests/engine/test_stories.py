"""Which stories are possible."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from qovery_helm_deploy.deployment.asked import Asked
from qovery_helm_deploy.deployment.assumptions import MOST_EXECUTIONS, MOST_REQUESTS
from qovery_helm_deploy.deployment.execution import Execution, Identity, QueuedRequest, ServiceResult
from qovery_helm_deploy.deployment.judgement import judge
from qovery_helm_deploy.deployment.observations import ALWAYS, Call
from qovery_helm_deploy.deployment.rules import Fate, Kind
from qovery_helm_deploy.deployment.standing import Standing
from qovery_helm_deploy.deployment.status import State
from qovery_helm_deploy.deployment.stories import TooManyError, stories_of
from tests.engine.examples import BEFORE, ENVIRONMENT, SERVICE, execution, fewest, lost, observed, queued, record, sent

if TYPE_CHECKING:
    from qovery_helm_deploy.deployment.record import Record

BOB = Identity(user="bob", origin="API")
WAITING = Fate(Kind.WAITING)
FIRST, SECOND = execution(f"{ENVIRONMENT}-1"), execution(f"{ENVIRONMENT}-2", State.DEPLOYING)


def ran(seen: Record, *listed: QueuedRequest, execution: Execution, listed_at: float = 1.0) -> Record:
    """Return the record after the queue listed some requests, and was empty when the history showed an execution."""
    seen = seen.with_queue(Call(listed_at, listed_at + 0.1), listed)
    call = Call(listed_at + 5.0, listed_at + 5.1)
    return seen.with_queue(call, []).with_history(call, [execution])


def joined(seen: Record) -> Record:
    """Return the record of a re-run that follows the running execution."""
    return seen.with_own(replace(seen.own, call=Call(ALWAYS, 0.0), execution_id=SECOND.id))


def kinds(seen: Record) -> set[Kind]:
    return {story.fate.kind for story in stories_of(seen)}


@pytest.mark.parametrize(
    ("requests", "executions", "are_too_many"),
    [
        (MOST_REQUESTS - 1, 0, False),
        (MOST_REQUESTS, 0, True),
        (0, MOST_EXECUTIONS, False),
        (0, MOST_EXECUTIONS + 1, True),
    ],
)
def test_too_many_requests_or_executions(requests: int, executions: int, *, are_too_many: bool) -> None:
    seen = record().with_queue(Call(1.0, 1.1), [queued(f"r{number}") for number in range(requests)])
    newest_first = [execution(f"{ENVIRONMENT}-{number}") for number in range(executions, 0, -1)]
    seen = seen.with_history(Call(1.0, 1.1), newest_first)
    if are_too_many:
        with pytest.raises(TooManyError):
            stories_of(seen)
    else:
        assert stories_of(seen)


def _replaced(case: str) -> Record:
    """Return the record in which an execution has another version than our request asked for."""
    seen, own, other = record(asked=Asked(chart_version="2")), queued("own"), queued("other")
    another = queued("another", services=frozenset({"another"}))
    result = ServiceResult(state=State.DEPLOYED, chart_version="1")
    executed = replace(FIRST, services={SERVICE: result})
    match case:
        case "not merged":
            return ran(seen, own, execution=executed)
        case "others merged":
            requests = (queued("a", by=BOB), queued("b", by=BOB))
            return ran(seen, own, *requests, execution=replace(executed, by=Identity()))
        case "merged into another service's request":
            seen = seen.with_queue(Call(0.5, 0.6), [own, another])
            return ran(seen, another, execution=replace(executed, services={SERVICE: result, "another": result}))
        case "another request merged long before the beginning":
            seen = seen.with_queue(Call(0.5, 0.6), [own, other]).with_queue(Call(1.0, 1.1), [own])
            seen = seen.with_history(Call(100.0, 100.1), [])
            return ran(seen, own, execution=executed, listed_at=100.0)
        case _:
            older = record(asked=Asked(chart_version="2"), queue=["own"])
            return ran(older, own, execution=executed)


@pytest.mark.parametrize(
    ("case", "coincidences"),
    [
        ("not merged", 2),
        ("others merged", 2),
        ("merged into another service's request", 0),
        ("another request merged long before the beginning", 0),
        ("answered with the id of the request it was merged into", 0),
    ],
)
def test_only_a_merged_request_runs_in_another_version(case: str, coincidences: int) -> None:
    """Where nobody saw a merger, nobody saw the other request either: these are two coincidences."""
    replaced = [story for story in stories_of(_replaced(case)) if story.is_replaced]
    assert min(story.coincidences for story in replaced) == coincidences


@pytest.mark.parametrize(
    ("listed", "executed", "is_possible"),
    [(None, "API", True), (None, "CONSOLE", False), ("GITOPS", "GITOPS", True)],
)
def test_our_request_came_through_the_api_if_the_queue_names_no_origin(
    listed: str | None, executed: str, *, is_possible: bool
) -> None:
    own = queued("own", by=Identity(user="ci", origin=listed))
    seen = ran(record(), own, execution=replace(FIRST, by=Identity(user="ci", origin=executed)))
    assert (Kind.EXECUTION in kinds(seen)) is is_possible


def test_listed_request_was_accepted() -> None:
    seen = lost(record()).with_queue(Call(2.0, 2.1), [queued("other")])
    assert {story.request_id for story in stories_of(seen) if story.fate.kind is Kind.NOT_ACCEPTED} == {""}


def test_new_request_may_be_ours_if_the_answer_has_the_id_of_an_older_one() -> None:
    seen = record(queue=["own"]).with_queue(Call(1.0, 1.1), [queued("own"), queued("new")])
    assert fewest(seen)["new", WAITING] == 0


def test_request_of_unknown_services_may_contain_ours() -> None:
    unknown = queued("unknown", services=frozenset())
    seen = record().with_queue(Call(1.0, 1.1), [queued("own"), unknown]).with_queue(Call(2.0, 2.1), [unknown])
    assert fewest(seen)["unknown", WAITING] == 0


def test_request_of_other_services_does_not_contain_ours() -> None:
    """Both requests were listed; then only the other one, while an execution of the other service runs."""
    other = queued("other", services=frozenset({"another"}))
    executed = replace(SECOND, services={"another": ServiceResult(state=State.DEPLOYING)})
    seen = record().with_queue(Call(1.0, 1.1), [queued("own"), other]).with_queue(Call(2.0, 2.1), [other])
    seen = seen.with_history(Call(2.0, 2.1), [executed])
    assert {story.request_id for story in stories_of(seen)} == {"own"}


def test_request_without_id_did_not_merge_into_one_that_left_before() -> None:
    """Only if the listed request is not ours: ours was merged into it unseen, and it into the earlier one."""
    seen = record(queue=["first"], is_sent=False).with_queue(Call(-0.3, -0.2), [])
    seen = sent(seen, request_id=None).with_queue(Call(1.0, 1.1), [queued("new")])
    seen = seen.with_history(Call(1.0, 1.1), [FIRST])
    assert fewest(seen)["first", Fate(Kind.EXECUTION, FIRST.id)] == 2


def test_request_without_id_begins_before_one_that_came_later() -> None:
    """Until second 6, only the time of our call shows when our request came."""
    own, later = queued("ours"), queued("later")
    seen = sent(record(is_sent=False), request_id=None).with_queue(Call(6.0, 6.1), [own])
    seen = seen.with_queue(Call(10.0, 10.1), [own, later]).with_queue(Call(12.0, 12.1), [own])
    assert judge(seen.with_history(Call(12.0, 12.1), [SECOND]), at=12.2).standing is Standing.RUNNING


def test_other_users_request_accounts_for_an_execution_of_an_unnamed_user() -> None:
    seen = record().with_queue(Call(1.0, 1.1), [queued("other", by=BOB), queued("own")])
    seen = seen.with_queue(Call(10.0, 10.1), [])
    seen = seen.with_history(Call(10.0, 10.1), [SECOND, replace(FIRST, by=Identity())])
    assert judge(seen, at=10.2).execution == SECOND


def test_request_for_the_same_execution_matters() -> None:
    """Bob's request may have become the execution, too. A later request of our user came too late."""
    bob = queued("bob's", by=Identity(user="bob"))
    unnamed = replace(FIRST, by=Identity())
    seen = observed(record(), 4.0, queue=[queued("own"), bob], history=[])
    seen = observed(seen, 10.0, queue=[], history=[unnamed])
    seen = observed(seen, 30.0, queue=[queued("later")], history=[unnamed])
    assert fewest(seen)["own", Fate(Kind.REMOVED)] == 1


def test_only_our_own_request_asks_for_differences() -> None:
    """If the execution is ours, the other request was removed."""
    seen = record(asked=Asked(only_differences=True))
    seen = ran(seen, queued("own"), queued("other", by=BOB), execution=replace(FIRST, by=Identity()))
    seen = seen.with_queue(Call(90.0, 90.1), []).with_history(Call(90.0, 90.1), [replace(FIRST, by=Identity())])
    assert fewest(seen)["own", Fate(Kind.EXECUTION, FIRST.id)] == 1
    assert fewest(seen)["own", Fate(Kind.SKIPPED)] == 0


def test_follows_a_joined_execution_while_another_request_waits() -> None:
    other = queued("other", by=Identity(user="bob", origin="CONSOLE"))
    seen = (
        joined(record(history=[SECOND], is_sent=False).with_queue(BEFORE, [other]))
        .with_queue(Call(1.0, 1.1), [other])
        .with_history(Call(1.0, 1.1), [SECOND])
    )
    assert judge(seen, at=1.2).execution == SECOND


def test_a_later_request_is_not_the_one_whose_execution_is_joined() -> None:
    seen = (
        joined(record(history=[SECOND], is_sent=False))
        .with_queue(Call(2.0, 2.1), [queued("later")])
        .with_history(Call(2.0, 2.1), [SECOND])
    )
    assert {request_id for request_id, _ in fewest(seen)} == {""}


def test_a_merger_with_a_request_of_unknown_services_explains_every_service() -> None:
    """The queue names the services of the other request only, and shows that ours took it in."""
    own, other = queued("own", services=frozenset()), queued("other", services=frozenset({"another"}))
    both = replace(FIRST, services={**FIRST.services, "another": ServiceResult(state=State.DEPLOYED)})
    seen = record().with_queue(Call(1.0, 1.1), [own, other]).with_queue(Call(2.0, 2.1), [own])
    seen = ran(seen, own, execution=both, listed_at=2.5)
    seen = seen.with_queue(Call(90.0, 90.1), []).with_history(Call(90.0, 90.1), [both])
    assert judge(seen, at=90.2).standing is Standing.ENDED
