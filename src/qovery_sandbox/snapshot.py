"""An environment as it was at one time: what every answer is read from, so that an answer can lag behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qovery_sandbox.environment import Environment
    from qovery_sandbox.execution import Execution, ServiceRun
    from qovery_sandbox.request import Request


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """Looks at `environment` as of `at`, in the world's seconds."""

    environment: Environment
    at: float

    def waiting(self, service_id: str | None = None) -> list[Request]:
        """Tell what waits, for one service or for all, next one first."""
        waiting = [request for request in self.environment.requests if request.is_waiting(at=self.at)]
        if service_id is not None:
            waiting = [request for request in waiting if request.is_for(service_id)]
        return sorted(waiting, key=lambda request: request.place)

    def listed(self, service_id: str | None = None) -> list[Request]:
        """Tell what the queue lists of that."""
        return [request for request in self.waiting(service_id) if request.is_listed(at=self.at)]

    def executions(self) -> list[Execution]:
        """Tell what has begun, oldest first."""
        return [execution for execution in self.environment.executions if execution.began_at <= self.at]

    def runs(self, service_id: str) -> list[ServiceRun]:
        """Tell what has begun for one service, oldest first."""
        runs = (execution.run_of(service_id) for execution in self.executions())
        return [run for run in runs if run is not None]

    def latest_run(self, service_id: str) -> ServiceRun | None:
        runs = self.runs(service_id)
        return runs[-1] if runs else None

    def latest_execution(self) -> Execution | None:
        executions = self.executions()
        return executions[-1] if executions else None
