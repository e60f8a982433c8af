"""Reads the states of deployments: statuses, the queue, the history, the answer about one request."""

from __future__ import annotations

from datetime import timedelta
from itertools import chain
from typing import Annotated

from pydantic import Field

from qovery_helm_deploy.deployment.execution import Execution, Identity, QueuedRequest, ServiceResult
from qovery_helm_deploy.deployment.status import EnvironmentStatuses, State, Status, Step
from qovery_helm_deploy.qovery.wire import Lenient, LenientList, Wire, read

#: Seconds that a deployment can take; what is beyond, or no number, counts as absent.
_Seconds = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
_Duration = Annotated[timedelta, Field(ge=timedelta(0))]
_Text = Annotated[str, Field(min_length=1)]


class _Step(Wire):
    step_name: str
    status: Lenient[str] = None
    duration_sec: Lenient[_Seconds] = None


class _Steps(Wire):
    total_duration_sec: Lenient[_Seconds] = None
    details: LenientList[_Step] = Field(default_factory=list)


class _Status(Wire):
    id: _Text
    state: _Text
    service_deployment_status: Lenient[str] = None
    deployment_request_id: Lenient[str] = None
    deployment_requests_count: Lenient[Annotated[int, Field(ge=0)]] = None
    execution_id: Lenient[str] = None
    steps: Lenient[_Steps] = None


class _EnvironmentStatus(Wire):
    last_deployment_id: Lenient[str] = None
    last_deployment_state: Lenient[_Text] = None
    triggered_by: Lenient[str] = None
    origin: Lenient[str] = None


class _Statuses(Wire):
    environment: Lenient[_EnvironmentStatus] = None
    helms: list[Lenient[_Status]]
    applications: LenientList[_Status] = Field(default_factory=list)
    containers: LenientList[_Status] = Field(default_factory=list)
    databases: LenientList[_Status] = Field(default_factory=list)
    jobs: LenientList[_Status] = Field(default_factory=list)
    terraforms: LenientList[_Status] = Field(default_factory=list)
    agentic_workflows: LenientList[_Status] = Field(default_factory=list)


class _Accepted(Wire):
    deployment_request_id: Lenient[_Text] = None


class _RequestStatus(Wire):
    deployment_request_id: Lenient[str] = None
    status: _Text | None = None


class _Auditing(Wire):
    triggered_by: Lenient[_Text] = None
    origin: Lenient[_Text] = None


class _ServiceIdentifier(Wire):
    service_id: str


class _QueuedService(Wire):
    identifier: _ServiceIdentifier


class _QueuedStage(Wire):
    services: LenientList[_QueuedService] = Field(default_factory=list)


class _QueuedIdentifier(Wire):
    deployment_request_id: _Text


class _Queued(Wire):
    identifier: _QueuedIdentifier
    auditing_data: Lenient[_Auditing] = None
    trigger_action: Lenient[_Text] = None
    stages: LenientList[_QueuedStage] = Field(default_factory=list)


class _Queue(Wire):
    results: list[_Queued]


class _Commit(Wire):
    git_commit_id: Lenient[_Text] = None
    commit_page_url: Lenient[str] = None


class _Chart(Wire):
    chart_version: Lenient[_Text] = None


class _Details(Wire):
    commit: Lenient[_Commit] = None
    repository: Lenient[_Chart] = None


class _ServiceEntry(Wire):
    identifier: _ServiceIdentifier
    status: Lenient[_Text] = None
    details: Lenient[_Details] = None
    total_duration: Lenient[_Duration] = None


class _Stage(Wire):
    services: LenientList[_ServiceEntry] = Field(default_factory=list)


class _ExecutionIdentifier(Wire):
    execution_id: _Text


class _Entry(Wire):
    identifier: _ExecutionIdentifier
    status: _Text
    action_status: Lenient[str] = None
    trigger_action: Lenient[_Text] = None
    auditing_data: Lenient[_Auditing] = None
    total_duration: Lenient[_Duration] = None
    stages: LenientList[_Stage] = Field(default_factory=list)


class _History(Wire):
    results: list[_Entry]


#: Values of `action_status` with which an execution has not ended, or has ended, whatever its `status` says.
_NOT_ENDED, _ENDED = {"QUEUED", "ONGOING", "CANCELING"}, {"SUCCESS", "ERROR", "CANCELED"}


