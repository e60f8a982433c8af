from __future__ import annotations

import pytest

from qovery_helm_deploy.deployment.execution import Execution, Identity, ServiceResult
from qovery_helm_deploy.deployment.status import EnvironmentStatuses, State, Status, Step

ENVIRONMENT = "5f1d2a60-7c3e-4b8a-9d21-0e6f4c7b1a11"
ALICE = Identity(user="alice", origin="CONSOLE")
STEPS = (Step(name="DEPLOYMENT", status="SUCCESS", duration=5.0),)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.DEPLOYED, "deployed"),
        (State.DEPLOYMENT_QUEUED, "deployment queued"),
        (State("TELEPORTED_AWAY"), "teleported away"),
    ],
    ids=str,
)
def test_a_state_has_words(state: State, words: str) -> None:
    assert state.in_words == words


@pytest.mark.parametrize("state", State)
def test_state_kinds_do_not_overlap(state: State) -> None:
    assert state.is_known
    assert [state.is_queued, state.is_in_progress, state.is_terminal].count(True) <= 1
    assert not state.is_error or state.is_terminal


def test_an_unknown_state_keeps_its_text() -> None:
    state = State("TELEPORTED")
    assert (state.value, str(state)) == ("TELEPORTED", "TELEPORTED")
    is_anything = state.is_known, state.is_queued, state.is_in_progress, state.is_terminal, state.is_error
    assert not any(is_anything)


@pytest.mark.parametrize(
    ("status", "is_over"),
    [
        pytest.param(Status(state=State.DEPLOYED), True, id="terminal, without steps"),
        pytest.param(Status(state=State.DEPLOYED, steps=STEPS, total_duration=5.0), True, id="terminal, with duration"),
        pytest.param(Status(state=State.DEPLOYED, steps=STEPS), False, id="terminal, duration still missing"),
        pytest.param(Status(state=State.DEPLOYING, total_duration=5.0), False, id="in progress"),
        pytest.param(Status(state=State("TELEPORTED")), False, id="unknown"),
    ],
)
def test_an_execution_is_over_with_its_duration(*, status: Status, is_over: bool) -> None:
    assert status.is_over is is_over


def execution(
    execution_id: str, *, is_over: bool, by: Identity | None = None, whole: State | None = None, **services: State
) -> Execution:
    results = {service: ServiceResult(state=state) for service, state in services.items()}
    return Execution(
        id=execution_id,
        state=whole or next(iter(services.values())),
        is_over=is_over,
        by=by or Identity(),
        services=results,
        is_partial=True,
    )


def status(state: State, execution_id: str | None = None) -> Status:
    return Status(state=state, execution_id=execution_id)


@pytest.mark.parametrize(
    ("services", "expected"),
    [
        pytest.param({}, [], id="no service"),
        pytest.param({"a": status(State.READY)}, [], id="never deployed"),
        pytest.param(
            {"a": status(State.DEPLOYED, "e-1"), "b": status(State.DEPLOYED, "e-1")},
            [execution("e-1", is_over=True, a=State.DEPLOYED, b=State.DEPLOYED)],
            id="one execution of two services",
        ),
        pytest.param(
            {"a": status(State.DEPLOYED, "e-1"), "b": status(State.DEPLOYING, "e-1")},
            [execution("e-1", is_over=False, whole=State.DEPLOYING, a=State.DEPLOYED, b=State.DEPLOYING)],
            id="one service not over",
        ),
        pytest.param(
            {"a": status(State.DEPLOYED, "e-1"), "b": status(State.CANCELED, "e-2"), "c": status(State.READY)},
            [
                execution("e-1", is_over=True, a=State.DEPLOYED),
                execution("e-2", is_over=True, by=ALICE, b=State.CANCELED),
            ],
            id="two executions, the user of the newest",
        ),
        pytest.param(
            {"a": status(State.DEPLOYED, "e-1"), "b": status(State.DEPLOYMENT_QUEUED, "e-1")},
            [execution("e-1", is_over=False, whole=State.DEPLOYING, a=State.DEPLOYED, b=State.DEPLOYMENT_QUEUED)],
            id="one service queued",
        ),
        pytest.param(
            {"a": status(State.DEPLOYED, "e-1"), "b": status(State.CANCELED, "e-1")},
            [execution("e-1", is_over=True, whole=State.CANCELED, a=State.DEPLOYED, b=State.CANCELED)],
            id="one service canceled",
        ),
        pytest.param(
            {"a": status(State.CANCELED, "e-1"), "b": status(State.DEPLOYMENT_ERROR, "e-1")},
            [execution("e-1", is_over=True, whole=State.DEPLOYMENT_ERROR, a=State.CANCELED, b=State.DEPLOYMENT_ERROR)],
            id="one service failed",
        ),
        pytest.param(
            {
                "a": status(State.DEPLOYED, f"{ENVIRONMENT}-8"),
                "b": status(State.DEPLOYED, f"{ENVIRONMENT}-9"),
                "c": status(State.DEPLOYING, f"{ENVIRONMENT}-10"),
            },
            [
                execution(f"{ENVIRONMENT}-10", is_over=False, c=State.DEPLOYING),
                execution(f"{ENVIRONMENT}-9", is_over=True, b=State.DEPLOYED),
                execution(f"{ENVIRONMENT}-8", is_over=True, a=State.DEPLOYED),
            ],
            id="newest first",
        ),
    ],
)
def test_executions_are_read_from_statuses(services: dict[str, Status], expected: list[Execution]) -> None:
    statuses = EnvironmentStatuses(services=services, last_execution_id="e-2", by=ALICE)
    assert list(statuses.executions()) == expected


