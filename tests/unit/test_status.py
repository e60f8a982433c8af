from __future__ import annotations

import pytest

from qovery_helm_deploy.deployment.execution import Execution, Identity, ServiceResult
from qovery_helm_deploy.deployment.status import EnvironmentStatuses, State, Status, Step

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


def execution(execution_id: str, *, is_over: bool, by: Identity | None = None, **services: State) -> Execution:
    results = {service: ServiceResult(state=state) for service, state in services.items()}
    return Execution(
        id=execution_id,
        state=next(iter(services.values())),
        is_over=is_over,
        by=by or Identity(),
        services=results,
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
            [execution("e-1", is_over=False, a=State.DEPLOYED, b=State.DEPLOYING)],
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
    ],
)
def test_executions_are_read_from_statuses(services: dict[str, Status], expected: list[Execution]) -> None:
    statuses = EnvironmentStatuses(services=services, last_execution_id="e-2", by=ALICE)
    assert list(statuses.executions()) == expected
