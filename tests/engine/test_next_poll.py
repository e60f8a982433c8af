"""Which calls the engine wants next, and when."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from qovery_helm_deploy.deployment.judgement import Judgement, judge, when_to_poll
from qovery_helm_deploy.deployment.next_poll import RECORDS, Source, wanted_now, with_the_same
from qovery_helm_deploy.deployment.observations import Call
from qovery_helm_deploy.deployment.standing import Standing
from qovery_helm_deploy.deployment.status import EnvironmentStatuses, State, Status
from tests.engine.examples import ENVIRONMENT, SERVICE, execution, lost, polled, record

QUEUE, HISTORY = frozenset({Source.QUEUE}), frozenset({Source.HISTORY})


@pytest.mark.parametrize(
    ("standing", "shown_by", "wanted"),
    [(Standing.QUEUED, State.DEPLOYMENT_QUEUED, QUEUE), (Standing.RUNNING, State.DEPLOYING, HISTORY)],
)
def test_reads_more_unless_a_trusted_answer_shows_the_same(
    standing: Standing, shown_by: State, wanted: frozenset[Source]
) -> None:
    alike, different = (record().with_answer(Call(1.0, 1.1), state) for state in (shown_by, State.DEPLOYED))
    judgement = Judgement(standing=standing)
    assert wanted_now(alike, judgement) == frozenset()
    assert wanted_now(alike, replace(judgement, trusts_answers=False)) == wanted
    assert wanted_now(different, judgement) == wanted
    assert wanted_now(record(), judgement) == wanted


@pytest.mark.parametrize(("standing", "wanted"), [(Standing.STARTING, RECORDS), (Standing.ENDED, frozenset())])
def test_reads_everything_while_nothing_is_clear(standing: Standing, wanted: frozenset[Source]) -> None:
    assert wanted_now(record(), Judgement(standing=standing)) == wanted


def test_reads_everything_if_a_queued_answer_is_old() -> None:
    seen = record().with_answer(Call(1.0, 1.1), State.DEPLOYMENT_QUEUED)
    assert wanted_now(seen, Judgement(standing=Standing.STARTING)) == RECORDS


def test_reads_the_history_once_it_shows_that_ours_runs() -> None:
    """Until then, this execution may have ended before our request left the queue at 20.1 s."""
    seen = polled(record(), 10.0, queue=["own"]).with_queue(Call(20.0, 20.1), [])
    seen = seen.with_history(Call(24.0, 24.1), [execution(f"{ENVIRONMENT}-1", State.DEPLOYING)])
    sources, at = when_to_poll(seen, at=24.1)
    assert sources == HISTORY
    assert at == pytest.approx(25.1, abs=0.1)


def test_reads_the_queue_once_it_lists_every_request_sent() -> None:
    """A queue without our request may be older than our request."""
    sources, at = when_to_poll(polled(record(), 1.0), at=1.1)
    assert sources == QUEUE
    assert at == pytest.approx(3.0, abs=0.1)


@pytest.mark.parametrize("at", [90.1, 1000.0])
def test_reads_nothing_if_time_cannot_decide(at: float) -> None:
    """One of the two executions came from a request that no poll showed."""
    both = [execution(f"{ENVIRONMENT}-2"), execution(f"{ENVIRONMENT}-1", State.DEPLOYMENT_ERROR)]
    seen = polled(polled(record(), 6.0, history=both), 90.0, history=both)
    assert when_to_poll(seen, at=at) == (frozenset(), math.inf)


def test_reads_on_until_a_late_request_cannot_come_any_more() -> None:
    """After a lost answer, and with no poll for a minute."""
    seen = lost(record())
    for at in (1.0, 6.0, 72.0):
        seen = polled(seen, at)
    sources, at = when_to_poll(seen, at=72.1)
    assert sources == HISTORY
    assert at == pytest.approx(82.1, abs=0.1)
    assert judge(polled(seen, at), at=at).is_accepted is False


@pytest.mark.parametrize("sources", [frozenset(), QUEUE, HISTORY, RECORDS])
def test_repeats_only_what_was_read(sources: frozenset[Source]) -> None:
    unread = record(queue=None, history=None)
    assert with_the_same(unread, sources, at=9.0) == unread
    read = record(queue=["first"]).with_history(Call(1.0, 1.1), [execution(f"{ENVIRONMENT}-1", State.DEPLOYING)])
    repeated = with_the_same(read, sources, at=9.0)
    assert repeated.requests["first"].listed_last == (9.0 if Source.QUEUE in sources else -0.5)
    assert repeated.executions[f"{ENVIRONMENT}-1"].running_last == (9.0 if Source.HISTORY in sources else 1.0)
    assert repeated.empty_queues == ()


@pytest.mark.parametrize("sources", [RECORDS, HISTORY])
def test_repeats_empty_queue_by_statuses_without_a_queue(sources: frozenset[Source]) -> None:
    status = Status(state=State.DEPLOYED, queued_requests=0)
    empty = EnvironmentStatuses(services={SERVICE: status})
    blind = record(queue=None).with_statuses(Call(1.0, 1.1), empty)
    assert len(with_the_same(blind, sources, at=9.0).empty_queues) == 1 + (Source.QUEUE in sources)
    read = record().with_statuses(Call(1.0, 1.1), empty)
    assert len(with_the_same(read, sources, at=9.0).empty_queues) == 1
