"""What Qovery's answers about the request allow and exclude where the exhaustive check does not reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qovery_helm_deploy.deployment.answers import fits_answer, may_be_of_the_environment, telling
from qovery_helm_deploy.deployment.observations import Answer, Call
from qovery_helm_deploy.deployment.rules import Fate, Kind
from qovery_helm_deploy.deployment.status import State
from tests.engine.examples import ENVIRONMENT, execution, observed, queued, record, with_status

if TYPE_CHECKING:
    from qovery_helm_deploy.deployment.record import Record

FIRST, SECOND = f"{ENVIRONMENT}-1", f"{ENVIRONMENT}-2"


def answer(at: float, state: State) -> Answer:
    return Answer(Call(at, at + 0.1), state)


def failed() -> Record:
    """Return a record in which an execution began after 5 s, ran at 30 s, and had failed by 40 s."""
    seen = observed(record(), 4.0, queue=[queued("own")])
    seen = observed(seen, 10.0, queue=[], history=[])
    seen = observed(seen, 30.0, history=[execution(FIRST, State.DEPLOYING)])
    for at in (40.0, 90.0):
        seen = observed(seen, at, history=[execution(FIRST, State.DEPLOYMENT_ERROR)])
    return seen


@pytest.mark.parametrize(
    ("at", "state", "fate", "fits"),
    [
        pytest.param(2.0, State.DEPLOYING, Kind.EXECUTION, False, id="in progress before the execution"),
        pytest.param(60.0, State.DEPLOYING, Kind.EXECUTION, False, id="in progress after the execution"),
        pytest.param(60.0, State.DEPLOYMENT_QUEUED, Kind.EXECUTION, False, id="queued after the execution"),
        pytest.param(60.0, State.BUILD_ERROR, Kind.EXECUTION, True, id="another error than in the history"),
        pytest.param(60.0, State.DEPLOYED, Kind.EXECUTION, False, id="another end than in the history"),
        pytest.param(60.0, State("NEW_STATE"), Kind.REMOVED, True, id="unknown state"),
        pytest.param(60.0, State.DELETING, Kind.REMOVED, True, id="state of another action"),
    ],
)
def test_answer_fits_what_the_request_had_become(at: float, state: State, fate: Kind, *, fits: bool) -> None:
    became = Fate(fate, FIRST if fate is Kind.EXECUTION else "")
    assert fits_answer(failed(), became, answer(at, state), left_by=10.1) is fits


def test_answer_may_show_an_end_before_the_history() -> None:
    seen = observed(record(), 10.0, history=[execution(FIRST, State.DEPLOYING)])
    assert fits_answer(seen, Fate(Kind.EXECUTION, FIRST), answer(11.0, State.DEPLOYED), left_by=10.1)


def test_history_may_list_an_execution_only_once_it_is_over() -> None:
    seen = observed(record(), 60.0, history=[])
    assert fits_answer(seen, Fate(Kind.STARTING), answer(40.0, State.DEPLOYING), left_by=3.1)


def test_a_starting_request_has_no_end() -> None:
    seen = observed(record(), 60.0, history=[])
    assert not fits_answer(seen, Fate(Kind.STARTING), answer(40.0, State.DEPLOYED), left_by=3.1)


def test_ends_count_from_when_the_request_left_the_queue() -> None:
    """Before that, Qovery may show how an earlier deployment ended."""
    seen = record()
    for at, state in ((1.0, State.DEPLOYED), (2.0, None), (6.0, State.DEPLOYED), (9.0, None)):
        seen = seen.with_answer(Call(at, at + 0.1), state)
    assert not list(telling(seen))
    seen = observed(seen, 4.0, queue=[])
    assert [each.call.asked_at for each in telling(seen)] == [6.0, 9.0]
    moved = record().with_answer(Call(1.0, 1.1), State.DEPLOYMENT_QUEUED).with_answer(Call(2.0, 2.1), State.DEPLOYED)
    assert len(list(telling(moved))) == 2


@pytest.mark.parametrize("is_unseen", [True, False])
def test_answer_fits_an_unseen_execution(*, is_unseen: bool) -> None:
    """Only its number shows that it exists: nobody saw how it ended."""
    known = execution(FIRST, State("UNKNOWN"), is_over=True, is_unseen=is_unseen)
    seen = observed(record(), 10.0, history=[known])
    assert fits_answer(seen, Fate(Kind.EXECUTION, FIRST), answer(11.0, State.DEPLOYED), left_by=10.1) is is_unseen
    assert may_be_of_the_environment(observed(seen, 30.0, history=[known]), answer(20.0, State.DEPLOYED)) is is_unseen


@pytest.mark.parametrize("at", [2.0, 60.0])
def test_environment_is_in_progress_only_with_an_execution(at: float) -> None:
    assert not may_be_of_the_environment(failed(), answer(at, State.DEPLOYING))


@pytest.mark.parametrize("state", [State.DEPLOYMENT_QUEUED, State.DEPLOYED])
def test_environment_is_in_progress_while_an_execution_runs(state: State) -> None:
    """Nothing could be read before the request."""
    seen = record(queue=None, history=None)
    for at in (10.0, 50.0):
        seen = observed(seen, at, history=[execution(FIRST, State.DEPLOYING)])
    assert not may_be_of_the_environment(seen, answer(30.0, state))


def test_environment_may_show_an_execution_from_before() -> None:
    """Nothing could be read before the request, and statuses show only the latest execution."""
    seen = with_status(record(queue=None, history=None), 50.0, State.DEPLOYING, FIRST)
    assert may_be_of_the_environment(seen, answer(10.0, State.DEPLOYED))


def test_environment_may_show_an_end_that_statuses_never_showed() -> None:
    """The statuses showed the first execution only while it ran."""
    seen = with_status(record(), 10.0, State.DEPLOYING, FIRST)
    seen = with_status(seen, 40.0, State.DEPLOYING, SECOND)
    assert may_be_of_the_environment(seen, answer(20.0, State.DEPLOYED))
