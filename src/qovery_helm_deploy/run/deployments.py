"""Everything that one step deploys, once its services are found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from qovery_helm_deploy.deployment.report import Report
from qovery_helm_deploy.deployment.service import misfit
from qovery_helm_deploy.deployment.verdict import NEVER_REQUESTED, Outcome, Verdict, verdict_of_error
from qovery_helm_deploy.errors import QoveryError
from qovery_helm_deploy.run.request_run import RequestRun

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from qovery_helm_deploy.deployment.service import Service
    from qovery_helm_deploy.inputs import Inputs
    from qovery_helm_deploy.qovery.client import Client
    from qovery_helm_deploy.run.narration import Log


class Deployments:
    """The deployments of one step; `reports` is complete at any moment."""

    def __init__(self, found: Mapping[str, Service | QoveryError], *, inputs: Inputs, client: Client, log: Log) -> None:
        self._inputs = inputs
        self._client = client
        self._log = log
        self._found = {key: service for key, service in found.items() if not isinstance(service, QoveryError)}
        self._verdicts = {
            key: verdict_of_error(error) for key, error in found.items() if isinstance(error, QoveryError)
        }
        self.runs: tuple[RequestRun, ...] = ()

    async def carry_out(self) -> None:
        """Deploy the services, unless the inputs do not fit one of them."""
        if self._is_misfit():
            return
        self._warn_of_auto_deploy()
        requests = tuple(_requests(list(self._found.values()), alone=self._inputs.force_event is not None))
        self.runs = tuple(
            RequestRun(services, inputs=self._inputs, client=self._client, log=self._log, is_only=len(requests) == 1)
            for services in requests
        )
        async with anyio.create_task_group() as group:
            for run in self.runs:
                group.start_soon(run.carry_out)

    @property
    def reports(self) -> tuple[Report, ...]:
        """The report on each service, in the order of the inputs."""
        known = {service_id: report for run in self.runs for service_id, report in run.reports.items()}
        return tuple(known.get(service_id) or self._report(service_id) for service_id in self._inputs.helm_id)

    def _report(self, service_id: str) -> Report:
        """Report on a service for which nothing was requested."""
        verdict = self._verdicts.get(service_id) or NEVER_REQUESTED
        service = self._found.get(service_id)
        name = service.name if service else ""
        return Report(service_id=service_id, asked=self._inputs.asked, verdict=verdict, name=name)

    def _is_misfit(self) -> bool:
        """Reject all services if the requested versions do not fit one of them."""
        problems = {key: misfit(service, self._inputs.asked) for key, service in self._found.items()}
        names = ", ".join(self._found[key].name for key, problem in problems.items() if problem)
        if not names:
            return False
        for key, problem in problems.items():
            reason = problem or f"The step deployed nothing, because the versions in its inputs do not fit {names}."
            hint = "Correct the inputs. Nothing was requested."
            self._verdicts[key] = Verdict(outcome=Outcome.REJECTED, reason=reason, hint=hint)
        return True

    def _warn_of_auto_deploy(self) -> None:
        for service in self._found.values():
            if service.is_deployed_on_push:
                text = f"Qovery also deploys {service.name} on every push."
                hint = "Switch auto-deploy off in Qovery, or remove this step."
                self._log.warn(f"{text} {hint}", title="Auto-deploy is on")


def _requests(services: Sequence[Service], *, alone: bool) -> Iterator[Sequence[Service]]:
    """Yield the services of each deployment request: those of one environment, or with `force_event` each alone.

    Qovery's call for several services knows no `forceEvent`.
    """
    if alone:
        yield from ([service] for service in services)
        return
    by_environment: dict[str, list[Service]] = {}
    for service in services:
        by_environment.setdefault(service.environment_id, []).append(service)
    yield from by_environment.values()
