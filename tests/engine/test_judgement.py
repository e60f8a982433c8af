"""What the engine concludes from examples that the exhaustive check in tests/proof does not reach."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from qovery_helm_deploy.deployment.asked import Asked
from qovery_helm_deploy.deployment.assumptions import MOST_REQUESTS
from qovery_helm_deploy.deployment.execution import Identity, ServiceResult
from qovery_helm_deploy.deployment.judgement import judge
from qovery_helm_deploy.deployment.observations import Call, OwnRequest
from qovery_helm_deploy.deployment.record import Record
from qovery_helm_deploy.deployment.rules import Kind
from qovery_helm_deploy.deployment.standing import Standing
from qovery_helm_deploy.deployment.status import EnvironmentStatuses, State, Status
from tests.engine.examples import ENVIRONMENT, SERVICE, execution, fewest, lost, polled, queued, record

if TYPE_CHECKING:
    from collections.abc import Sequence


@pytest.mark.parametrize("is_lost", [True, False])
def test_too_many_requests_stay_open(*, is_lost: bool) -> None:
    """After a lost answer, nothing shows then whether Qovery accepted the request."""
    seen = record(queue=[f"r{number}" for number in range(MOST_REQUESTS + 1)])
    judgement = judge(lost(seen) if is_lost else seen, at=1.0)
    assert (judgement.standing, judgement.trusts_answers) == (Standing.UNCLEAR, True)
    assert (judgement.request_id, judgement.is_accepted) == ((None, None) if is_lost else ("own", True))


def test_same_result_in_different_stories() -> None:
    """With DIFF: our request ran with the other one merged into it, or ran nothing and the other one ran."""
    seen = record(queue=["other"], asked=Asked(only_differences=True))
    seen = seen.with_queue(Call(4.0, 4.1), [queued("own")])
    for at in (6.0, 90.0):
        seen = polled(seen, at, history=[execution(f"{ENVIRONMENT}-1")])
    judgement = judge(seen, at=90.1)
    assert (judgement.standing, judgement.execution) == (Standing.ENDED, None)


def test_execution_needs_a_request_for_each_service() -> None:
    """The other request is for another service: it cannot have become an execution of our service."""
    other = replace(queued("other"), services=frozenset({"another"}))
    ended = execution(f"{ENVIRONMENT}-1")
    both = replace(ended, services={**ended.services, "another": ServiceResult(state=State.DEPLOYED)})
    seen = record().with_queue(Call(4.0, 4.1), [other, queued("own")])
    for at in (6.0, 90.0):
        seen = polled(seen, at, history=[both])
    assert judge(seen, at=90.1).standing is Standing.ENDED


def test_order_excludes_an_unseen_request() -> None:
    """An earlier request is still queued, so no unseen request can have begun before our request."""
    seen = record(queue=["first"])
    for at in (1.0, 5.0, 9.0, 19.0):
        seen = seen.with_queue(Call(at, at + 0.1), [queued("first"), queued("own")])
        seen = seen.with_history(Call(at, at + 0.1), [])
    running = execution(f"{ENVIRONMENT}-1", State.DEPLOYING)
    for at in (20.0, 24.0):
        seen = seen.with_queue(Call(at, at + 0.1), [queued("first")]).with_history(Call(at, at + 0.1), [running])
    assert judge(seen, at=24.1).standing is Standing.RUNNING


def test_merged_execution_needs_the_service() -> None:
    """The queue showed our service in another job's request, but the execution does not contain it."""
    other = replace(queued("other"), services=frozenset({"another"}))
    grown = replace(other, services=frozenset({"another", SERVICE}))
    seen = Record.of(OwnRequest(services=frozenset({SERVICE}), asked=Asked())).with_queue(Call(-0.5, -0.4), [other])
    seen = seen.with_history(Call(-0.5, -0.4), [])
    seen = seen.with_own(replace(seen.own, call=Call(-0.1, 0.0), id="own")).with_queue(Call(4.0, 4.1), [grown])
    alone = replace(execution(f"{ENVIRONMENT}-1"), services={"another": ServiceResult(state=State.DEPLOYED)})
    for at in (6.0, 90.0):
        seen = polled(seen, at, history=[alone])
    assert judge(seen, at=90.1).standing is not Standing.ENDED


