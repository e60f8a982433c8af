from __future__ import annotations

import pytest

from qovery_helm_deploy.deployment.execution import Execution, Identity, number_of
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
