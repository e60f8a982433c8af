"""The status of a service, of an environment and of a deployment request as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qovery_sandbox.plans import ERRORS, QUEUED_STATES, SUCCESSES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qovery_sandbox.clock import Calendar
    from qovery_sandbox.deployments import DeploymentRequest, Execution, ServiceRun
    from qovery_sandbox.dialect import Dialect
    from qovery_sandbox.environment import Snapshot


Json = dict[str, Any]

_OTHER_ACTION_STATUSES = {"CANCELED": "CANCELED", "CANCELING": "CANCELING", "QUEUED": "QUEUED", "READY": "NEVER"}


def service_status(service_id: str, *, snapshot: Snapshot, dialect: Dialect, calendar: Calendar) -> Json:
    """Return the `Status` of a service."""
    run, waiting = snapshot.latest_run(service_id), snapshot.waiting(service_id)
    at = snapshot.at
    latest = snapshot.latest_execution()
    status: Json = {
        "id": service_id,
        "state": state_of(run, waiting, at=at, dialect=dialect),
        "service_deployment_status": deployment_status(snapshot.runs(service_id), at=at),
        "status_details": _status_details(run, waiting, at=at, dialect=dialect),
        "is_part_last_deployment": run is not None and run.execution is latest,
        "deployment_request_id": _request_id(run, waiting, at=at, dialect=dialect),
        "deployment_requests_count": len(waiting),
    }
    return status | (_run_fields(run, at=at, dialect=dialect, calendar=calendar) if run else {})


def state_of(run: ServiceRun | None, waiting: list[DeploymentRequest], *, at: float, dialect: Dialect) -> str:
    """Return the state of a service, from its latest run and its waiting requests."""
    if waiting and _shows_queued_state(run, at=at, dialect=dialect):
        return "QUEUED" if dialect.queued_state == "QUEUED" else QUEUED_STATES[waiting[0].spec.action]
    return run.state(at=at) if run else "READY"


def deployment_status(runs: list[ServiceRun], *, at: float) -> str:
    """Return the `ServiceDeploymentStatusEnum`, from the last run that is over and was not skipped."""
    over = [run for run in runs if run.is_over(at=at) and run.omission is None]
    if not over:
        return "NEVER_DEPLOYED"
    return "UP_TO_DATE" if over[-1].final_state in {"DEPLOYED", "RESTARTED"} else "OUT_OF_DATE"


def action_status(state: str) -> str:
    """Return the `ServiceActionStatusEnum` of a state."""
    if state in SUCCESSES:
        return "SUCCESS"
    if state in ERRORS:
        return "ERROR"
    return _OTHER_ACTION_STATUSES.get(state, "ONGOING")


def run_action_status(run: ServiceRun, *, at: float) -> str:
    """Return the `ServiceActionStatusEnum` of a run."""
    return "QUEUED" if run.is_waiting(at=at) else action_status(run.state(at=at))


def status_details(action: str, status: str) -> Json:
    return {"action": action, "status": status, "sub_action": "NONE"}


def _shows_queued_state(run: ServiceRun | None, *, at: float, dialect: Dialect) -> bool:
    return dialect.queued_state != "previous" and (run is None or run.is_over(at=at))


def _status_details(run: ServiceRun | None, waiting: list[DeploymentRequest], *, at: float, dialect: Dialect) -> Json:
    if waiting and _shows_queued_state(run, at=at, dialect=dialect):
        return status_details(waiting[0].spec.action, "QUEUED")
    if run is None:
        return status_details("UNKNOWN", "NEVER")
    return status_details(run.execution.request.spec.action, run_action_status(run, at=at))


def _request_id(run: ServiceRun | None, waiting: list[DeploymentRequest], *, at: float, dialect: Dialect) -> str | None:
    is_running = run is not None and not run.is_over(at=at)
    next_id = waiting[0].id if waiting else None
    if next_id and (dialect.id_while_queued == "own" or (dialect.id_while_queued == "at_rest" and not is_running)):
        return next_id
    choice = dialect.id_while_running if is_running else dialect.id_after_end
    if choice == "stays":
        return run.execution.request.id if run else None
    return next_id if choice == "next" else None


def _run_fields(run: ServiceRun, *, at: float, dialect: Dialect, calendar: Calendar) -> Json:
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


_NEVER = "READY"


def environment_status(snapshot: Snapshot, *, dialect: Dialect, calendar: Calendar) -> Json:
    """Return the `EnvironmentStatus` of an environment."""
    latest = snapshot.latest_execution()
    waiting = snapshot.waiting()
    status: Json = {
        "id": snapshot.environment.id,
        "state": environment_state(snapshot, dialect=dialect),
        "last_deployment_state": latest.state(at=snapshot.at) if latest else _NEVER,
        "deployment_status": _deployment_status(snapshot),
        "deployment_request_id": waiting[0].id if waiting else None,
    }
    return status | (_execution_fields(latest, at=snapshot.at, calendar=calendar) if latest else {})


def helm_statuses(
    service_ids: Iterable[str], *, snapshot: Snapshot, dialect: Dialect, calendar: Calendar
) -> list[Json]:
    return [service_status(each, snapshot=snapshot, dialect=dialect, calendar=calendar) for each in service_ids]


def environment_statuses(
    service_ids: Iterable[str], *, snapshot: Snapshot, dialect: Dialect, calendar: Calendar
) -> Json:
    """Return the status of an environment and of its services. The sandbox has helm services only."""
    others = ("applications", "containers", "jobs", "databases", "terraforms")
    return {
        "environment": environment_status(snapshot, dialect=dialect, calendar=calendar),
        **{kind: [] for kind in others},
        "helms": helm_statuses(service_ids, snapshot=snapshot, dialect=dialect, calendar=calendar),
    }


def request_status(request: DeploymentRequest, *, snapshot: Snapshot, dialect: Dialect) -> Json | None:
    """Return the `EnvDeploymentStatus` of a deployment request, or None if the endpoint does not find it."""
    at = snapshot.at
    while request.merged_into and request.left_at is not None and request.left_at <= at:
        if dialect.request_status_after_merge == "404":
            return None
        request = request.merged_into
    if dialect.request_status_available == "never" or (
        dialect.request_status_available == "queued" and request.has_left_queue(at=at)
    ):
        return None
    if dialect.request_status == "environment":
        state: str | None = environment_state(snapshot, dialect=dialect)
    elif dialect.request_status == "accepted":
        state = QUEUED_STATES[request.effective.action]
    else:
        state = _request_state(request, snapshot)
    if state is None:
        return None
    return {"deployment_request_id": request.id, "environment_id": request.environment_id, "status": state}


def environment_state(snapshot: Snapshot, *, dialect: Dialect) -> str:
    """Return the state of the running execution, else of the queue, else of the last execution."""
    latest, waiting = snapshot.latest_execution(), snapshot.waiting()
    if latest and not latest.is_over(at=snapshot.at):
        return latest.state(at=snapshot.at)
    if waiting:
        return state_of(None, waiting, at=snapshot.at, dialect=dialect)
    return latest.state(at=snapshot.at) if latest else _NEVER


def _request_state(request: DeploymentRequest, snapshot: Snapshot) -> str | None:
    if snapshot.at < request.accepted_at:
        return None
    if request.is_waiting(at=snapshot.at):
        return QUEUED_STATES[request.effective.action]
    if request.leave_reason == "CANCELED":
        return "CANCELED"
    execution = next((each for each in snapshot.executions() if each.request is request), None)
    return execution.state(at=snapshot.at) if execution else "DEPLOYED"


def _deployment_status(snapshot: Snapshot) -> str:
    runs = [run for execution in snapshot.executions() for run in execution.runs]
    return deployment_status(runs, at=snapshot.at)


def _execution_fields(execution: Execution, *, at: float, calendar: Calendar) -> Json:
    ended_at = execution.ended_at if execution.is_over(at=at) else None
    spec = execution.request.spec
    return {
        "last_deployment_date": calendar.date(execution.began_at if ended_at is None else ended_at),
        "last_deployment_id": execution.id,
        "total_deployment_duration_in_seconds": None if ended_at is None else round(ended_at - execution.began_at),
        "origin": spec.origin,
        "triggered_by": spec.user,
    }
