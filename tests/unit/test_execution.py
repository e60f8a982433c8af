from __future__ import annotations

import pytest

from qovery_helm_deploy.deployment.execution import Execution, Identity, ServiceResult, number_of
from qovery_helm_deploy.deployment.status import State

ENVIRONMENT = "8e2f1c3a-0b4d-4e5f-8a6b-7c9d0e1f2a3b"


@pytest.mark.parametrize(
    ("execution_id", "number"),
    [
        pytest.param(f"{ENVIRONMENT}-42", 42, id="numbered"),
        pytest.param(f"{ENVIRONMENT.upper()}-42", 42, id="upper case"),
        pytest.param(f"{ENVIRONMENT}-42-1785758700", 42, id="numbered, with a time"),
        pytest.param(f"{ENVIRONMENT}-0", 0, id="zero"),
        pytest.param(f"{ENVIRONMENT}-{'9' * 18}", 10**18 - 1, id="longest number"),
        pytest.param(f"{ENVIRONMENT}-{'9' * 19}", None, id="number too long"),
        pytest.param(f"{ENVIRONMENT}-4x", None, id="no number"),
        pytest.param(f"{ENVIRONMENT}-", None, id="empty number"),
        pytest.param(ENVIRONMENT, None, id="only an id"),
        pytest.param(f"x{ENVIRONMENT}-42", None, id="text before the id"),
        pytest.param("staging-42", None, id="not an id"),
        pytest.param("", None, id="empty"),
        pytest.param(None, None, id="none"),
    ],
)
def test_reads_number_of_execution(execution_id: str | None, number: int | None) -> None:
    assert number_of(execution_id) == number
    assert Execution(id=execution_id or "", state=State.DEPLOYED, is_over=True).number == number


@pytest.mark.parametrize(
    ("identity", "words"),
    [
        pytest.param(Identity(user="alice", origin="CONSOLE"), "alice through CONSOLE", id="both"),
        pytest.param(Identity(user="alice"), "alice", id="user"),
        pytest.param(Identity(origin="GIT"), "GIT", id="origin"),
        pytest.param(Identity(), "", id="neither"),
    ],
)
def test_text_of_an_identity(identity: Identity, words: str) -> None:
    assert str(identity) == words


def shown(*, a: State, b: State, whole: State = State.DEPLOYED, is_over: bool = False) -> Execution:
    services = {"a": ServiceResult(state=a), "b": ServiceResult(state=b)}
    return Execution(id="e", state=whole, is_over=is_over, services=services, is_partial=True)


@pytest.mark.parametrize(
    ("other", "whole", "is_over"),
    [
        (State.DEPLOYED, State.DEPLOYED, True),
        (State.DEPLOYING, State.DEPLOYING, False),
        (State.DEPLOYED, State.DEPLOYING, False),
        (State.DEPLOYMENT_QUEUED, State.DEPLOYED, False),
    ],
    ids=["over", "another service deploys", "the environment deploys", "another service is queued"],
)
def test_a_queued_state_replaces_no_end(other: State, whole: State, *, is_over: bool) -> None:
    """Statuses show the request that waits for the service, beside its latest execution."""
    before = shown(a=State.DEPLOYED, b=State.DEPLOYING, whole=State.DEPLOYING)
    after = before.updated(shown(a=State.RESTART_QUEUED, b=other, whole=whole))
    assert [result.state for result in after.services.values()] == [State.DEPLOYED, other]
    assert after.is_over is is_over


@pytest.mark.parametrize("is_partial", [True, False])
def test_statuses_after_a_history_are_not_partial(*, is_partial: bool) -> None:
    one = Execution(id="e", state=State.DEPLOYED, is_over=True, is_partial=is_partial)
    assert one.updated(shown(a=State.DEPLOYED, b=State.DEPLOYED)).is_partial is is_partial