def test_an_earlier_request_accounts_for_the_earlier_execution() -> None:
    """Both jobs use one token; the execution of the first request is over at the second observation."""
    seen = record(queue=["first"]).with_queue(Call(1.0, 1.1), [queued("own")])
    seen = seen.with_history(Call(1.0, 1.1), [execution(f"{ENVIRONMENT}-1", State.DEPLOYING)])
    seen = seen.with_queue(Call(4.6, 4.7), [queued("own")])
    both = [execution(f"{ENVIRONMENT}-2", State.DEPLOYING), execution(f"{ENVIRONMENT}-1")]
    seen = polled(seen, 10.0, history=both)
    both[0] = execution(f"{ENVIRONMENT}-2")
    for at in (16.0, 90.0):
        seen = polled(seen, at, history=both)
        seen = seen.with_answer(Call(at, at + 0.1), State.DEPLOYED)
    assert judge(seen, at=90.1).standing is Standing.ENDED


@pytest.mark.parametrize(
    ("request_id", "queues", "standing"),
    [
        ("own", [["own"]], Standing.QUEUED),
        ("own", [["own"], []], Standing.STARTING),
        ("own", [[]], Standing.UNCLEAR),
        (None, [["another id"]], Standing.QUEUED),
    ],
    ids=["listed", "no longer listed", "not listed yet", "perhaps listed, as its id is unknown"],
)
def test_request_counts_as_queued_while_it_is_listed(
    request_id: str | None, queues: Sequence[Sequence[str]], standing: Standing
) -> None:
    seen = record()
    seen = seen.with_own(replace(seen.own, id=request_id))
    for at, queue in enumerate(queues, start=1):
        seen = polled(seen, at, queue=queue)
    assert judge(seen, at=2.1).standing is standing


def test_follows_the_request_that_ours_was_merged_into() -> None:
    running = [execution(f"{ENVIRONMENT}-1", State.DEPLOYING)]
    seen = polled(record(queue=["other"], history=running), 4.0, queue=["other", "own"], history=running)
    assert judge(seen, at=4.1).request_id == "own"
    for at in (8.0, 14.0):
        seen = polled(seen, at, queue=["other"], history=running)
    assert judge(seen, at=14.1).request_id == "other"


def test_identifies_only_a_single_candidate() -> None:
    """The other execution came from a request that no poll showed; both end alike."""
    first, second = execution(f"{ENVIRONMENT}-1"), execution(f"{ENVIRONMENT}-2")
    one = polled(polled(record(), 6.0, history=[first]), 90.0, history=[first])
    assert judge(one, at=90.1).execution == first
    two = polled(polled(record(), 6.0, history=[second, first]), 90.0, history=[second, first])
    judgement = judge(two, at=90.1)
    assert (judgement.standing, judgement.execution, judgement.executions) == (Standing.ENDED, None, (first, second))


def test_unchanged_only_after_the_execution_of_another_request() -> None:
    """With DIFF, our request ran nothing: the service is as the other execution leaves it."""
    by = Identity(user="bob", origin="CONSOLE")
    running, over = (execution(f"{ENVIRONMENT}-1", state, by=by) for state in (State.DEPLOYING, State.DEPLOYED))
    seen = polled(record(asked=Asked(only_differences=True)), 4.0, queue=["own"])
    for at in (6.0, 90.0):
        seen = polled(seen, at, history=[running])
    assert judge(seen, at=90.1).standing is Standing.UNCLEAR
    assert judge(polled(seen, 95.0, history=[over]), at=95.1).standing is Standing.UNCHANGED


@pytest.mark.parametrize(
    ("queue", "polls", "is_accepted"),
    [((), [1.0], None), (("own",), [1.0], True), ((), [6.0, 40.0, 80.0], False)],
    ids=["not visible yet", "listed", "never visible"],
)
def test_decides_on_acceptance_after_a_lost_answer(
    queue: Sequence[str], polls: Sequence[float], *, is_accepted: bool | None
) -> None:
    seen = lost(record())
    for at in polls:
        seen = polled(seen, at, queue=queue)
    assert judge(seen, at=polls[-1]).is_accepted is is_accepted


def test_end_while_queued_is_of_an_earlier_deployment() -> None:
    judgement = judge(polled(record().with_answer(Call(4.0, 4.1), State.DEPLOYED), 20.0, queue=["own"]), at=20.1)
    assert (judgement.standing, judgement.trusts_answers) == (Standing.QUEUED, True)


