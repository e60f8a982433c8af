from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from qovery_sandbox.answers import json_error
from qovery_sandbox.faults import Faults, When
from qovery_sandbox.scenarios import arrange
from tests.deployments.case import run_case

if TYPE_CHECKING:
    from qovery_sandbox.world import World

LOGS = "/environment/{environmentId}/logs"


def set_up(world: World, _faults: Faults, *, scenario: str) -> None:
    arrange(world, scenario)


def test_a_failure_begins_with_its_cause() -> None:
    case = run_case(arrange=partial(set_up, scenario="failing"), logs="failure")
    assert case.outcome == "failed"
    assert case.report.verdict.reason.startswith("Helm upgrade failed: ")
    assert case.report.verdict.reason.endswith(" The deployment failed (DEPLOYMENT_ERROR).")
    assert case.report.log[0] == "Running helm upgrade --install"
    assert case.log.quoted == []


def test_a_success_has_no_log() -> None:
    case = run_case(logs="failure")
    assert case.report.log == ()
    assert ("GET", LOGS) not in case.world.ledger.call_counts()


def test_no_log_is_read_for_logs_none() -> None:
    case = run_case(arrange=partial(set_up, scenario="failing"), logs="none")
    assert case.report.log == ()
    assert ("GET", LOGS) not in case.world.ledger.call_counts()


@pytest.mark.parametrize("scenario", ["slow", "failing"])
def test_live_shows_every_line_once(scenario: str) -> None:
    case = run_case(arrange=partial(set_up, scenario=scenario), logs="live", timeout="20m")
    lines = [line for line in case.log.quoted if "helm upgrade" in line]
    assert (len(lines), case.report.log) == (1, ())


def test_a_log_that_cannot_be_read_changes_nothing() -> None:
    def hide(world: World, faults: Faults) -> None:
        arrange(world, "failing")
        faults.add(When(path=LOGS), json_error(403))

    case = run_case(arrange=hide, logs="live")
    assert case.outcome == "failed"
    assert [line for line in case.log.lines if line.startswith("Cannot read Qovery's deployment log: ")]
