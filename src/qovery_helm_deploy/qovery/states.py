"""Reads how a service stands: its status, its queue, its history."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import Field

from qovery_helm_deploy.deployment.evidence import Execution, Identity, QueuedRequest
from qovery_helm_deploy.deployment.status import State, Status, Step
from qovery_helm_deploy.errors import NoAnswerError
from qovery_helm_deploy.qovery.wire import Lenient, LenientList, Wire, read

#: Seconds that a deployment can take; what is beyond, or no number, was not told.
_Seconds = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]


class _Step(Wire):
    step_name: str
    status: Lenient[str] = None
    duration_sec: Lenient[_Seconds] = None


class _Steps(Wire):
    total_duration_sec: Lenient[_Seconds] = None
    details: LenientList[_Step] = Field(default_factory=list)


class _Status(Wire):
    id: Lenient[str] = None
    state: Annotated[str, Field(min_length=1)]
    service_deployment_status: Lenient[str] = None
    last_deployment_date: Lenient[datetime] = None
    deployment_request_id: Lenient[str] = None
    execution_id: Lenient[str] = None
    steps: Lenient[_Steps] = None


class _Statuses(Wire):
    results: LenientList[_Status]


class _Auditing(Wire):
    triggered_by: Lenient[str] = None
    origin: Lenient[str] = None
    created_at: Lenient[datetime] = None


class _QueuedIdentifier(Wire):
    deployment_request_id: str


class _Queued(Wire):
    identifier: _QueuedIdentifier
    auditing_data: Lenient[_Auditing] = None


class _Queue(Wire):
    results: list[_Queued]


class _ServiceIdentifier(Wire):
    service_id: str


class _ServiceInStage(Wire):
    identifier: _ServiceIdentifier


class _Stage(Wire):
    services: list[_ServiceInStage]


class _QueuedInEnvironment(_Queued):
    stages: list[_Stage]


class _EnvironmentQueue(Wire):
    results: list[_QueuedInEnvironment]


class _ExecutionIdentifier(Wire):
    execution_id: Lenient[str] = None


class _StatusDetails(Wire):
    action: Lenient[str] = None


class _Commit(Wire):
    git_commit_id: Lenient[str] = None
    commit_page_url: Lenient[str] = None


class _Chart(Wire):
    chart_version: Lenient[str] = None


class _Details(Wire):
    commit: Lenient[_Commit] = None
    repository: Lenient[_Chart] = None


class _Execution(Wire):
    identifier: Lenient[_ExecutionIdentifier] = None
    status: Lenient[str] = None
    auditing_data: Lenient[_Auditing] = None
    status_details: Lenient[_StatusDetails] = None
    details: Lenient[_Details] = None
    total_duration: Lenient[Annotated[timedelta, Field(ge=timedelta(0))]] = None


class _History(Wire):
    results: list[_Execution]


def read_status(answer: object, *, service_id: str) -> Status:
    wire = read(_Status, answer)
    if wire.id is not None and wire.id.lower() != service_id:
        raise NoAnswerError(f"Qovery answered with the status of {wire.id}, not of {service_id}.")
    return _status(wire)


def read_statuses(answer: object) -> dict[str, Status]:
    """Return those that can be read of the statuses of an environment's services, by service id."""
    return {wire.id.lower(): _status(wire) for wire in read(_Statuses, answer).results if wire.id is not None}


def _status(wire: _Status) -> Status:
    steps = wire.steps or _Steps()
    return Status(
        state=State(wire.state),
        request_id=wire.deployment_request_id or None,
        execution_id=wire.execution_id or None,
        last_deployment_date=_aware(wire.last_deployment_date),
        service_deployment_status=wire.service_deployment_status,
        steps=tuple(
            Step(name=step.step_name, status=step.status, duration=step.duration_sec) for step in steps.details
        ),
        total_duration=steps.total_duration_sec,
    )


def read_queue(answer: object) -> tuple[QueuedRequest, ...]:
    return tuple(_queued(queued) for queued in read(_Queue, answer).results)


def read_environment_queue(answer: object) -> dict[str, tuple[QueuedRequest, ...]]:
    """Return the requests that wait in an environment, by the id of the services that they deploy."""
    by_service: defaultdict[str, list[QueuedRequest]] = defaultdict(list)
    for wire in read(_EnvironmentQueue, answer).results:
        services = {service.identifier.service_id.lower() for stage in wire.stages for service in stage.services}
        for service_id in services:
            by_service[service_id].append(_queued(wire))
    return {service_id: tuple(queue) for service_id, queue in by_service.items()}


def _queued(wire: _Queued) -> QueuedRequest:
    return QueuedRequest(id=wire.identifier.deployment_request_id, by=_identity(wire.auditing_data))


def read_history(answer: object) -> tuple[Execution, ...]:
    return tuple(_execution(entry) for entry in read(_History, answer).results)


def _execution(entry: _Execution) -> Execution:
    auditing, details = entry.auditing_data or _Auditing(), entry.details or _Details()
    created_at = _aware(auditing.created_at)
    name = entry.identifier.execution_id if entry.identifier else None
    return Execution(
        # The specification lets an entry go without an execution id; then its creation tells it from others.
        id=name or f"created at {created_at}",
        is_nameless=not name,
        state=State(entry.status or "UNKNOWN"),
        by=_identity(auditing),
        action=entry.status_details.action if entry.status_details else None,
        created_at=created_at,
        chart_version=details.repository.chart_version if details.repository else None,
        git_commit_id=details.commit.git_commit_id if details.commit else None,
        commit_url=details.commit.commit_page_url if details.commit else None,
        duration=entry.total_duration.total_seconds() if entry.total_duration is not None else None,
    )


def _identity(auditing: _Auditing | None) -> Identity:
    return Identity(triggered_by=auditing.triggered_by, origin=auditing.origin) if auditing else Identity()


def _aware(date: datetime | None) -> datetime | None:
    return date.replace(tzinfo=UTC) if date and date.tzinfo is None else date


def pushed_about(service_id: str, message: object) -> object:
    """Find what a message of the gateway says of a service; all of it, where it does not say it as the API would."""
    rest = [message]
    while rest:
        part = rest.pop()
        if isinstance(part, dict) and part.get("id") == service_id:
            return part
        rest.extend(part.values() if isinstance(part, dict) else part if isinstance(part, list) else ())
    return message
