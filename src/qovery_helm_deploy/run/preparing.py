"""Looks a service up before its deployment: what it is, and where."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio

from qovery_helm_deploy.errors import NotFoundError, QoveryError, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qovery_helm_deploy.deployment.service import Environment, Service
    from qovery_helm_deploy.qovery.client import Client

#: So many services are looked up by listing their environments' services, which may hold them up for so many seconds.
_MANY, _LONGEST_LISTING = 4, 5.0
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


class Subjects:
    """Finds services and their environments, each environment once.

    Many services are not asked for one by one: one call lists all of an environment.
    """

    def __init__(self, client: Client, service_ids: Iterable[str]) -> None:
        self._client = client
        self._unknown = set(service_ids)
        self._services: dict[str, Service] = {}
        self._environments: dict[str, Environment | None] = {}
        self._listing = anyio.Lock()
        self._asking: defaultdict[str, anyio.Lock] = defaultdict(anyio.Lock)

    async def find(self, service_id: str) -> Subject:
        """Find a service and its environment. Raises `QoveryError` where the service cannot be seen."""
        async with self._listing:
            if len(self._unknown) >= _MANY:
                await self._list()
        service = self._services.get(service_id) or await self._service(service_id)
        return Subject(service=service, environment=await self._environment(service.environment_id))

    async def _list(self) -> None:
        """List what the environments of the services have, unless that takes long or tells of none."""
        unknown, self._unknown = self._unknown, set()
        with contextlib.suppress(QoveryError), anyio.move_on_after(_LONGEST_LISTING):
            while len(unknown) >= _MANY:
                service_id = min(unknown)
                service = self._services[service_id] = await self._client.service(service_id)
                listed = await self._client.services(service.environment_id)
                self._services = {**listed, **self._services}
                unknown.discard(service_id)
                if unknown.isdisjoint(listed):
                    break
                unknown -= listed.keys()

    async def _service(self, service_id: str) -> Service:
        try:
            return await self._client.service(service_id)
        except NotFoundError as error:
            environment = await self._environment(service_id)
            if environment is None:
                raise
            message = f"{service_id} is the id of the environment {quoted(environment.name)}, not of a helm service."
            raise NotFoundError(message, status=error.status) from error

    async def _environment(self, environment_id: str) -> Environment | None:
        async with self._asking[environment_id]:
            if environment_id not in self._environments:
                try:
                    self._environments[environment_id] = await self._client.environment(environment_id)
                except QoveryError:
                    self._environments[environment_id] = None
            return self._environments[environment_id]
