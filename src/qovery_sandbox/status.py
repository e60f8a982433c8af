"""Renders `Status`, the answer that a deployment is followed by; each silence of the specification has its dialect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qovery_sandbox.plan import ERRORS, QUEUED_STATES, SUCCESSES

if TYPE_CHECKING:
    from qovery_sandbox.dates import Calendar
    from qovery_sandbox.dialect import Dialect
    from qovery_sandbox.execution import ServiceRun
    from qovery_sandbox.request import Request
    from qovery_sandbox.snapshot import Snapshot

Json = dict[str, Any]

_OTHER_ACTION_STATUSES = {"CANCELED": "CANCELED", "CANCELING": "CANCELING", "QUEUED": "QUEUED", "READY": "NEVER"}


def service_status(service_id: str, *, snapshot: Snapshot, dialect: Dialect, calendar: Calendar) -> Json:
    """Render a service's status as of the snapshot."""
    run, waiting = snapshot.latest_run(service_id), snapshot.waiting(service_id)
    at = snapshot.at
    latest = snapshot.latest_execution()
    status: Json = {
        "id": service_id,
        "state": state_of(run, waiting, at=at, dialect=dialect),
        "service_deployment_status": deployment_status(snapshot.runs(service_id), at=at),
        "status_details": _details(run, waiting, at=at, dialect=dialect),
        "is_part_last_deployment": run is not None and run.execution is latest,
        "deployment_request_id": _request_id(run, waiting, at=at, dialect=dialect),
        "deployment_requests_count": len(waiting),
    }
    return status | (_of_run(run, at=at, dialect=dialect, calendar=calendar) if run else {})


def state_of(run: ServiceRun | None, waiting: list[Request], *, at: float, dialect: Dialect) -> str:
    """Tell the state of a service by its latest run and the requests that wait for it."""
    if waiting and _shows_waiting(run, at=at, dialect=dialect):
        return "QUEUED" if dialect.queued_state == "QUEUED" else QUEUED_STATES[waiting[0].order.action]
    return run.state(at=at) if run else "READY"


def deployment_status(runs: list[ServiceRun], *, at: float) -> str:
    """Tell the `ServiceDeploymentStatusEnum` by the last execution that is over and did something."""
    over = [run for run in runs if run.is_over(at=at) and run.omission is None]
    if not over:
        return "NEVER_DEPLOYED"
    return "UP_TO_DATE" if over[-1].final_state in {"DEPLOYED", "RESTARTED"} else "OUT_OF_DATE"


def action_status(state: str) -> str:
    """Tell the `ServiceActionStatusEnum` of a state in which an execution may be."""
    if state in SUCCESSES:
        return "SUCCESS"
    if state in ERRORS:
        return "ERROR"
    return _OTHER_ACTION_STATUSES.get(state, "ONGOING")


def run_action_status(run: ServiceRun, *, at: float) -> str:
    """Return the `ServiceActionStatusEnum` of a service's part in an execution."""
    return "QUEUED" if run.is_waiting(at=at) else action_status(run.state(at=at))


def status_details(action: str, status: str) -> Json:
    return {"action": action, "status": status, "sub_action": "NONE"}


def _shows_waiting(run: ServiceRun | None, *, at: float, dialect: Dialect) -> bool:
    return dialect.queued_state != "previous" and (run is None or run.is_over(at=at))


def _details(run: ServiceRun | None, waiting: list[Request], *, at: float, dialect: Dialect) -> Json:
    if waiting and _shows_waiting(run, at=at, dialect=dialect):
        return status_details(waiting[0].order.action, "QUEUED")
    if run is None:
        return status_details("UNKNOWN", "NEVER")
    return status_details(run.execution.request.order.action, run_action_status(run, at=at))


def _request_id(run: ServiceRun | None, waiting: list[Request], *, at: float, dialect: Dialect) -> str | None:
    is_running = run is not None and not run.is_over(at=at)
    next_id = waiting[0].id if waiting else None
    if next_id and (dialect.id_while_queued == "own" or (dialect.id_while_queued == "at_rest" and not is_running)):
        return next_id
    shown = dialect.id_while_running if is_running else dialect.id_after_end
    if shown == "stays":
        return run.execution.request.id if run else None
    return next_id if shown == "next" else None


def _of_run(run: ServiceRun, *, at: float, dialect: Dialect, calendar: Calendar) -> Json:
    optional: Json = {"steps": _steps(run, at=at)}
    if dialect.execution_ids:
        optional["execution_id"] = run.execution.id
    if dialect.dates:
        since = run.changed_at(at=at) if run.is_over(at=at) else run.execution.began_at
        optional["last_deployment_date"] = calendar.date(since)
    return optional


def _steps(run: ServiceRun, *, at: float) -> Json:
    finished = run.finished_steps(at=at)
    computing = sum(step.duration for step in finished if not step.name.endswith("_QUEUEING"))
    total = run.duration if run.is_over(at=at) else None
    return {
        "total_duration_sec": None if total is None else round(total),
        "total_computing_duration_sec": round(computing),
        "details": [
            {"step_name": step.name, "status": step.status, "duration_sec": round(step.duration)} for step in finished
        ],
    }
