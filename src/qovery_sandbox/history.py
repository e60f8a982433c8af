"""Renders `DeploymentHistoryService`: what has begun, newest first, by execution; requests have no id here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qovery_sandbox.dates import iso_duration
from qovery_sandbox.status import action_status, status_details

if TYPE_CHECKING:
    from qovery_sandbox.dates import Calendar
    from qovery_sandbox.dialect import Dialect
    from qovery_sandbox.execution import ServiceRun
    from qovery_sandbox.service import Service
    from qovery_sandbox.snapshot import Snapshot
    from qovery_sandbox.status import Json

ICON = "https://app.qovery.com/icons/helm.svg"


def deployment_history(
    service: Service, *, snapshot: Snapshot, dialect: Dialect, calendar: Calendar, page_size: int
) -> Json:
    """Render the first page of a service's history as of the snapshot."""
    runs = [run for run in snapshot.runs(service.id) if dialect.history_lists_running or run.is_over(at=snapshot.at)]
    newest = list(reversed(runs))[:page_size]
    entries = [_entry(run, service, at=snapshot.at, dialect=dialect, calendar=calendar) for run in newest]
    return {"page": 0, "page_size": page_size, "results": entries}


def _entry(run: ServiceRun, service: Service, *, at: float, dialect: Dialect, calendar: Calendar) -> Json:
    state, request = run.state(at=at), run.execution.request
    created_at = run.execution.began_at if dialect.history_created_at == "began" else request.accepted_at
    entry: Json = {
        "identifier": {
            "name": service.name,
            "service_id": service.id,
            "service_type": "HELM",
            "execution_id": run.execution.id,
        },
        "status": state,
        "auditing_data": {
            "created_at": calendar.date(created_at),
            "updated_at": calendar.date(run.changed_at(at=at)),
            "triggered_by": request.order.user,
        },
        "details": _versions(run, service, calendar=calendar) if dialect.history_versions else {},
        "status_details": status_details(request.order.action, action_status(state)),
        "icon_uri": ICON,
    }
    if dialect.history_origin:
        entry["auditing_data"]["origin"] = request.order.origin
    if run.is_over(at=at) and run.ended_at is not None:
        entry["total_duration"] = iso_duration(run.ended_at - run.execution.began_at)
    return entry


def _versions(run: ServiceRun, service: Service, *, calendar: Calendar) -> Json:
    if run.versions.chart_version is not None:
        return {"repository": {"chart_name": service.chart_name, "chart_version": run.versions.chart_version}}
    return {"commit": commit(run.versions.git_commit_id or "", service, calendar=calendar)}


def commit(commit_id: str, service: Service, *, calendar: Calendar) -> Json:
    """Render a `Commit`; one that the service's repository does not have is rendered all the same."""
    known = next((each for each in service.commits if each.id == commit_id), None)
    return {
        "git_commit_id": commit_id,
        "created_at": calendar.date(known.at if known else 0),
        "author_name": known.author if known else "unknown",
        "message": known.message if known else "",
        "tag": commit_id[:7],
    }