def read_accepted_id(answer: object) -> str | None:
    """Return the request's id from the answer to a deploy call, if the answer has one."""
    return read(_Accepted, answer).deployment_request_id


def read_request_state(answer: object) -> tuple[State | None, str | None]:
    """Return the state of one deployment request, and the id of the request that the answer names, where it has them.

    The id may be that of the request into which Qovery merged the one asked for.
    """
    wire = read(_RequestStatus, answer)
    return (State(wire.status) if wire.status else None), wire.deployment_request_id


def read_statuses(answer: object) -> EnvironmentStatuses:
    """Return an environment's statuses; a service whose status cannot be read is absent."""
    wire = read(_Statuses, answer)
    environment = wire.environment or _EnvironmentStatus()
    others = (wire.applications, wire.containers, wire.databases, wire.jobs, wire.terraforms, wire.agentic_workflows)
    return EnvironmentStatuses(
        services={status.id.lower(): _status(status) for status in chain(wire.helms, *others) if status},
        last_execution_id=environment.last_deployment_id or None,
        last_state=State(environment.last_deployment_state) if environment.last_deployment_state else None,
        by=Identity(user=environment.triggered_by or None, origin=environment.origin or None),
    )


def _status(wire: _Status) -> Status:
    steps = wire.steps or _Steps()
    return Status(
        state=State(wire.state),
        request_id=wire.deployment_request_id or None,
        execution_id=wire.execution_id or None,
        queued_requests=wire.deployment_requests_count,
        service_deployment_status=wire.service_deployment_status,
        steps=tuple(
            Step(name=step.step_name, status=step.status, duration=step.duration_sec) for step in steps.details
        ),
        total_duration=steps.total_duration_sec,
    )


def read_queue(answer: object) -> tuple[QueuedRequest, ...]:
    """Return the requests that wait in an environment, with the services of each."""
    return tuple(
        QueuedRequest(
            id=queued.identifier.deployment_request_id,
            by=_identity(queued.auditing_data),
            services=frozenset(
                service.identifier.service_id.lower() for stage in queued.stages for service in stage.services
            ),
            action=queued.trigger_action,
        )
        for queued in read(_Queue, answer).results
    )


def read_history(answer: object) -> tuple[Execution, ...]:
    """Return an environment's executions that have begun, newest first."""
    return tuple(_execution(entry) for entry in read(_History, answer).results if not _is_queued(entry))


def _is_queued(entry: _Entry) -> bool:
    return entry.action_status == "QUEUED" or (entry.action_status is None and State(entry.status).is_queued)


def _execution(entry: _Entry) -> Execution:
    state, auditing = State(entry.status), entry.auditing_data or _Auditing()
    services = {
        service.identifier.service_id.lower(): _result(service) for stage in entry.stages for service in stage.services
    }
    is_in_progress = entry.action_status in _NOT_ENDED or any(
        result.state.is_in_progress for result in services.values()
    )
    is_over = state.is_terminal or (state is State.READY and entry.action_status in _ENDED)
    return Execution(
        id=entry.identifier.execution_id,
        state=state,
        is_over=is_over and not is_in_progress,
        by=_identity(auditing),
        services=services,
        action=entry.trigger_action,
        duration=_seconds(entry.total_duration),
    )


def _result(service: _ServiceEntry) -> ServiceResult:
    details = service.details or _Details()
    return ServiceResult(
        state=State(service.status or "UNKNOWN"),
        chart_version=details.repository.chart_version if details.repository else None,
        git_commit_id=details.commit.git_commit_id if details.commit else None,
        commit_url=details.commit.commit_page_url if details.commit else None,
        duration=_seconds(service.total_duration),
    )


def _identity(auditing: _Auditing | None) -> Identity:
    return Identity(user=auditing.triggered_by, origin=auditing.origin) if auditing else Identity()


def _seconds(duration: timedelta | None) -> float | None:
    return duration.total_seconds() if duration is not None else None


def pushed_about(service_id: str, message: object) -> object:
    """Find what a message of the gateway says of a service; all of it, where it does not say it as the API would."""
    rest = [message]
    while rest:
        part = rest.pop()
        if isinstance(part, dict) and part.get("id") == service_id:
            return part
        rest.extend(part.values() if isinstance(part, dict) else part if isinstance(part, list) else ())
    return message