@pytest.mark.parametrize(
    ("last_state", "newest", "is_over"),
    [
        (State.DEPLOYING, "e-1", False),
        (State.DEPLOYING, "e-2", True),
        (State.DEPLOYED, "e-1", True),
        (State.DEPLOYMENT_QUEUED, "e-1", True),
        (None, "e-1", True),
    ],
    ids=["in progress", "later execution in progress", "ended", "next request queued", "unknown"],
)
def test_newest_execution_goes_on_with_its_environment(last_state: State | None, newest: str, *, is_over: bool) -> None:
    """Another service of the execution may belong to a later stage."""
    services = {"a": status(State.DEPLOYED, "e-1")}
    statuses = EnvironmentStatuses(services=services, last_execution_id=newest, last_state=last_state)
    assert [each.is_over for each in statuses.executions()] == [is_over]


@pytest.mark.parametrize("last_state", [State.DEPLOYMENT_ERROR, State.DEPLOYING, State.DEPLOYMENT_QUEUED, None])
def test_ended_execution_never_reached_queued_service(last_state: State | None) -> None:
    services = {"a": status(State.DEPLOYMENT_ERROR, "e-1"), "b": status(State.QUEUED, "e-1")}
    statuses = EnvironmentStatuses(services=services, last_execution_id="e-1", last_state=last_state)
    assert [each.is_over for each in statuses.executions()] == [last_state is State.DEPLOYMENT_ERROR]


def test_a_queued_execution_is_not_over() -> None:
    """Qovery may give the number when the request is queued, and still show how the environment was before."""
    services = {"a": status(State.DEPLOYMENT_QUEUED, "e-2")}
    statuses = EnvironmentStatuses(services=services, last_execution_id="e-2", last_state=State.DEPLOYED)
    assert [(each.state, each.is_over) for each in statuses.executions()] == [(State.DEPLOYMENT_QUEUED, False)]


@pytest.mark.parametrize(
    ("shown", "known", "unseen"),
    [
        ([8], [], []),
        ([9], [], [8]),
        ([11, 9], [], [8, 10]),
        ([11], [9], [8, 10]),
        ([7], [], []),
        ([], [], []),
        ([60], [], [*range(8, 18)]),
    ],
    ids=["next one", "one left out", "two left out", "one known before", "none new", "nothing shown", "first of many"],
)
def test_numbers_show_unseen_executions(shown: list[int], known: list[int], unseen: list[int]) -> None:
    services = {str(number): status(State.DEPLOYED, f"{ENVIRONMENT}-{number}") for number in shown}
    executions = EnvironmentStatuses(services=services).unseen(after=7, known=known)
    assert [each.id for each in executions] == [f"{ENVIRONMENT}-{number}" for number in unseen]
    assert all(each.is_unseen and each.is_over for each in executions)


def test_ids_without_numbers_show_no_unseen_execution() -> None:
    services = {"a": status(State.DEPLOYED, f"{ENVIRONMENT}-9"), "b": status(State.DEPLOYED, "e-1")}
    assert not EnvironmentStatuses(services=services).unseen(after=7, known=[])
