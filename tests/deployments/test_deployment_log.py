from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

from qovery_sandbox.faults import Faults, When, json_error
from qovery_sandbox.ids import HELM_ID
from qovery_sandbox.plans import FAILING, LogError, LogLine
from qovery_sandbox.scenarios import arrange
from tests.deployments.case import run_case

if TYPE_CHECKING:
    from qovery_sandbox.world import World

LOGS = "/environment/{environmentId}/logs"
QUOTE_VERSION = "If you wrote 1.10 without quotes, YAML made it 1.1: put it in quotes."


def set_up(world: World, _faults: Faults, *, scenario: str) -> None:
    arrange(world, scenario)


@pytest.mark.parametrize(
    ("cause", "version", "is_told"),
    [
        pytest.param('chart "shop" version "1.1" not found', "1.1", True, id="no such version"),
        pytest.param('chart "shop" version "1.1.0" not found', "1.1.0", False, id="version that YAML keeps"),
        pytest.param("1 of 2 pods never became ready", "1.1", False, id="other cause"),
    ],
)
def test_advises_to_quote_the_version(*, cause: str, version: str, is_told: bool) -> None:
    def fail(world: World, _faults: Faults) -> None:
        log = LogLine(at=1, message="failed", stage="DeployedError", error=LogError(user_log_message=cause))
        world.services[HELM_ID].plan = replace(FAILING, logs=(log,))

    case = run_case(arrange=fail, logs="failure", chart_version=version)
    assert case.outcome == "failed"
    assert cause in case.report.verdict.reason
    assert case.report.verdict.hint.endswith(QUOTE_VERSION) is is_told


def test_failure_begins_with_its_cause() -> None:
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


def test_reads_no_log_with_logs_none() -> None:
    case = run_case(arrange=partial(set_up, scenario="failing"), logs="none")
    assert case.report.log == ()
    assert ("GET", LOGS) not in case.world.ledger.call_counts()


@pytest.mark.parametrize("scenario", ["slow", "failing"])
def test_live_shows_every_line_once(scenario: str) -> None:
    case = run_case(arrange=partial(set_up, scenario=scenario), logs="live", timeout="20m")
    lines = [line for line in case.log.quoted if "helm upgrade" in line]
    assert (len(lines), case.report.log) == (1, ())


def test_unreadable_log_changes_no_outcome() -> None:
    def hide(world: World, faults: Faults) -> None:
        arrange(world, "failing")
        faults.add(When(path=LOGS), json_error(403))

    case = run_case(arrange=hide, logs="live")
    assert case.outcome == "failed"
    assert [line for line in case.log.lines if line.startswith("Cannot read Qovery's deployment log: ")]
