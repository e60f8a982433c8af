"""The deployment queue and the deployment history as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qovery_sandbox.clock import iso_duration
from qovery_sandbox.services import ICON, commit_json, group_by_stage, stage_name
from qovery_sandbox.statuses import action_status, run_action_status, status_details

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qovery_sandbox.clock import Calendar
    from qovery_sandbox.deployments import DeploymentRequest, Execution, ServiceRun
    from qovery_sandbox.dialect import Dialect
    from qovery_sandbox.environment import Snapshot
    from qovery_sandbox.services import Service
    from qovery_sandbox.statuses import Json


def service_queue(service: Service, *, snapshot: Snapshot) -> Json:
    """Return the `QueuedDeploymentRequestForService` of one service."""
    return {"results": [_for_service(request, service) for request in snapshot.listed(service.id)]}


def environment_queue(services: Mapping[str, Service], *, snapshot: Snapshot) -> Json:
    """Return the `QueuedDeploymentRequestWithStages` of an environment."""
    return {"results": [_with_stages(request, services) for request in snapshot.listed()]}


def _for_service(request: DeploymentRequest, service: Service) -> Json:
    return {
        "identifier": {
            "deployment_request_id": request.id,
            "service_id": service.id,
            "service_type": "HELM",
            "name": service.name,
        },
        "auditing_data": _request_auditing_data(request),
        "status_details": status_details(request.spec.action, "QUEUED"),
        "icon_uri": ICON,
    }


def _with_stages(request: DeploymentRequest, services: Mapping[str, Service]) -> Json:
    return {
        "identifier": {"deployment_request_id": request.id, "environment_id": request.environment_id},
        "auditing_data": _request_auditing_data(request),
        "trigger_action": request.spec.action,
        "stages": _stages([services[service_id] for service_id in request.effective.service_ids]),
    }


def _stages(services: list[Service]) -> list[Json]:
    return [
        {"name": stage_name(stage), "status": "QUEUED", "services": [_in_stage(each) for each in members]}
        for stage, members in group_by_stage(services)
    ]


def _in_stage(service: Service) -> Json:
    identifier = {"service_id": service.id, "service_type": "HELM", "name": service.name}
    return {"identifier": identifier, "status": "QUEUED", "icon_uri": ICON}


def _request_auditing_data(request: DeploymentRequest) -> Json:
    return {"triggered_by": request.spec.user, "origin": request.spec.origin}


def deployment_history(
    service: Service, *, snapshot: Snapshot, dialect: Dialect, calendar: Calendar, page_size: int
) -> Json:
    """Return the first page of a service's history, newest first."""
    runs = [run for run in snapshot.runs(service.id) if dialect.history_lists_running or run.is_over(at=snapshot.at)]
    newest = list(reversed(runs))[:page_size]
    entries = [_entry(run, service, at=snapshot.at, dialect=dialect, calendar=calendar) for run in newest]
    return {"page": 0, "page_size": page_size, "results": entries}


def environment_history(
    services: Mapping[str, Service], *, snapshot: Snapshot, dialect: Dialect, calendar: Calendar, page_size: int
) -> Json:
    """Return the first page of an environment's history, newest first."""
    executions = [
        each for each in snapshot.executions() if dialect.history_lists_running or each.is_over(at=snapshot.at)
    ]
    newest = list(reversed(executions))[:page_size]
    entries = [_execution(each, services, at=snapshot.at, dialect=dialect, calendar=calendar) for each in newest]
    return {"page": 0, "page_size": page_size, "results": entries}


def _execution(
    execution: Execution, services: Mapping[str, Service], *, at: float, dialect: Dialect, calendar: Calendar
) -> Json:
    state, request = execution.state(at=at), execution.request
    return {
        "identifier": {"execution_id": execution.id, "environment_id": request.environment_id},
        "auditing_data": _auditing_data(
            execution, updated_at=execution.changed_at(at=at), dialect=dialect, calendar=calendar
        ),
        "status": state,
        "trigger_action": request.spec.action,
        "action_status": action_status(state),
        "total_duration": iso_duration(execution.duration(at=at)),
        "stages": [
            {
                "name": stage_name(stage),
                "status": _stage_status(runs, at=at),
                "duration": iso_duration(_stage_duration(runs, at=at)),
                "services": [
                    _entry(run, services[run.service_id], at=at, dialect=dialect, calendar=calendar) for run in runs
                ],
            }
            for stage, runs in group_by_stage(execution.runs)
        ],
    }


def _stage_status(runs: list[ServiceRun], *, at: float) -> str:
    """Return the `StageStatusEnum`."""
    runs = [run for run in runs if not run.is_omitted(at=at)]
    if not runs:
        return "SKIPPED"
    if all(run.is_waiting(at=at) for run in runs):
        return "QUEUED"
    if not all(run.is_over(at=at) for run in runs):
        return "ONGOING"
    statuses = {action_status(run.state(at=at)) for run in runs}
    return next((each for each in ("ERROR", "CANCELED") if each in statuses), "DONE")


def _stage_duration(runs: list[ServiceRun], *, at: float) -> float:
    times = [
        (run.began_at, at if run.ended_at is None else min(run.ended_at, at))
        for run in runs
        if run.began_at is not None and run.began_at <= at
    ]
    return max(end for _, end in times) - min(begin for begin, _ in times) if times else 0.0


def _auditing_data(execution: Execution, *, updated_at: float, dialect: Dialect, calendar: Calendar) -> Json:
    request = execution.request
    created_at = execution.began_at if dialect.history_created_at == "began" else request.accepted_at
    auditing_data: Json = {
        "created_at": calendar.date(created_at),
        "updated_at": calendar.date(updated_at),
        "triggered_by": request.spec.user,
    }
    return auditing_data | ({"origin": request.spec.origin} if dialect.history_origin else {})


def _entry(run: ServiceRun, service: Service, *, at: float, dialect: Dialect, calendar: Calendar) -> Json:
    entry: Json = {
        "identifier": {
            "name": service.name,
            "service_id": service.id,
            "service_type": "HELM",
            "execution_id": run.execution.id,
        },
        "status": run.state(at=at),
        "auditing_data": _auditing_data(
            run.execution, updated_at=run.changed_at(at=at), dialect=dialect, calendar=calendar
        ),
        "details": _versions(run, service, calendar=calendar) if dialect.history_versions else {},
        "status_details": status_details(run.execution.request.spec.action, run_action_status(run, at=at)),
        "icon_uri": ICON,
    }
    if run.is_over(at=at) and run.duration is not None:
        entry["total_duration"] = iso_duration(run.duration)
    return entry


def _versions(run: ServiceRun, service: Service, *, calendar: Calendar) -> Json:
    if run.versions.chart_version is not None:
        return {"repository": {"chart_name": service.chart_name, "chart_version": run.versions.chart_version}}
    return {"commit": commit_json(run.versions.git_commit_id or "", service, calendar=calendar)}
