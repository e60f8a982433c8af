"""What each scenario makes of one deployment that somebody asks for over HTTP."""

from __future__ import annotations

import re

import pytest
import trio

from qovery_sandbox import SCENARIOS, arrange
from qovery_sandbox.scenarios import names_from
from tests.sandbox.stage import Stage, play

LONG = 4000


@pytest.mark.parametrize(
    ("names", "fate", "ended_at"),
    [
        pytest.param(["happy"], "DEPLOYED", 20, id="happy"),
        pytest.param(["failing"], "DEPLOYMENT_ERROR", 25, id="failing"),
        pytest.param(["build-failing"], "BUILD_ERROR", 11, id="build-failing"),
        pytest.param(["slow"], "DEPLOYED", 600, id="slow"),
        pytest.param(["never-ready"], None, None, id="never-ready"),
        pytest.param(["lagging-status"], "DEPLOYED", 20, id="lagging-status"),
        pytest.param(["first-deployment"], "DEPLOYED", 20, id="first-deployment"),
        pytest.param(["queued"], "DEPLOYED", 35, id="queued"),
        pytest.param(["merged"], "DEPLOYED", 35, id="merged"),
        pytest.param(["superseded"], "CANCELED", 5, id="superseded"),
        pytest.param(["canceled"], "CANCELED", 7, id="canceled"),
        pytest.param(["auto-deployed-twice"], "DEPLOYED", 40, id="auto-deployed-twice"),
        pytest.param(["unchanged"], "DEPLOYED", 20, id="unchanged, without DIFF"),
        pytest.param(["queued", "failing"], "DEPLOYMENT_ERROR", 40, id="queued and failing"),
        pytest.param(["queued+canceled", "slow"], "CANCELED", 22, id="three at once"),
    ],
)
def test_a_deployment_fares(names: list[str], fate: str | None, ended_at: float | None) -> None:
    async def story(stage: Stage) -> None:
        await stage.deploy()
        await trio.sleep(LONG)
        ledger = stage.world.ledger
        (entry,) = ledger.via_http()
        ours = ledger.fate(entry.request_id)
        assert (ours.final_state, ours.ended_at) == (fate, ended_at)

    play(story, scenarios=names)


def test_superseded_ends_green_with_somebody_else_s_deployment() -> None:
    async def story(stage: Stage) -> None:
        ours = (await stage.deploy())["deployment_request_id"]
        await trio.sleep(LONG)
        status = await stage.status()
        assert (status["state"], status["deployment_request_id"] == ours) == ("DEPLOYED", False)

    play(story, scenarios=["superseded"])


def test_a_first_deployment_begins_with_nothing() -> None:
    async def story(stage: Stage) -> None:
        status = await stage.status()
        assert (status["state"], status["service_deployment_status"]) == ("READY", "NEVER_DEPLOYED")
        assert (status["deployment_request_id"], status["status_details"]["status"]) == (None, "NEVER")
        assert not {"execution_id", "last_deployment_date", "steps"} & set(status)
        assert await stage.history() == []

    play(story, scenarios=["first-deployment"])


def test_each_deployment_has_the_story_again() -> None:
    async def story(stage: Stage) -> list[float]:
        for _ in range(2):
            await stage.deploy()
            await trio.sleep(100)
        return [(entry.began_at or 0) - entry.accepted_at for entry in stage.world.ledger.via_http()]

    assert play(story, scenarios=["queued"]) == [15, 15]


def test_every_scenario_is_described_in_a_sentence() -> None:
    for scenario in SCENARIOS.values():
        assert re.fullmatch(r"[A-Z].+\.", scenario.description)


def test_an_unknown_scenario_is_told_with_those_that_exist() -> None:
    with pytest.raises(ValueError, match=r"There is no scenario sunny\. There are: happy, failing"):
        names_from(["happy+sunny"])


def test_scenarios_can_be_arranged_by_themselves() -> None:
    async def story(stage: Stage) -> float:
        arrange(stage.world, "queued+slow")
        await stage.deploy()
        return stage.world.services[stage.world.ledger.via_http()[0].service_id].plan.duration

    assert play(story) == 600
