"""What the record keeps of each observation."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qovery_helm_deploy.deployment.asked import Asked
from qovery_helm_deploy.deployment.observations import ALWAYS, NEVER, Call, OwnRequest
from qovery_helm_deploy.deployment.status import EnvironmentStatuses, State, Status
from tests.engine.examples import BEFORE, ENVIRONMENT, SERVICE, execution, queued, record, sent


def services(*statuses: Status) -> EnvironmentStatuses:
    return EnvironmentStatuses(services=dict(zip((SERVICE, "another"), statuses, strict=False)))


def test_age_is_unknown_without_history_before() -> None:
    seen = record(history=None).with_history(Call(1.0, 1.1), [execution("an id without a number")])
    assert [each.is_new for each in seen.executions.values()] == [None]


def test_ids_without_numbers_use_the_order() -> None:
    old, new = execution("old"), execution("new")
    seen = record(history=[old]).with_history(Call(1.0, 1.1), [new, old, execution("older")])
    assert {key: each.is_new for key, each in seen.executions.items()} == {"old": False, "new": True}


def test_older_numbers_are_never_new() -> None:
    seen = record(history=[execution(f"{ENVIRONMENT}-7"), execution(f"{ENVIRONMENT}-2")])
    seen = seen.with_history(Call(1.0, 1.1), [execution(f"{ENVIRONMENT}-8"), execution(f"{ENVIRONMENT}-3")])
    assert {each.execution.number: each.is_new for each in seen.executions.values()} == {2: False, 7: False, 8: True}


def test_known_ids_on_statuses_are_old() -> None:
    history = [execution(f"x{number}") for number in range(5)]
    status = Status(state=State.DEPLOYED, execution_id="x4")
    seen = record(history=history).with_statuses(Call(1.0, 1.1), services(status))
    assert "x4" not in seen.executions


def test_ended_execution_stays_over() -> None:
    ended, running = execution(f"{ENVIRONMENT}-1"), execution(f"{ENVIRONMENT}-1", State.DEPLOYING)
    seen = record().with_history(Call(1.0, 1.1), [ended]).with_history(Call(2.0, 2.1), [running])
    assert seen.executions[ended.id].execution.is_over


@pytest.mark.parametrize("is_history_first", [True, False], ids=["history first", "statuses first"])
def test_executions_shown_before_the_request_are_old(*, is_history_first: bool) -> None:
    """The history lags behind the statuses; either of them may be answered first."""
    first, second = execution("first"), execution(f"{ENVIRONMENT}-4")
    statuses = EnvironmentStatuses(
        services={SERVICE: Status(state=State.DEPLOYED, execution_id="first")},
        last_execution_id=second.id,
    )
    seen = record(queue=None, history=None, is_sent=False)
    seen = seen.with_history(BEFORE, [execution("older")]) if is_history_first else seen.with_statuses(BEFORE, statuses)
    seen = seen.with_statuses(BEFORE, statuses) if is_history_first else seen.with_history(BEFORE, [execution("older")])
    new = execution(f"{ENVIRONMENT}-5")
    listed = [execution("newest"), new, second, first, execution(f"{ENVIRONMENT}-3")]
    seen = sent(seen).with_history(Call(1.0, 1.1), listed)
    assert {key: each.is_new for key, each in seen.executions.items()} == {"older": False, new.id: True, "newest": True}


def test_baseline_keeps_running_and_latest_executions() -> None:
    over = [execution(f"over-{number}") for number in range(4)]
    seen = record(history=[*over, execution("running", State.DEPLOYING)])
    assert list(seen.executions) == ["running", "over-2", "over-1", "over-0"]


def test_a_higher_number_is_new_wherever_it_is_listed() -> None:
    old, new = execution(f"{ENVIRONMENT}-7"), execution(f"{ENVIRONMENT}-8")
    seen = record(history=[old]).with_history(Call(1.0, 1.1), [old, new])
    assert seen.executions[new.id].is_new


def test_executions_stand_in_the_order_of_their_numbers() -> None:
    second, first = execution(f"{ENVIRONMENT}-10"), execution(f"{ENVIRONMENT}-9")
    seen = record().with_history(Call(1.0, 1.1), [second]).with_history(Call(2.0, 2.1), [first, second])
    assert list(seen.executions) == [first.id, second.id]


def test_one_id_without_a_number_keeps_the_order_of_the_history() -> None:
    listed = [execution(f"{ENVIRONMENT}-9"), execution("another"), execution(f"{ENVIRONMENT}-10")]
    seen = record().with_history(Call(1.0, 1.1), listed)
    assert list(seen.executions) == [each.id for each in reversed(listed)]


@pytest.mark.parametrize(
    ("state", "duration", "since"),
    [(State.DEPLOYED, 4.0, -9.5), (State.DEPLOYED, None, -5.5), (State.DEPLOYING, 4.0, -5.5)],
    ids=["over", "duration unknown", "running"],
)
def test_an_execution_that_is_over_began_its_duration_earlier(
    state: State, duration: float | None, since: float
) -> None:
    """History may list an execution only once it is over."""
    new = execution(f"{ENVIRONMENT}-1", state, duration=duration)
    seen = record().with_history(Call(1.0, 1.1), [new])
    assert seen.executions[new.id].began == (since, 1.1)


def test_the_request_keeps_its_services_if_the_queue_names_none() -> None:
    seen = record().with_queue(Call(1.0, 1.1), [queued("other")])
    seen = seen.with_queue(Call(2.0, 2.1), [replace(queued("other"), services=frozenset())])
    assert seen.requests["other"].request.services == {SERVICE}


def test_a_request_came_after_the_latest_answer_without_it() -> None:
    seen = record().with_queue(Call(4.0, 4.1), []).with_queue(Call(5.0, 5.1), [queued("other"), queued("own")])
    assert seen.requests["other"].came == (1.0, 5.1)
    assert seen.requests["own"].came == seen.own.came


def test_our_request_is_the_listed_one_with_its_id() -> None:
    seen = record().with_queue(Call(1.0, 1.1), [queued("own"), queued("other")])
    assert seen.own_observed is seen.requests["own"]
    seen = seen.with_queue(Call(5.0, 5.1), [queued("other")])
    assert seen.own_observed.gone_by == 5.1
    assert seen.own_observed.beside_when_gone == {"other"}


def test_own_request_differs_from_an_older_one_with_its_id() -> None:
    seen = record(queue=["own"]).with_queue(Call(1.0, 1.1), [queued("own")])
    assert seen.is_answered_with_another
    assert not seen.own_observed.is_listed


def test_unlisted_request_has_left_once_it_had_surely_come() -> None:
    early = record().with_queue(Call(2.9, 2.95), [])
    assert not early.own_observed.gone_by < NEVER
    assert not early.own_observed.is_waiting
    assert early.with_queue(Call(3.0, 3.1), []).own_observed.gone_by == 3.1


def test_equal_answers_in_quick_succession_count_once() -> None:
    seen = record()
    for at in (1.0, 1.5, 2.0, 4.0, 4.5, 5.0):
        seen = seen.with_answer(Call(at - 0.1, at), State.DEPLOYING)
    seen = seen.with_answer(Call(5.4, 5.5), State.DEPLOYED)
    assert [(each.call.answered_at, each.state) for each in seen.answers] == [
        (1.0, State.DEPLOYING),
        (2.0, State.DEPLOYING),
        (4.0, State.DEPLOYING),
        (5.0, State.DEPLOYING),
        (5.5, State.DEPLOYED),
    ]


def test_answers_of_an_old_request_count_less_often() -> None:
    seen = record()
    for at in range(1, 3601):
        seen = seen.with_answer(Call(at - 0.1, float(at)), State.DEPLOYING)
    times = [each.call.answered_at for each in seen.answers]
    assert times[:3] == [1.0, 2.0, 3.0]
    assert [at for at in times if 1000.0 <= at < 1100.0] == [1037.0, 1091.0]
    assert times[-1] == 3600.0


@pytest.mark.parametrize("state", [State.DEPLOYMENT_QUEUED, State.DEPLOYING, State.DEPLOYED, None])
def test_answers_and_statuses_show_a_busy_service(state: State | None) -> None:
    is_busy = state in {State.DEPLOYMENT_QUEUED, State.DEPLOYING}
    assert record().with_answer(Call(1.0, 1.1), state).busy_last == (1.1 if is_busy else ALWAYS)
    if state:
        statuses = services(Status(state=State.DEPLOYED), Status(state=state))
        seen = record(services=[SERVICE, "another"]).with_statuses(Call(1.0, 1.1), statuses)
        assert seen.busy_last == (1.1 if is_busy else ALWAYS)
        assert record().with_statuses(Call(1.0, 1.1), statuses).busy_last == ALWAYS


@pytest.mark.parametrize(
    ("waiting", "is_gone"),
    [((0, 0), True), ((0, 1), False), ((0, None), False), ((), False)],
    ids=["none", "one service's", "unknown", "other services"],
)
def test_statuses_show_an_empty_queue(waiting: tuple[int | None, ...], *, is_gone: bool) -> None:
    statuses = services(*(Status(state=State.DEPLOYED, queued_requests=number) for number in waiting))
    seen = record(queue=None, services=[SERVICE, "another"]).with_statuses(Call(9.0, 9.1), statuses)
    assert (seen.own_observed.gone_by < NEVER) is is_gone
    assert bool(seen.empty_queues) is is_gone


def test_statuses_show_executions_only_without_a_history() -> None:
    status = Status(state=State.DEPLOYING, execution_id=f"{ENVIRONMENT}-1")
    seen = record().with_history(Call(1.0, 1.1), []).with_statuses(Call(31.0, 31.1), services(status))
    assert not seen.executions
    seen = seen.with_statuses(Call(31.1, 31.2), services(status))
    assert list(seen.executions) == [f"{ENVIRONMENT}-1"]


def test_a_request_of_an_earlier_attempt_is_joined() -> None:
    assert OwnRequest(services=frozenset(), asked=Asked(), call=Call(ALWAYS, ALWAYS)).is_joined
    assert not record().own.is_joined


def test_an_older_answer_cannot_make_an_execution_end_later() -> None:
    ended = execution(f"{ENVIRONMENT}-1")
    seen = record().with_history(Call(1.0, 1.1), [ended]).with_history(Call(2.0, 2.1), [replace(ended, duration=3.0)])
    assert seen.executions[ended.id].execution.duration == 3.0
    assert seen.executions[ended.id].over_by == 1.1


@pytest.mark.parametrize(
    ("before", "shown", "unseen"),
    [
        ([f"{ENVIRONMENT}-7", f"{ENVIRONMENT}-6"], [f"{ENVIRONMENT}-8"], []),
        ([f"{ENVIRONMENT}-70"], [f"{ENVIRONMENT}-72"], [f"{ENVIRONMENT}-71"]),
        ([f"{ENVIRONMENT}-7"], [f"{ENVIRONMENT}-10", f"{ENVIRONMENT}-8"], [f"{ENVIRONMENT}-9"]),
        ([f"{ENVIRONMENT}-7"], [f"{ENVIRONMENT}-10", "new"], []),
        ([], [f"{ENVIRONMENT}-2"], []),
        (["old"], [f"{ENVIRONMENT}-2"], []),
        ([f"{ENVIRONMENT}-7", "old"], [f"{ENVIRONMENT}-9"], []),
        (None, [f"{ENVIRONMENT}-2"], []),
    ],
    ids=[
        "none",
        "one",
        "one between",
        "one without a number",
        "none before",
        "no numbers before",
        "one without a number before",
        "nothing read before",
    ],
)
def test_numbers_show_what_statuses_leave_out(before: list[str] | None, shown: list[str], unseen: list[str]) -> None:
    """Statuses show the latest execution of each service; an earlier one may belong to our request."""
    history = None if before is None else [execution(each) for each in before]
    seen = record(history=history, services=[SERVICE, "another"])
    statuses = services(*(Status(state=State.DEPLOYED, execution_id=each) for each in shown))
    seen = seen.with_statuses(Call(60.0, 60.1), statuses)
    assert [key for key, each in seen.executions.items() if each.execution.is_unseen] == unseen


def test_a_history_replaces_unseen_executions() -> None:
    seen = record(history=[execution(f"{ENVIRONMENT}-7")])
    for at in (60.0, 70.0):
        status = Status(state=State.DEPLOYED, execution_id=f"{ENVIRONMENT}-10")
        seen = seen.with_statuses(Call(at, at + 0.1), services(status))
    assert seen.executions[f"{ENVIRONMENT}-8"].began == (-5.5, 60.1)
    seen = seen.with_history(Call(80.0, 80.1), [execution(f"{ENVIRONMENT}-10"), execution(f"{ENVIRONMENT}-9")])
    assert list(seen.executions) == [f"{ENVIRONMENT}-{number}" for number in (7, 9, 10)]
    assert not seen.executions[f"{ENVIRONMENT}-9"].execution.is_unseen


def test_an_execution_is_over_once_a_later_one_began() -> None:
    """Qovery still shows the earlier one in progress."""
    earlier, later = execution(f"{ENVIRONMENT}-1", State.DEPLOYING), execution(f"{ENVIRONMENT}-2", State.DEPLOYING)
    seen = record().with_history(Call(1.0, 1.1), [earlier])
    assert seen.executions[earlier.id].is_running
    for at in (8.0, 30.0):
        seen = seen.with_history(Call(at, at + 0.1), [later, earlier])
    assert [each.is_running for each in seen.executions.values()] == [False, True]
    assert seen.executions[earlier.id].ended == (3.0, 8.1)
