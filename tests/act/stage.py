"""Runs a workflow with act against a sandbox."""

from collections.abc import Mapping
from dataclasses import dataclass

from qovery_sandbox.ids import HELM_ID, PRODUCTION_HELM_ID, TOKEN
from qovery_sandbox.ledger import Entry, Ledger
from qovery_sandbox.scenarios import arrange
from qovery_sandbox.server import RunningSandbox, realtime_world
from qovery_sandbox.world import World
from tests.act.act import Act
from tests.act.log import Run
from tests.harness.action import ROOT

WORKFLOWS = ROOT / "tests" / "workflows"

_SPEED = 50.0
_SECRETS = {"QOVERY_API_TOKEN": TOKEN}
_VARIABLES = {
    "QOVERY_HELM_ID": HELM_ID,
    "QOVERY_STAGING_HELM_ID": HELM_ID,
    "QOVERY_PRODUCTION_HELM_ID": PRODUCTION_HELM_ID,
}


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A workflow that has ended, and the ledger of the sandbox."""

    run: Run
    ledger: Ledger

    @property
    def requests(self) -> dict[str, Entry]:
        """The deployment requests of the workflow, by service."""
        return {entry.service_id: entry for entry in self.ledger.via_http()}


@dataclass(frozen=True, kw_only=True)
class Stage:
    act: Act

    def push(
        self, workflow: str, world: World | None = None, *, secrets: Mapping[str, str] = _SECRETS, **variables: str
    ) -> Ended:
        """Push to main, which starts a workflow in tests/workflows. `variables` are those of the repository."""
        world = world or quick_world()
        with RunningSandbox(world) as url:
            run = self.act.push(
                WORKFLOWS / f"{workflow}.yml",
                variables={"QOVERY_API_URL": url, **_VARIABLES, **variables},
                secrets=secrets,
            )
        return Ended(run=run, ledger=world.ledger)


def quick_world(*scenarios: str) -> World:
    """Return a world in which a deployment takes less than a second."""
    return arrange(realtime_world(speed=_SPEED), *scenarios)
