"""What happens to one deployment in each scenario."""

from __future__ import annotations

import re

import pytest
import trio

from qovery_sandbox import SCENARIOS, arrange
from qovery_sandbox.scenarios import parse_names
from tests.sandbox.session import Sandbox, run

LONG = 4000


@pytest.mark.parametrize(
    ("names", "final_state", "ended_at"),
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
        pytest.param(["unchanged"], "DEPLOYED", 20, id="unchanged without DIFF"),
        pytest.param(["queued", "failing"], "DEPLOYMENT_ERROR", 40, id="two scenarios"),
        pytest.param(["queued+canceled", "slow"], "CANCELED", 22, id="three scenarios"),
    ],
)
def test_final_state(names: list[str], final_state: str | None, ended_at: float | None) -> None:
    async def session(sandbox: Sandbox) -> None:
        await sandbox.deploy()
        await trio.sleep(LONG)
        ledger = sandbox.world.ledger
        (entry,) = ledger.via_http()
        final = ledger.fate(entry.request_id)
        assert (final.final_state, final.ended_at) == (final_state, ended_at)

    run(session, scenarios=names)


def test_superseded_ends_with_another_deployment() -> None:
    async def session(sandbox: Sandbox) -> None:
        request_id = (await sandbox.deploy())["deployment_request_id"]
        await trio.sleep(LONG)
        status = await sandbox.status()
        assert (status["state"], status["deployment_request_id"] == request_id) == ("DEPLOYED", False)

    run(session, scenarios=["superseded"])


def test_first_deployment_has_no_history() -> None:
    async def session(sandbox: Sandbox) -> None:
        status = await sandbox.status()
        assert (status["state"], status["service_deployment_status"]) == ("READY", "NEVER_DEPLOYED")
        assert (status["deployment_request_id"], status["status_details"]["status"]) == (None, "NEVER")
        assert not {"execution_id", "last_deployment_date", "steps"} & set(status)
        assert await sandbox.history() == []

    run(session, scenarios=["first-deployment"])


def test_applies_to_each_deployment() -> None:
    async def session(sandbox: Sandbox) -> list[float]:
        for _ in range(2):
            await sandbox.deploy()
            await trio.sleep(100)
        return [(entry.began_at or 0) - entry.accepted_at for entry in sandbox.world.ledger.via_http()]

    assert run(session, scenarios=["queued"]) == [15, 15]


def test_description_is_a_sentence() -> None:
    for scenario in SCENARIOS.values():
        assert re.fullmatch(r"[A-Z].+\.", scenario.description)


def test_rejects_unknown_scenario() -> None:
    with pytest.raises(ValueError, match=r"Unknown scenario: sunny\. The scenarios are happy, failing"):
        parse_names(["happy+sunny"])


def test_arranges_a_world() -> None:
    async def session(sandbox: Sandbox) -> float:
        arrange(sandbox.world, "queued+slow")
        await sandbox.deploy()
        return sandbox.world.services[sandbox.world.ledger.via_http()[0].service_id].plan.duration

    assert run(session) == 600
