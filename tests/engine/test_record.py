"""What the record keeps of each observation."""

from __future__ import annotations

from qovery_helm_deploy.deployment.observations import Call
from qovery_helm_deploy.deployment.status import EnvironmentStatuses, State, Status
from tests.engine.examples import ENVIRONMENT, SERVICE, execution, record


def test_age_is_unknown_without_history_before() -> None:
    seen = record(history=None).with_history(Call(1.0, 1.1), [execution("an id without a number")])
    assert [each.is_new for each in seen.executions.values()] == [None]


def test_ids_without_numbers_use_the_order() -> None:
    old, new = execution("old"), execution("new")
    seen = record(history=[old]).with_history(Call(1.0, 1.1), [new, old, execution("older")])
    assert {key: each.is_new for key, each in seen.executions.items()} == {"old": False, "new": True}


def test_older_numbers_are_never_new() -> None:
    seen = record(history=[execution(f"{ENVIRONMENT}-7")])
    seen = seen.with_history(Call(1.0, 1.1), [execution(f"{ENVIRONMENT}-8"), execution(f"{ENVIRONMENT}-3")])
    assert {each.execution.number: each.is_new for each in seen.executions.values()} == {7: False, 8: True}


def test_known_ids_on_statuses_are_old() -> None:
    history = [execution(f"x{number}") for number in range(5)]
    status = Status(state=State.DEPLOYED, execution_id="x4")
    seen = record(history=history).with_statuses(Call(1.0, 1.1), EnvironmentStatuses(services={SERVICE: status}))
    assert "x4" not in seen.executions


def test_ended_execution_stays_over() -> None:
    ended, running = execution(f"{ENVIRONMENT}-1"), execution(f"{ENVIRONMENT}-1", State.DEPLOYING)
    seen = record().with_history(Call(1.0, 1.1), [ended]).with_history(Call(2.0, 2.1), [running])
    assert seen.executions[ended.id].execution.is_over
