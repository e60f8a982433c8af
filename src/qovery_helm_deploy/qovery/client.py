"""Qovery's calls, one method each. Source of paths and fields: Qovery's API specification 1.0.4."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote

from qovery_helm_deploy.errors import RefusedError
from qovery_helm_deploy.qovery import places, states
from qovery_helm_deploy.qovery.answer import MIB
from qovery_helm_deploy.qovery.transport import Patience, Transport
from qovery_helm_deploy.qovery.wire import read_nothing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from qovery_helm_deploy.deployment.evidence import Asked, Execution, QueuedRequest
    from qovery_helm_deploy.deployment.log_entry import LogEntry
    from qovery_helm_deploy.deployment.service import Environment, Service
    from qovery_helm_deploy.deployment.status import Status

#: While waiting, a rotation of tokens or a fail-over at Qovery may pass: a few refusals in a row are endured.
_WAITING = Patience(refusals=3)
#: Seconds for what helps to decide, but must not hold up the looks at the status; and their share of the time at start,
#: so that environment, queue and history together leave some of a short one to the request itself.
_BESIDE, _SHARE_BESIDE = 10.0, 0.25
#: Executions of the history that are read before a request. Whether Qovery allows so many is unknown; with these
#: statuses it would say that it does not.
_LONG_PAGE, _BAD_REQUEST = 50, {400, 422}
#: What only helps the reader, when all is over.
_AFTERWARDS = Patience(seconds=4.0)


class Gateway(Protocol):
    """Where Qovery pushes what happens; see `qovery.gateway`."""

    async def listen(self, path: str, params: Mapping[str, str], take: Callable[[object], None]) -> None: ...


class Client:
    """Every method raises `QoveryError`; see `Transport` for which."""

    def __init__(self, transport: Transport, *, gateway: Gateway, patience_at_start: float) -> None:
        self.transport = transport
        self._gateway = gateway
        self._at_start = Patience(seconds=patience_at_start)
        self._beside = Patience(seconds=min(_BESIDE, _SHARE_BESIDE * patience_at_start))

    async def service(self, service_id: str) -> Service:
        return await self.transport.read(f"/helm/{service_id}", places.read_service, patience=self._at_start)

    async def services(self, environment_id: str) -> Mapping[str, Service]:
        """List every helm service of an environment, by id."""
        path = f"/environment/{_segment(environment_id)}/helm"
        return await self.transport.read(path, places.read_services, patience=self._beside)

    async def environment(self, environment_id: str) -> Environment:
        return await self.transport.read(
            f"/environment/{_segment(environment_id)}", places.read_environment, patience=self._beside
        )

    async def status_at_start(self, service_id: str) -> Status:
        return await self._status(service_id, patience=self._at_start)

    async def status(self, service_id: str) -> Status:
        return await self._status(service_id, patience=_WAITING)

    async def statuses(self, environment_id: str) -> Mapping[str, Status]:
        """Read the statuses of every helm service of an environment, by service id."""
        path = f"/environment/{_segment(environment_id)}/helm/status"
        return await self.transport.read(path, states.read_statuses, patience=_WAITING)

    async def queue(self, service_id: str) -> tuple[QueuedRequest, ...]:
        path = f"/service/{service_id}/deploymentQueue"
        return await self.transport.read(path, states.read_queue, patience=self._beside)

    async def environment_queue(self, environment_id: str) -> Mapping[str, tuple[QueuedRequest, ...]]:
        """Read all requests that wait in an environment, by the id of the services that they deploy."""
        path = f"/environment/{_segment(environment_id)}/deploymentQueue"
        return await self.transport.read(path, states.read_environment_queue, patience=self._beside)

    async def history(self, service_id: str) -> tuple[Execution, ...]:
        """Read the latest executions, newest first; Qovery tells 20 of them."""
        path = f"/helm/{service_id}/deploymentHistoryV2"
        return await self.transport.read(path, states.read_history, patience=self._beside)

    async def long_history(self, service_id: str) -> tuple[Execution, ...]:
        """Read more of the history than Qovery tells by itself, to learn from it; no less where it tells no more."""
        path, params = f"/helm/{service_id}/deploymentHistoryV2", {"pageSize": f"{_LONG_PAGE}"}
        try:
            return await self.transport.read(path, states.read_history, params=params, patience=self._beside)
        except RefusedError as error:
            if error.status not in _BAD_REQUEST:
                raise
            return await self.history(service_id)

    async def default_link(self, service_id: str) -> str | None:
        return await self.transport.read(f"/helm/{service_id}/link", places.read_default_link, patience=_AFTERWARDS)

    async def logs(self, environment_id: str, *, execution_id: str) -> tuple[LogEntry, ...]:
        """Read the last 1,000 entries of an execution's log, of every service it deployed."""
        # Imported here, as below: most steps show no log.
        from qovery_helm_deploy.qovery import logs  # noqa: PLC0415

        path, params = f"/environment/{_segment(environment_id)}/logs", {"version": execution_id}
        return await self.transport.read(path, logs.read_log, params=params, patience=self._beside, limit=16 * MIB)

    async def pushed_log(
        self, environment: Environment, *, execution_id: str, take: Callable[[tuple[LogEntry, ...]], None]
    ) -> None:
        """Take the entries of an execution's log as Qovery pushes them, until it ends that.

        Raises `NoAnswerError` where nothing is pushed, or no longer.
        """
        from qovery_helm_deploy.qovery import logs  # noqa: PLC0415

        await self._gateway.listen(
            "/deployment/logs",
            _pushed(environment, execution_id),
            lambda message: take(logs.read_pushed_log(message)),
        )

    async def pushed_status(
        self, environment: Environment, *, service_id: str, execution_id: str, take: Callable[[object], None]
    ) -> None:
        """Take what Qovery pushes of a service while an execution runs, unread: its form is not specified.

        Raises `NoAnswerError` where nothing is pushed, or no longer.
        """
        await self._gateway.listen(
            "/deployment/status",
            _pushed(environment, execution_id),
            lambda message: take(states.pushed_about(service_id, message)),
        )

    async def deploy(self, service_id: str, asked: Asked) -> Status | None:
        """Ask for a deployment, once; `None` when it was accepted with an answer that cannot be read."""
        versions = {
            "chart_version": asked.chart_version,
            "git_commit_id": asked.git_commit_id,
            "values_override_git_commit_id": asked.values_override_git_commit_id,
        }
        return await self.transport.send(
            f"/helm/{service_id}/deploy",
            partial(states.read_status, service_id=service_id),
            params={"forceEvent": "DIFF"} if asked.only_differences else None,
            body={name: version for name, version in versions.items() if version is not None},
        )

    async def cancel_request(self, request_id: str) -> None:
        await self.transport.send(f"/deploymentQueue/{_segment(request_id)}/cancelDeployment", read_nothing, body={})

    async def cancel_environment(self, environment_id: str) -> None:
        path, body = f"/environment/{_segment(environment_id)}/cancelDeployment", {"force_cancel": False}
        await self.transport.send(path, read_nothing, body=body)

    async def _status(self, service_id: str, *, patience: Patience) -> Status:
        read = partial(states.read_status, service_id=service_id)
        return await self.transport.read(f"/helm/{service_id}/status", read, patience=patience)


def _segment(identity: str) -> str:
    """Make a path's segment of an id that Qovery told, so that it cannot make another call of this one."""
    return quote(identity, safe="", errors="replace").replace(".", "%2E")


def _pushed(environment: Environment, execution_id: str) -> Mapping[str, str]:
    """Name an execution to the gateway as Qovery's console does."""
    return {
        "organization": environment.organization_id,
        "cluster": environment.cluster_id,
        "project": environment.project_id,
        "environment": environment.id,
        "version": execution_id,
    }
