"""Renders `EnvironmentStatus`, the statuses of several services in one answer, and the status of a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qovery_sandbox.plan import QUEUED_STATES
from qovery_sandbox.status import deployment_status, service_status, state_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qovery_sandbox.dates import Calendar
    from qovery_sandbox.dialect import Dialect
    from qovery_sandbox.execution import Execution
    from qovery_sandbox.request import Request
    from qovery_sandbox.snapshot import Snapshot
    from qovery_sandbox.status import Json

_NEVER = "READY"


def environment_status(snapshot: Snapshot, *, dialect: Dialect, calendar: Calendar) -> Json:
    """Render an environment's status as of the snapshot."""
    latest = snapshot.latest_execution()
    waiting = snapshot.waiting()
    status: Json = {
        "id": snapshot.environment.id,
        "state": environment_state(snapshot, dialect=dialect),
        "last_deployment_state": latest.state(at=snapshot.at) if latest else _NEVER,
        "deployment_status": _deployment_status(snapshot),
        "deployment_request_id": waiting[0].id if waiting else None,
    }
    return status | (_of_execution(latest, at=snapshot.at, calendar=calendar) if latest else {})


def helm_statuses(
    service_ids: Iterable[str], *, snapshot: Snapshot, dialect: Dialect, calendar: Calendar
) -> list[Json]:
    return [service_status(each, snapshot=snapshot, dialect=dialect, calendar=calendar) for each in service_ids]


def environment_statuses(
    service_ids: Iterable[str], *, snapshot: Snapshot, dialect: Dialect, calendar: Calendar
) -> Json:
    """Render the environment's status together with those of its services, of which only helm ones exist here."""
    others = ("applications", "containers", "jobs", "databases", "terraforms")
    return {
        "environment": environment_status(snapshot, dialect=dialect, calendar=calendar),
        **{kind: [] for kind in others},
        "helms": helm_statuses(service_ids, snapshot=snapshot, dialect=dialect, calendar=calendar),
    }


def request_status(request: Request, *, snapshot: Snapshot, dialect: Dialect) -> Json | None:
    """Render the `EnvDeploymentStatus` of a deployment request as of the snapshot; `None` for what is not found."""
    at = snapshot.at
    while request.merged_into and request.left_at is not None and request.left_at <= at:
        if dialect.answer_after_merge == "404":
            return None
        request = request.merged_into
    if dialect.answered == "never" or (dialect.answered == "queued" and request.has_left_queue(at=at)):
        return None
    is_of_environment = dialect.answers == "environment"
    state = environment_state(snapshot, dialect=dialect) if is_of_environment else _request_state(request, snapshot)
    if state is None:
        return None
    return {"deployment_request_id": request.id, "environment_id": request.environment_id, "status": state}


def environment_state(snapshot: Snapshot, *, dialect: Dialect) -> str:
    """Return the state of what runs, else of what waits, else of what ran last."""
    latest, waiting = snapshot.latest_execution(), snapshot.waiting()
    if latest and not latest.is_over(at=snapshot.at):
        return latest.state(at=snapshot.at)
    if waiting:
        return state_of(None, waiting, at=snapshot.at, dialect=dialect)
    return latest.state(at=snapshot.at) if latest else _NEVER


def _request_state(request: Request, snapshot: Snapshot) -> str | None:
    if snapshot.at < request.accepted_at:
        return None
    if request.is_waiting(at=snapshot.at):
        return QUEUED_STATES[request.effective.action]
    if request.departure == "CANCELED":
        return "CANCELED"
    execution = next((each for each in snapshot.executions() if each.request is request), None)
    return execution.state(at=snapshot.at) if execution else "DEPLOYED"


def _deployment_status(snapshot: Snapshot) -> str:
    runs = [run for execution in snapshot.executions() for run in execution.runs]
    return deployment_status(runs, at=snapshot.at)


def _of_execution(execution: Execution, *, at: float, calendar: Calendar) -> Json:
    ended_at = execution.ended_at if execution.is_over(at=at) else None
    order = execution.request.order
    return {
        "last_deployment_date": calendar.date(execution.began_at if ended_at is None else ended_at),
        "last_deployment_id": execution.id,
        "total_deployment_duration_in_seconds": None if ended_at is None else round(ended_at - execution.began_at),
        "origin": order.origin,
        "triggered_by": order.user,
    }
