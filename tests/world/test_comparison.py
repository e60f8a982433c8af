from __future__ import annotations

import pytest

from tests.world.comparison.cli import VARIABLE, Cli
from tests.world.comparison.comparing import Comparison, compare
from tests.world.comparison.ours import Ours
from tests.world.comparison.page import PAGE, render
from tests.world.comparison.record import Record
from tests.world.comparison.situations import SITUATIONS, Situation

CLI = Cli.find()
EVERY_SITUATION = pytest.mark.parametrize(
    "situation", [pytest.param(situation, id=situation.name) for situation in SITUATIONS]
)


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return compare(Ours(), CLI)


def test_the_page_is_what_is_made_of_it_again(comparison: Comparison) -> None:
    assert PAGE.read_text(encoding="utf-8") == render(comparison)


@EVERY_SITUATION
def test_the_action_is_green_only_for_what_was_deployed_and_red_only_for_what_was_not(
    comparison: Comparison, situation: Situation
) -> None:
    run = comparison.ours[situation.name]
    assert run.is_true, run


@EVERY_SITUATION
def test_both_meet_the_same(comparison: Comparison, situation: Situation) -> None:
    theirs, ours = comparison.theirs.runs[situation.name], comparison.ours[situation.name]
    # What the CLI leaves out of its request, the action does not ask for at all.
    assert theirs.fate == ours.fate or situation.asked


def test_the_record_has_each_situation_and_no_other() -> None:
    assert list(Record.read().runs) == [situation.name for situation in SITUATIONS]


@pytest.mark.skipif(
    CLI is None, reason=f"Qovery's CLI is not here, {VARIABLE} may name it; its column is held as recorded"
)
def test_the_record_is_what_the_cli_does(comparison: Comparison) -> None:
    assert comparison.theirs == Record.read()
