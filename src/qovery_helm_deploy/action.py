"""Carries out the step: find the services, request their deployment, follow it, report it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import anyio

from qovery_helm_deploy.run.targets import find_services

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qovery_helm_deploy.deployment.report import Report
    from qovery_helm_deploy.deployment.service import Service
    from qovery_helm_deploy.errors import QoveryError
    from qovery_helm_deploy.inputs import Inputs
    from qovery_helm_deploy.qovery.client import Client
    from qovery_helm_deploy.run.deployments import Deployments
    from qovery_helm_deploy.run.narration import Log

#: Seconds from an interruption to the reports. The runner kills the step 10 s after its first signal.
_ABORT_WITHIN = 6.2
#: Seconds of that which are reserved for the reports.
_REPORTING = 0.2


class Interruption:
    """Ends the step early: the first call lets it cancel its deployments, the second one ends it at once."""

    def __init__(self) -> None:
        self._work = anyio.CancelScope()
        self._abort = anyio.CancelScope(shield=True)
        self._step: Step | None = None

    def interrupt(self) -> None:
        if self._work.cancel_called:
            self._abort.cancel()
        self._abort.deadline = min(self._abort.deadline, anyio.current_time() + _ABORT_WITHIN)
        self._work.cancel()
        for run in self._step.deployments.runs if self._step else ():
            run.hurry()

    async def carry_out(self, step: Step) -> None:
        """Carry a step out until it ends or is interrupted."""
        self._step = step
        with self._work:
            await step.carry_out()
        with self._abort:
            within = self._abort.deadline - anyio.current_time() - _REPORTING
            async with anyio.create_task_group() as group:
                for run in step.deployments.runs:
                    group.start_soon(partial(run.abort, within=within))


class Step:
    """What one step does; `deployments` is complete at any moment."""

    def __init__(self, inputs: Inputs, *, client: Client, log: Log) -> None:
        self._inputs = inputs
        self._client = client
        self._log = log
        self._deployments: Deployments | None = None

    @property
    def deployments(self) -> Deployments:
        """The deployments of the services found so far."""
        return self._deployments or self._deployments_of({})

    async def carry_out(self) -> None:
        """Find the services and deploy them."""
        found = await find_services(self._client, self._inputs.helm_id)
        self._deployments = self._deployments_of(found)
        await self._deployments.carry_out()

    def _deployments_of(self, found: Mapping[str, Service | QoveryError]) -> Deployments:
        # Imported here, so that it does not delay the first request.
        from qovery_helm_deploy.run.deployments import Deployments  # noqa: PLC0415

        return Deployments(found, inputs=self._inputs, client=self._client, log=self._log)


async def deploy(inputs: Inputs, *, client: Client, log: Log, interruption: Interruption) -> tuple[Report, ...]:
    """Deploy every service of the inputs and return the report on each, in their order."""
    step = Step(inputs, client=client, log=log)
    await interruption.carry_out(step)
    return step.deployments.reports
