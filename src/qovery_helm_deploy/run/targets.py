"""Finds the services to deploy, and their environments."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qovery_helm_deploy.errors import NotFoundError, QoveryError, UnreachableError, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qovery_helm_deploy.deployment.service import Environment, Service
    from qovery_helm_deploy.qovery.client import Client

_CONSOLE = "https://console.qovery.com"


@dataclass(frozen=True, kw_only=True)
class Target:
    """A service to deploy and, where the token may read it, its environment."""

    service: Service
    environment: Environment | None = None

    @property
    def console_url(self) -> str:
        """The service's page in Qovery's console; the address follows the console's own routes."""
        if self.environment is None:
            return ""
        path = (
            ("organization", self.environment.organization_id),
            ("project", self.environment.project_id),
            ("environment", self.environment.id),
            ("service", self.service.id),
        )
        return f"{_CONSOLE}/{'/'.join(f'{kind}/{identity}' for kind, identity in path)}/deployments"


async def find_services(client: Client, service_ids: Sequence[str]) -> Mapping[str, Service | QoveryError]:
    """Find services by id: one call for the first one, one for all others of its environment, one for each of the rest.

    A service that cannot be read is returned as its error; so are all others once Qovery cannot be reached.
    """
    found: dict[str, Service | QoveryError] = {}
    unknown = list(service_ids)
    while unknown:
        service_id = unknown.pop(0)
        service = found[service_id] = await _find_service(client, service_id)
        if isinstance(service, UnreachableError):
            return found | dict.fromkeys(unknown, service)
        if unknown and not isinstance(service, QoveryError):
            with contextlib.suppress(QoveryError):
                listed = await client.services(service.environment_id)
                found |= {known: listed[known] for known in unknown if known in listed}
                unknown = [each for each in unknown if each not in listed]
    return found


async def _find_service(client: Client, service_id: str) -> Service | QoveryError:
    try:
        return await client.service(service_id)
    except NotFoundError as error:
        return await _explained(client, service_id, error)
    except QoveryError as error:
        return error


async def _explained(client: Client, service_id: str, error: NotFoundError) -> QoveryError:
    """Return the error with the id, and with the environment that has this id, if there is one."""
    environment = await find_environment(client, service_id)
    if environment is None:
        message = f"Qovery has no helm service {service_id} that the token may read. {error}"
    else:
        message = f"{service_id} is the id of the environment {quoted(environment.name)}, not of a helm service."
    return NotFoundError(message, status=error.status)


async def find_environment(client: Client, environment_id: str) -> Environment | None:
    """Return an environment, or None if the token may not read it."""
    with contextlib.suppress(QoveryError):
        return await client.environment(environment_id)
    return None
