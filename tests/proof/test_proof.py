"""The engine against every history of a small world; `python -m tests.proof --scope large` checks many more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.proof.check import Histories, judge_all
from tests.proof.observations import Dialect
from tests.proof.report import Figures, description_of, promised
from tests.proof.scope import SCOPES

if TYPE_CHECKING:
    from collections.abc import Callable

    from qovery_helm_deploy.deployment.record import Record
    from tests.proof.check import History

_SMALL = SCOPES["small"]


@pytest.fixture(scope="module", params=_SMALL.namings, ids=["all named", "nothing named"])
def histories(request: pytest.FixtureRequest) -> list[History]:
    """All histories of the small scope, judged."""
    histories = Histories.of(_SMALL.scopes)
    judge_all(histories, request.param)
    return promised(histories)


def test_never_green_unless_request_deployed(histories: list[History]) -> None:
    _assert_none(histories, lambda history: history.is_false_green)


def test_never_red_if_request_deployed(histories: list[History]) -> None:
    _assert_none(histories, lambda history: history.is_false_red)


def test_never_decides_wrong_end(histories: list[History]) -> None:
    _assert_none(histories, lambda history: history.is_wrong)


def test_decides_ordinary_histories(histories: list[History]) -> None:
    ordinary = [history for history in histories if history.coincidences == 0]
    figures = Figures.of(ordinary)
    assert figures.decided >= 0.9 * figures.ideal
    assert figures.delay_of(0.5) <= 12.0
    assert figures.delay_of(0.95) <= 30.0
    missed = [history for history in ordinary if history.is_missed]
    _assert_none(missed, lambda history: history.dialect is Dialect.REQUEST)


def test_finds_naive_judge_wrong() -> None:
    histories = Histories.of(_SMALL.scopes)
    judge_all(histories, _SMALL.namings[0], decide=_end_of_newest)
    found = promised(histories)
    assert any(history.is_false_green for history in found)
    assert any(history.is_false_red for history in found)


def _end_of_newest(record: Record, *, at: float) -> str | None:  # noqa: ARG001
    """Return the end of the newest execution, once that is over."""
    newest = [seen.execution for seen in record.executions.values() if seen.is_new][-1:]
    return next((str(execution.state) for execution in newest if execution.is_over), None)


def test_never_wrong_without_history() -> None:
    histories = Histories.of(SCOPES["blind"].scopes)
    judge_all(histories, _SMALL.namings[0])
    _assert_none(promised(histories), lambda history: history.is_wrong)


def _assert_none(histories: list[History], is_bad: Callable[[History], bool]) -> None:
    bad = [history for history in histories if is_bad(history)]
    assert not bad, "\n".join([f"{len(bad)} of {len(histories)}, such as:", *description_of(bad[0])])