def test_decides_nothing_against_the_end_of_the_request() -> None:
    """The answers say that our request ran and failed. But the history shows only one that began and ended later."""
    seen = polled(record(), 1.0, queue=["own"])
    for at, state in ((20.0, State.DEPLOYING), (28.0, State.DEPLOYMENT_ERROR)):
        seen = polled(seen.with_answer(Call(at, at + 0.1), state), at)
    for at in (60.0, 90.0, 200.0):
        seen = polled(seen, at, history=[execution(f"{ENVIRONMENT}-1")])
    judgement = judge(seen, at=200.1)
    assert (judgement.standing, judgement.executions) == (Standing.UNCLEAR, ())
    assert judgement.trusts_answers


def test_ignores_an_end_that_never_changed() -> None:
    """The answers always show an end; but our request failed, while the environment was in progress."""
    seen = polled(record(), 4.0)
    for at, state in ((10.0, State.DEPLOYING), (16.0, State.DEPLOYING), (40.0, State.DEPLOYMENT_ERROR)):
        seen = seen.with_answer(Call(at, at + 0.1), State.DEPLOYED)
        seen = polled(seen, at, history=[execution(f"{ENVIRONMENT}-1", state)])
    judgement = judge(polled(seen, 90.0, history=[execution(f"{ENVIRONMENT}-1", State.DEPLOYMENT_ERROR)]), at=90.1)
    assert (judgement.standing, judgement.trusts_answers) == (Standing.ENDED, False)


def test_waits_for_the_history_of_an_unseen_execution() -> None:
    """Only the number of our execution shows that it exists: the statuses show the next one, of another user."""
    seen = polled(record(history=[execution(f"{ENVIRONMENT}-7")]), 1.0, queue=["own"]).with_queue(Call(30.0, 30.1), [])
    shown = {SERVICE: Status(state=State.DEPLOYED, execution_id=f"{ENVIRONMENT}-9")}
    statuses = EnvironmentStatuses(services=shown, last_execution_id=f"{ENVIRONMENT}-9", by=Identity(user="bob"))
    for at, state in ((35.0, State.DEPLOYING), (60.0, State.DEPLOYMENT_ERROR), (90.0, State.DEPLOYMENT_ERROR)):
        seen = seen.with_answer(Call(at, at + 0.1), state).with_statuses(Call(at, at + 0.1), statuses)
    judgement = judge(seen, at=90.1)
    assert (judgement.standing, judgement.execution) == (
        Standing.UNCLEAR,
        seen.executions[f"{ENVIRONMENT}-8"].execution,
    )


def test_unseen_merger_identifies_no_request() -> None:
    """No poll showed our request. Qovery may have merged our request into the queued request of another job."""
    seen = record()
    for at in (4.0, 30.0):
        seen = polled(seen, at, queue=["other"])
    assert judge(seen, at=30.1).request_id == "own"
    assert judge(polled(record(), 4.0), at=4.1).request_id == "own"


@pytest.mark.parametrize(("is_listed_first", "request_id"), [(True, "other"), (False, None)])
def test_identifies_request_without_id_if_alone(*, is_listed_first: bool, request_id: str | None) -> None:
    """Qovery returned no id. An answer of the queue without our request may show that our request left it."""
    running = execution(f"{ENVIRONMENT}-1", State.DEPLOYING)
    seen = record(history=[running])
    seen = seen.with_own(replace(seen.own, id=None))
    for at in (2.0, 6.0, 20.0):
        is_listed = is_listed_first or at > 4
        seen = polled(seen, at, queue=["other"] if is_listed else [], history=[running] if is_listed_first else [])
    assert judge(seen, at=20.1).request_id == request_id


def test_an_unchanged_service_is_no_longer_queued() -> None:
    """With DIFF: the queue still lists our request, so it may run."""
    seen = record(asked=Asked(only_differences=True))
    for at in (4.0, 90.0):
        seen = polled(seen, at, queue=["own"])
    assert not {Kind.SKIPPED, Kind.REMOVED} & {fate.kind for _, fate in fewest(seen)}


def test_old_entry_in_progress_does_not_block_ours() -> None:
    """A later execution began: the entry is wrong."""
    old = [execution(f"{ENVIRONMENT}-8"), execution(f"{ENVIRONMENT}-7", State.DEPLOYING)]
    seen = record(history=old)
    for at in (10.0, 90.0):
        seen = polled(seen, at, history=[execution(f"{ENVIRONMENT}-9"), *old])
    assert judge(seen, at=90.1).standing is Standing.ENDED
