"""Reads Qovery's answers into the types of `deployment`.

After Qovery's API specification 1.0.4. What decides must be there, or the answer counts as none; everything else may be
missing, of another type, or new.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    RootModel,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from qovery_helm_deploy.deployment.evidence import Execution, Identity, QueuedRequest
from qovery_helm_deploy.deployment.log_entry import LogEntry
from qovery_helm_deploy.deployment.service import Environment, Service, Source
from qovery_helm_deploy.deployment.status import State, Status, Step
from qovery_helm_deploy.errors import NoAnswerError

T = TypeVar("T")


def _or_none(value: object, handler: ValidatorFunctionWrapHandler) -> object:
    try:
        return handler(value)
    except ValidationError:
        return None


def _usable(value: object, handler: ValidatorFunctionWrapHandler) -> list[object]:
    """Keep the entries of a list that can be read."""
    entries = value if isinstance(value, list) else []
    read = [_or_none([entry], handler) for entry in entries]
    return [entry for one in read if isinstance(one, list) for entry in one]


#: Seconds that a deployment can take; what is beyond, or no number, was not told.
_Seconds = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
Lenient = Annotated[T | None, WrapValidator(_or_none)]
LenientList = Annotated[list[T], WrapValidator(_usable)]


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class _Step(_Wire):
    step_name: str
    status: Lenient[str] = None
    duration_sec: Lenient[_Seconds] = None


class _Steps(_Wire):
    total_duration_sec: Lenient[_Seconds] = None
    details: LenientList[_Step] = Field(default_factory=list)


class _Status(_Wire):
    id: Lenient[str] = None
    state: Annotated[str, Field(min_length=1)]
    service_deployment_status: Lenient[str] = None
    last_deployment_date: Lenient[datetime] = None
    deployment_request_id: Lenient[str] = None
    execution_id: Lenient[str] = None
    steps: Lenient[_Steps] = None


class _Statuses(_Wire):
    results: LenientList[_Status]


class _Auditing(_Wire):
    triggered_by: Lenient[str] = None
    origin: Lenient[str] = None
    created_at: Lenient[datetime] = None


class _QueuedIdentifier(_Wire):
    deployment_request_id: str


class _Queued(_Wire):
    identifier: _QueuedIdentifier
    auditing_data: Lenient[_Auditing] = None


class _Queue(_Wire):
    results: list[_Queued]


class _ExecutionIdentifier(_Wire):
    execution_id: Lenient[str] = None


class _StatusDetails(_Wire):
    action: Lenient[str] = None


class _Commit(_Wire):
    git_commit_id: Lenient[str] = None
    commit_page_url: Lenient[str] = None


class _Chart(_Wire):
    chart_version: Lenient[str] = None


class _Details(_Wire):
    commit: Lenient[_Commit] = None
    repository: Lenient[_Chart] = None


class _Execution(_Wire):
    identifier: Lenient[_ExecutionIdentifier] = None
    status: Lenient[str] = None
    auditing_data: Lenient[_Auditing] = None
    status_details: Lenient[_StatusDetails] = None
    details: Lenient[_Details] = None
    total_duration: Lenient[Annotated[timedelta, Field(ge=timedelta(0))]] = None


class _History(_Wire):
    results: list[_Execution]


class _Reference(_Wire):
    id: str


class _Values(_Wire):
    git: Lenient[dict[str, object]] = None


class _ValuesOverride(_Wire):
    file: Lenient[_Values] = None


class _Helm(_Wire):
    id: str
    name: str
    environment: _Reference
    source: Lenient[dict[str, object]] = None
    values_override: Lenient[_ValuesOverride] = None
    auto_deploy: Lenient[bool] = None


class _Environment(_Wire):
    id: str
    name: str
    project: _Reference
    organization: _Reference


class _Transmitter(_Wire):
    id: Lenient[str] = None


class _Stage(_Wire):
    step: Lenient[str] = None


class _LogDetails(_Wire):
    transmitter: Lenient[_Transmitter] = None
    stage: Lenient[_Stage] = None


class _LogMessage(_Wire):
    safe_message: Lenient[str] = None


class _UnderlyingError(_Wire):
    message: Lenient[str] = None


class _LogError(_Wire):
    user_log_message: Lenient[str] = None
    hint_message: Lenient[str] = None
    link: Lenient[str] = None
    underlying_error: Lenient[_UnderlyingError] = None


class _LogEntry(_Wire):
    timestamp: Lenient[str] = None
    details: Lenient[_LogDetails] = None
    message: Lenient[_LogMessage] = None
    error: Lenient[_LogError] = None


class _Log(RootModel[LenientList[_LogEntry]]):
    """An array, as the environment's log is."""


