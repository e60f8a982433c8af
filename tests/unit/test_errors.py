from __future__ import annotations

import pytest

from qovery_helm_deploy import errors
from qovery_helm_deploy.errors import (
    ActionError,
    ConflictError,
    DefectError,
    InputsError,
    NoAnswerError,
    Problem,
    QoveryError,
    RateLimitedError,
    RefusedError,
    UnreachableError,
    quoted,
)

ALL = [error for error in vars(errors).values() if isinstance(error, type) and issubclass(error, ActionError)]


@pytest.mark.parametrize("error", ALL, ids=lambda error: error.__name__)
def test_every_error_has_a_hint(error: type[ActionError]) -> None:
    assert error.__name__.endswith("Error")
    assert error.hint.endswith(".")


def test_docstring_lists_every_error() -> None:
    assert all(error.__name__ in (errors.__doc__ or "") for error in ALL)


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(ConflictError("x", status=409), id="refusal"),
        pytest.param(RateLimitedError("x"), id="rate limit"),
        pytest.param(UnreachableError("x"), id="no connection"),
    ],
)
def test_only_a_lost_answer_is_ambiguous(error: QoveryError) -> None:
    assert isinstance(error, QoveryError)
    assert not isinstance(error, NoAnswerError)
    assert isinstance(error, RefusedError) is hasattr(error, "status")


def test_own_hint_replaces_the_default() -> None:
    assert QoveryError("x", hint="Do y.").hint == "Do y."
    assert QoveryError("x").hint == ActionError.hint


def test_several_problems_are_one_message() -> None:
    error = InputsError([Problem(input="wait", message="is odd"), Problem(input="logs", message="are gone")])
    assert str(error) == "wait: is odd; logs: are gone"


def test_defect_shows_only_the_exception_type() -> None:
    assert str(DefectError(ValueError("s3cr3t"))) == "A defect in this action caused this error: ValueError."


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("a'b", '"a\'b"', id="quote"),
        pytest.param("a\nb\x1b", "'a\\nb\\x1b'", id="control characters"),
        pytest.param("x" * 100, f"'{'x' * 40}…{'x' * 40}'", id="long text"),
    ],
)
def test_quoted_values_are_one_bounded_line(text: str, shown: str) -> None:
    assert quoted(text) == shown
