"""Looks at a service before its deployment: what it is, what fits it, and how it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qovery_helm_deploy.deployment.evidence import Baseline
from qovery_helm_deploy.errors import NotFoundError, QoveryError, quoted
from qovery_helm_deploy.run.looking import records_of

if TYPE_CHECKING:
    from qovery_helm_deploy.deployment.service import Environment, Service
    from qovery_helm_deploy.qovery.client import Client

_CONSOLE = "https://console.qovery.com"


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The service and, where the token may see it, its environment."""

    service: Service
    environment: Environment | None

    @property
    def label(self) -> str:
        return f"{self.service.name} ({self.environment.name})" if self.environment else self.service.name

    @property
    def console_url(self) -> str:
        """The service's page in Qovery's console; its address is known from the console's own routes."""
        if self.environment is None:
            return ""
        path = (
            ("organization", self.environment.organization_id),
            ("project", self.environment.project_id),
            ("environment", self.environment.id),
            ("service", self.service.id),
        )
        return f"{_CONSOLE}/{'/'.join(f'{kind}/{identity}' for kind, identity in path)}/deployments"


async def look_up(client: Client, service_id: str) -> Subject:
    """Find the service and its environment. Raises `QoveryError` where the service cannot be seen."""
    service = await _service(client, service_id)
    try:
        environment = await client.environment(service.environment_id)
    except QoveryError:
        environment = None
    return Subject(service=service, environment=environment)


async def _service(client: Client, service_id: str) -> Service:
    try:
        return await client.service(service_id)
    except NotFoundError as error:
        name = await _name_of_environment(client, service_id)
        if name is None:
            raise
        message = f"{service_id} is the id of the environment {quoted(name)}, not of a helm service."
        raise NotFoundError(message, status=error.status) from error


async def _name_of_environment(client: Client, environment_id: str) -> str | None:
    try:
        return (await client.environment(environment_id)).name
    except QoveryError:
        return None


async def look_before(client: Client, service_id: str) -> Baseline:
    """Take in how the service stands before the request. Raises `QoveryError` where its status cannot be had."""
    status = await client.status_at_start(service_id)
    taken_at = client.transport.server_time
    queue, history = await records_of(client, service_id)
    return Baseline(status=status, queue=queue, history=history, taken_at=taken_at)
