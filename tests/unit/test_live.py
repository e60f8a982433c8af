from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import anyio
import pytest

from qovery_helm_deploy.deployment.verdict import Outcome, Verdict
from qovery_helm_deploy.errors import ForbiddenError, QoveryError
from qovery_helm_deploy.run import live
from qovery_helm_deploy.run.deployment_log import DeploymentLog
from qovery_helm_deploy.run.pushes import Pushes
from tests.deployments.case import RecordingLog
from tests.gateway import ScriptedGateway
from tests.unit.scripted import Talk, talk
from tests.unit.test_deployment_log import ENVIRONMENT, answer, entry

if TYPE_CHECKING:
    from qovery_helm_deploy.deployment.service import Environment
    from qovery_helm_deploy.qovery.client import Client
    from qovery_helm_deploy.run.following import Follower

FAILED = Verdict(outcome=Outcome.FAILED, reason="It failed.")


@dataclass(kw_only=True)
class Followed:
    """A follower that ends after 10 seconds."""

    pushes: Pushes
    execution_id: str | None = "e-1"
    uses_pushes: bool = True
    refusal: QoveryError | None = None

    async def follow(self) -> Verdict:
        await anyio.sleep(10)
        if self.refusal:
            raise self.refusal
        return FAILED


def follow(
    gateway: ScriptedGateway | None = None, *, environment: Environment | None = ENVIRONMENT, **followed: object
) -> tuple[RecordingLog, Talk]:
    log = RecordingLog()

    async def main(client: Client) -> Verdict | None:
        follower = Followed(pushes=Pushes(client, service_id="s"), **followed)  # type: ignore[arg-type]
        return await live.follow(
            cast("Follower", follower),
            DeploymentLog(client, log, environment_id="env", service_ids=["s"]),
            environment=environment,
            explain=log.debug,
        )

    return log, talk(main, answer(entry("the end")), gateway=gateway)


def paths(gateway: ScriptedGateway) -> set[str]:
    return {path for path, _ in gateway.connected}


def test_shows_rest_of_log_at_the_end() -> None:
    log, went = follow()
    assert (log.quoted, went.value, went.took) == (["the end"], FAILED, 10)


def test_listens_to_log_and_status_of_execution() -> None:
    gateway = ScriptedGateway(stays=True)
    follow(gateway)
    assert paths(gateway) == {"/deployment/logs", "/deployment/status"}
    assert {params["version"] for _, params in gateway.connected} == {"e-1"}


def test_ignores_pushed_statuses_with_fixed_interval() -> None:
    gateway = ScriptedGateway(stays=True)
    follow(gateway, uses_pushes=False)
    assert paths(gateway) == {"/deployment/logs"}


@pytest.mark.parametrize(
    "unknown",
    [
        pytest.param({"execution_id": None}, id="the execution"),
        pytest.param({"environment": None}, id="the environment"),
        pytest.param({"environment": replace(ENVIRONMENT, cluster_id="")}, id="its cluster"),
    ],
)
def test_does_not_listen_without_all_ids(unknown: dict[str, object]) -> None:
    gateway = ScriptedGateway(stays=True)
    follow(gateway, **unknown)  # type: ignore[arg-type]
    assert gateway.connected == []


@pytest.mark.parametrize("gateway", [ScriptedGateway(), ScriptedGateway(stays=True)], ids=["absent", "silent"])
def test_raises_the_refusal(gateway: ScriptedGateway) -> None:
    _, went = follow(gateway, refusal=ForbiddenError("no", status=403))
    assert isinstance(went.error, ForbiddenError)
