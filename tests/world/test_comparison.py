from __future__ import annotations

import pytest

from tests.world.comparison.action_runner import ActionRunner
from tests.world.comparison.cli import VARIABLE, Cli
from tests.world.comparison.comparing import Comparison, compare
from tests.world.comparison.page import PAGE, render
from tests.world.comparison.record import Record
from tests.world.comparison.situations import SITUATIONS, Situation

CLI = Cli.find()
EVERY_SITUATION = pytest.mark.parametrize(
    "situation", [pytest.param(situation, id=situation.name) for situation in SITUATIONS]
)


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return compare(ActionRunner(), CLI)


def test_page_is_up_to_date(comparison: Comparison) -> None:
    assert PAGE.read_text(encoding="utf-8") == render(comparison)


@EVERY_SITUATION
def test_action_is_right(comparison: Comparison, situation: Situation) -> None:
    run = comparison.action[situation.name]
    assert run.is_true is situation.is_seen_by_action, run


@EVERY_SITUATION
def test_both_meet_the_same_situation(comparison: Comparison, situation: Situation) -> None:
    cli, action = comparison.cli.runs[situation.name], comparison.action[situation.name]
    # The CLI and the action may differ in what they request if a version is given.
    assert cli.fate == action.fate or situation.asked


def test_record_has_every_situation() -> None:
    assert list(Record.read().runs) == [situation.name for situation in SITUATIONS]


@pytest.mark.skipif(
    CLI is None, reason=f"Qovery's CLI is missing ({VARIABLE} may name it); the page uses its recorded runs"
)
def test_cli_matches_the_record(comparison: Comparison) -> None:
    assert comparison.cli == Record.read()
