"""What is told of one service's deployment when it is over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qovery_helm_deploy.deployment.asked import Asked
    from qovery_helm_deploy.deployment.execution import ServiceResult
    from qovery_helm_deploy.deployment.phases import Phase
    from qovery_helm_deploy.deployment.status import Step
    from qovery_helm_deploy.deployment.verdict import Verdict


@dataclass(frozen=True, kw_only=True)
class Report:
    """The end of one service's deployment; texts are empty and `duration` (seconds) is `None` where nobody told them.

    `state`, `service_deployment_status`, `execution_id` and `steps` are as Qovery tells them. So is `duration` where
    Qovery tells one; else it was measured from the acceptance on. `deployed` is the service's part of our execution.
    """

    service_id: str
    asked: Asked
    verdict: Verdict
    name: str = ""
    environment: str = ""
    request_id: str = ""
    state: str = ""
    service_deployment_status: str = ""
    execution_id: str = ""
    duration: float | None = None
    steps: tuple[Step, ...] = ()
    phases: tuple[Phase, ...] = ()
    deployed: ServiceResult | None = None
    service_url: str = ""
    console_url: str = ""

    @property
    def label(self) -> str:
        """Name the service as a person would: by its name and environment, else by its id."""
        place = f" ({self.environment})" if self.environment else ""
        return f"{self.name}{place}" if self.name else self.service_id


def most_telling(reports: tuple[Report, ...]) -> Report:
    """Choose the report that single-valued outputs tell: the first that is not green, else the first."""
    return next((report for report in reports if not report.verdict.outcome.is_green), reports[0])
