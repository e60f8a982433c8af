"""The report on the deployment of one service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qovery_helm_deploy.deployment.service import labelled

if TYPE_CHECKING:
    from qovery_helm_deploy.deployment.asked import Asked
    from qovery_helm_deploy.deployment.execution import ServiceResult
    from qovery_helm_deploy.deployment.phases import Phase
    from qovery_helm_deploy.deployment.status import Step
    from qovery_helm_deploy.deployment.verdict import Verdict


@dataclass(frozen=True, kw_only=True)
class Report:
    """The result of one service; what is unknown is an empty text or None.

    `state`, `service_deployment_status`, `execution_id` and `steps` are Qovery's. `duration`, in seconds, is Qovery's
    or, where Qovery reports none, the time since the acceptance. `deployed` is the service in the execution, and `log`
    the last lines of Qovery's deployment log, if the deployment failed.
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
    log: tuple[str, ...] = ()
    service_url: str = ""
    console_url: str = ""

    @property
    def label(self) -> str:
        """The service's name and environment; its id if the name is unknown."""
        return labelled(self.name, self.environment) if self.name else self.service_id


def report_for_outputs(reports: tuple[Report, ...]) -> Report:
    """Return the report that the single-valued outputs show: the first that is not green, else the first."""
    return next((report for report in reports if not report.verdict.outcome.is_green), reports[0])
