"""Qovery's calls, one method each. Source of paths and fields: Qovery's API specification 1.0.4."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote

from qovery_helm_deploy.errors import RefusedError
from qovery_helm_deploy.qovery import services
from qovery_helm_deploy.qovery.answer import MIB
from qovery_helm_deploy.qovery.wire import read_nothing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from qovery_helm_deploy.deployment.asked import Asked
    from qovery_helm_deploy.deployment.execution import Execution, QueuedRequest
    from qovery_helm_deploy.deployment.log_entry import LogEntry
    from qovery_helm_deploy.deployment.service import Environment, Service
    from qovery_helm_deploy.deployment.status import EnvironmentStatuses, State
    from qovery_helm_deploy.qovery.transport import Transport

#: Seconds for which one observation is retried, and their share of the time at start, so that a short `timeout` leaves
#: some of its time to the request itself.
_OBSERVING, _SHARE_OF_START = 10.0, 0.25
#: Executions of the history that are read before a request. Whether Qovery allows so many is unknown; with these
#: statuses it would say that it does not.
_LONG_PAGE, _BAD_REQUEST = 100, {400, 422}
#: Seconds for what only helps the reader.
_FOR_THE_READER = 4.0


class Gateway(Protocol):
    """Where Qovery pushes what happens; see `qovery.gateway`."""

    async def listen(self, path: str, params: Mapping[str, str], take: Callable[[object], None]) -> None: ...


class Client:
    """Every method raises `QoveryError`; see `Transport` for which."""

    def __init__(self, transport: Transport, *, gateway: Gateway, seconds_at_start: float) -> None:
        self.transport = transport
        self._gateway = gateway
        self._at_start = seconds_at_start
        self._observing = min(_OBSERVING, _SHARE_OF_START * seconds_at_start)

    async def service(self, service_id: str) -> Service:
        return await self.transport.read(f"/helm/{service_id}", services.read_service, seconds=self._at_start)

    async def services(self, environment_id: str) -> Mapping[str, Service]:
        """List every helm service of an environment, by id."""
        path = f"/environment/{_segment(environment_id)}/helm"
        return await self.transport.read(path, services.read_services, seconds=self._observing)

    async def environment(self, environment_id: str) -> Environment:
        path = f"/environment/{_segment(environment_id)}"
        return await self.transport.read(path, services.read_environment, seconds=self._observing)

    async def request_state(self, request_id: str) -> tuple[State | None, str | None]:
        """Return the state of one deployment request and the id that Qovery names with it; None for what is absent."""
        from qovery_helm_deploy.qovery import states

        return await self.transport.read(
            "/environment/deploymentStatus",
            states.read_request_state,
            params={"deploymentRequestId": request_id},
            seconds=self._observing,
        )

    async def statuses(self, environment_id: str) -> EnvironmentStatuses:
        """Return the statuses of an environment and of each of its helm services."""
        from qovery_helm_deploy.qovery import states

        path = f"/environment/{_segment(environment_id)}/statuses"
        return await self.transport.read(path, states.read_statuses, seconds=self._observing)

    async def queue(self, environment_id: str) -> tuple[QueuedRequest, ...]:
        """Return the requests that wait in an environment."""
        from qovery_helm_deploy.qovery import states

        path = f"/environment/{_segment(environment_id)}/deploymentQueue"
        return await self.transport.read(path, states.read_queue, seconds=self._observing)

    async def history(self, environment_id: str) -> tuple[Execution, ...]:
        """Return an environment's latest executions, newest first: 20 where Qovery behaves as documented."""
        from qovery_helm_deploy.qovery import states

        path = f"/environment/{_segment(environment_id)}/deploymentHistoryV2"
        return await self.transport.read(path, states.read_history, seconds=self._observing)

    async def long_history(self, environment_id: str) -> tuple[Execution, ...]:
        """Return more of the latest executions, where Qovery allows that."""
        from qovery_helm_deploy.qovery import states

        path = f"/environment/{_segment(environment_id)}/deploymentHistoryV2"
        read = partial(self.transport.read, path, states.read_history, seconds=self._observing)
        try:
            return await read(params={"pageSize": f"{_LONG_PAGE}"})
        except RefusedError as error:
            if error.status not in _BAD_REQUEST:
                raise
            return await read()

    async def default_link(self, service_id: str) -> str | None:
        path = f"/helm/{service_id}/link"
        return await self.transport.read(path, services.read_default_link, seconds=_FOR_THE_READER)

    async def logs(self, environment_id: str, *, execution_id: str) -> tuple[LogEntry, ...]:
        """Read the last 1,000 entries of an execution's log, of every service it deployed."""
        from qovery_helm_deploy.qovery import logs

        path, params = f"/environment/{_segment(environment_id)}/logs", {"version": execution_id}
        return await self.transport.read(path, logs.read_log, params=params, seconds=self._observing, limit=16 * MIB)

    async def pushed_log(
        self, environment: Environment, *, execution_id: str, take: Callable[[tuple[LogEntry, ...]], None]
    ) -> None:
        """Take the entries of an execution's log as Qovery pushes them, until it ends that.

        Raises `NoAnswerError` where nothing is pushed, or no longer.
        """
        from qovery_helm_deploy.qovery import logs

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
        from qovery_helm_deploy.qovery import states

        await self._gateway.listen(
            "/deployment/status",
            _pushed(environment, execution_id),
            lambda message: take(states.pushed_about(service_id, message)),
        )

    async def deploy_service(self, service_id: str, asked: Asked) -> str | None:
        """Request one service's deployment, once; return the request's id where Qovery's answer has one."""
        from qovery_helm_deploy.qovery import states

        return await self.transport.send(
            f"/helm/{service_id}/deploy",
            states.read_accepted_id,
            params={"forceEvent": "DIFF"} if asked.only_differences else None,
            body=_versions(asked),
        )

    async def deploy_services(self, environment_id: str, service_ids: Iterable[str], asked: Asked) -> str | None:
        """Request one deployment of several services, once; return the request's id where Qovery's answer has one."""
        from qovery_helm_deploy.qovery import states

        helms = [{"id": service_id, **_versions(asked)} for service_id in service_ids]
        path = f"/environment/{_segment(environment_id)}/service/deploy"
        return await self.transport.send(path, states.read_accepted_id, body={"helms": helms})

    async def cancel_request(self, request_id: str) -> None:
        await self.transport.send(f"/deploymentQueue/{_segment(request_id)}/cancelDeployment", read_nothing, body={})

    async def cancel_environment(self, environment_id: str) -> None:
        path, body = f"/environment/{_segment(environment_id)}/cancelDeployment", {"force_cancel": False}
        await self.transport.send(path, read_nothing, body=body)


def _versions(asked: Asked) -> Mapping[str, str]:
    versions = {
        "chart_version": asked.chart_version,
        "git_commit_id": asked.git_commit_id,
        "values_override_git_commit_id": asked.values_override_git_commit_id,
    }
    return {name: version for name, version in versions.items() if version is not None}


def _segment(identity: str) -> str:
    """Quote an id from Qovery for a path, so that it cannot turn the call into another one."""
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
