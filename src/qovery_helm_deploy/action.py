"""The story: check, deploy, follow, report; every service beside the others, and always to an end."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import anyio

from qovery_helm_deploy.run.preparing import Subjects
from qovery_helm_deploy.run.service_run import ServiceRun
from qovery_helm_deploy.run.statuses import Statuses

if TYPE_CHECKING:
    from qovery_helm_deploy.deployment.report import Report
    from qovery_helm_deploy.inputs import Inputs
    from qovery_helm_deploy.qovery.client import Client
    from qovery_helm_deploy.run.narration import Log

#: Seconds from an interruption to the reports. The runner kills the step 10 s after its first signal.
_ABORT_WITHIN = 6.2
#: Seconds of that which are left for words once canceling has taken too long.
_LAST_WORDS = 0.2


class Interruption:
    """Ends the deployments early. The first call lets them cancel what they asked for, a second one does not wait."""

    def __init__(self) -> None:
        self._work = anyio.CancelScope()
        self._abort = anyio.CancelScope(shield=True)
        self._runs: tuple[ServiceRun, ...] = ()

    def interrupt(self) -> None:
        if self._work.cancel_called:
            self._abort.cancel()
        self._abort.deadline = min(self._abort.deadline, anyio.current_time() + _ABORT_WITHIN)
        self._work.cancel()
        for run in self._runs:
            run.hurry()

    async def carry_out(self, runs: tuple[ServiceRun, ...]) -> None:
        self._runs = runs
        with self._work:
            async with anyio.create_task_group() as group:
                for run in runs:
                    group.start_soon(run.carry_out)
        with self._abort:
            within = self._abort.deadline - anyio.current_time() - _LAST_WORDS
            async with anyio.create_task_group() as group:
                for run in runs:
                    group.start_soon(partial(run.abort, within=within))


async def deploy(inputs: Inputs, *, client: Client, log: Log, interruption: Interruption) -> tuple[Report, ...]:
    """Deploy every service of the inputs and report on each, in their order."""
    statuses, subjects = Statuses(client), Subjects(client, inputs.helm_id)
    runs = tuple(
        ServiceRun(service_id, inputs=inputs, client=client, subjects=subjects, statuses=statuses, log=log)
        for service_id in inputs.helm_id
    )
    await interruption.carry_out(runs)
    return tuple(run.report for run in runs)
