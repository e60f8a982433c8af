"""The engine against every history of a small world; `python -m tests.proof --scope large` checks many more."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pytest

from tests.proof.check import Histories, judge_all
from tests.proof.observations import Dialect
from tests.proof.recorded import NAMINGS, recorded, tally_of
from tests.proof.report import Figures, description_of, promised
from tests.proof.scope import SCOPES

if TYPE_CHECKING:
    from collections.abc import Callable

    from qovery_helm_deploy.deployment.record import Record
    from tests.proof.check import History

_SMALL = SCOPES["small"]

#: The least percentage of the histories decided by the ideal judge that the engine decides, too: without a coincidence,
#: and with one.
_DECIDED = {
    "all named": {
        Dialect.REQUEST: (100, 86),
        Dialect.QUEUED_ONLY: (95, 45),
        Dialect.MISSING: (94, 43),
        Dialect.REFUSED: (87, 43),
        Dialect.STUCK: (94, 73),
        Dialect.ENVIRONMENT: (95, 81),
    },
    "nothing named": {
        Dialect.REQUEST: (100, 83),
        Dialect.QUEUED_ONLY: (90, 44),
        Dialect.MISSING: (89, 41),
        Dialect.REFUSED: (83, 39),
        Dialect.STUCK: (89, 70),
        Dialect.ENVIRONMENT: (91, 78),
    },
}


@pytest.fixture(scope="class")
def judged(request: pytest.FixtureRequest) -> list[History]:
    """All histories of the small scope, judged."""
    histories = Histories.of(_SMALL.scopes)
    judge_all(histories, NAMINGS[request.cls.NAMING])
    return list(histories)


@pytest.fixture(scope="class")
def histories(judged: list[History]) -> list[History]:
    """Those for which the engine promises its result."""
    return promised(judged)


class Proof:
    """The tests of one way of naming. Each runs in one process, so that its histories are judged once."""

    NAMING: ClassVar[str]

    def test_decides_as_recorded(self, judged: list[History]) -> None:
        """`python -m tests.proof.recorded` updates the record after an intended change of decisions."""
        assert tally_of(judged) == recorded("small", self.NAMING)

    def test_never_green_unless_request_deployed(self, histories: list[History]) -> None:
        _assert_none(histories, lambda history: history.is_false_green)

    def test_never_red_if_request_deployed(self, histories: list[History]) -> None:
        _assert_none(histories, lambda history: history.is_false_red)

    def test_never_decides_wrong_end(self, histories: list[History]) -> None:
        _assert_none(histories, lambda history: history.is_wrong)

    @pytest.mark.parametrize("dialect", Dialect, ids=lambda dialect: dialect.name.lower())
    def test_decides_nearly_like_ideal_judge(self, histories: list[History], dialect: Dialect) -> None:
        for coincidences, percentage in enumerate(_DECIDED[self.NAMING][dialect]):
            alike = [each for each in histories if each.dialect is dialect and each.coincidences == coincidences]
            figures = Figures.of(alike)
            assert 100 * figures.decided >= percentage * figures.ideal > 0

    def test_decides_ordinary_histories_soon(self, histories: list[History]) -> None:
        figures = Figures.of(history for history in histories if history.coincidences == 0)
        assert figures.delay_of(0.5) <= 12.0
        assert figures.delay_of(0.95) <= 24.0


class TestAllNamed(Proof):
    NAMING = "all named"


class TestNothingNamed(Proof):
    NAMING = "nothing named"


def test_finds_naive_judge_wrong() -> None:
    histories = Histories.of(_SMALL.scopes)
    judge_all(histories, NAMINGS["all named"], decide=_end_of_newest)
    found = promised(histories)
    assert any(history.is_false_green for history in found)
    assert any(history.is_false_red for history in found)


def _end_of_newest(record: Record, *, at: float) -> str | None:  # noqa: ARG001
    """Return the end of the newest execution, once that is over."""
    newest = [seen.execution for seen in record.executions.values() if seen.is_new][-1:]
    return next((str(execution.state) for execution in newest if execution.is_over), None)


def test_never_wrong_without_history() -> None:
    histories = Histories.of(SCOPES["blind"].scopes)
    judge_all(histories, NAMINGS["all named"])
    assert tally_of(histories) == recorded("blind", "all named")
    _assert_none(promised(histories), lambda history: history.is_wrong)


def _assert_none(histories: list[History], is_bad: Callable[[History], bool]) -> None:
    bad = [history for history in histories if is_bad(history)]
    assert not bad, "\n".join([f"{len(bad)} of {len(histories)}, such as:", *description_of(bad[0])])