class _Link(_Wire):
    url: str
    is_default: Lenient[bool] = None


class _Links(_Wire):
    results: LenientList[_Link]


W = TypeVar("W", bound=BaseModel)


def read_status(answer: object, *, service_id: str) -> Status:
    wire = _read(_Status, answer)
    if wire.id is not None and wire.id.lower() != service_id:
        raise NoAnswerError(f"Qovery answered with the status of {wire.id}, not of {service_id}.")
    return _status(wire)


def read_statuses(answer: object) -> dict[str, Status]:
    """Return those that can be read of the statuses of an environment's services, by service id."""
    return {wire.id.lower(): _status(wire) for wire in _read(_Statuses, answer).results if wire.id is not None}


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
    return tuple(
        QueuedRequest(id=queued.identifier.deployment_request_id, by=_identity(queued.auditing_data))
        for queued in _read(_Queue, answer).results
    )


def read_history(answer: object) -> tuple[Execution, ...]:
    return tuple(_execution(entry) for entry in _read(_History, answer).results)


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


def read_service(answer: object) -> Service:
    wire = _read(_Helm, answer)
    source = wire.source or {}
    is_git, is_repository = bool(source.get("git")), bool(source.get("repository"))
    known_source = Source.GIT if is_git else Source.REPOSITORY
    return Service(
        id=wire.id,
        name=wire.name,
        environment_id=wire.environment.id,
        source=known_source if is_git != is_repository else Source.UNKNOWN,
        has_values_repository=bool(
            wire.values_override and wire.values_override.file and wire.values_override.file.git
        ),
        is_deployed_on_push=bool(wire.auto_deploy),
    )


def read_environment(answer: object) -> Environment:
    wire = _read(_Environment, answer)
    return Environment(id=wire.id, name=wire.name, project_id=wire.project.id, organization_id=wire.organization.id)


def read_default_link(answer: object) -> str | None:
    """Return the URL of the service's main public link, where it has one."""
    links = _read(_Links, answer).results
    return next((link.url for link in links if link.is_default), None)


def read_log(answer: object) -> tuple[LogEntry, ...]:
    return tuple(_log_entry(entry) for entry in _read(_Log, answer).root)


def _log_entry(entry: _LogEntry) -> LogEntry:
    details, error = entry.details or _LogDetails(), entry.error or _LogError()
    return LogEntry(
        timestamp=entry.timestamp or "",
        transmitter_id=details.transmitter.id if details.transmitter else None,
        step=details.stage.step if details.stage else None,
        message=entry.message.safe_message if entry.message else None,
        error=error.user_log_message,
        hint=error.hint_message or None,
        link=error.link or None,
        underlying_error=error.underlying_error.message if error.underlying_error else None,
    )


def read_nothing(_answer: object) -> None:
    """For calls whose answer says nothing beyond its status."""


def _read(model: type[W], answer: object) -> W:
    try:
        return model.model_validate(answer)
    except ValidationError as error:
        detail = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in detail["loc"]) or "the whole"
        raise NoAnswerError(f"Qovery's answer is not as specified: {where}: {detail['msg']}.") from None


def _identity(auditing: _Auditing | None) -> Identity:
    return Identity(triggered_by=auditing.triggered_by, origin=auditing.origin) if auditing else Identity()


def _aware(date: datetime | None) -> datetime | None:
    return date.replace(tzinfo=UTC) if date and date.tzinfo is None else date
