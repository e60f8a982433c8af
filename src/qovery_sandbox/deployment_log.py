"""The deployment log of an execution as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qovery_sandbox.ids import CLUSTER_ID, ORGANIZATION_ID
from qovery_sandbox.services import stage_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qovery_sandbox.clock import Calendar
    from qovery_sandbox.deployments import Execution, ServiceRun
    from qovery_sandbox.plans import LogError, LogLine
    from qovery_sandbox.services import Service
    from qovery_sandbox.statuses import Json


#: The largest number of entries in a response, from Qovery's specification.
LIMIT = 1000


def deployment_log(
    execution: Execution,
    services: Mapping[str, Service],
    *,
    at: float,
    calendar: Calendar,
    limit: int | None = LIMIT,
) -> list[Json]:
    """Return the last `limit` entries up to `at`, oldest first. No limit returns all entries."""
    written = [
        (run.began_at + line.at, run, line)
        for run in execution.runs
        if run.began_at is not None
        for line in run.plan.logs
        if _is_written(run.began_at + line.at, run, at=at)
    ]
    written.sort(key=lambda entry: entry[0])
    return [
        _entry(line, run, services[run.service_id], date=calendar.date(when))
        for when, run, line in written[-(limit or len(written)) :]
    ]


def _is_written(when: float, run: ServiceRun, *, at: float) -> bool:
    is_after_cancel = run.final_state == "CANCELED" and run.ended_at is not None and when >= run.ended_at
    return when <= at and not is_after_cancel


def _entry(line: LogLine, run: ServiceRun, service: Service, *, date: str) -> Json:
    return {
        "type": "error" if line.error else "info",
        "timestamp": date,
        "details": {
            "organization_id": ORGANIZATION_ID,
            "cluster_id": CLUSTER_ID,
            "execution_id": run.execution.id,
            "transmitter": {"id": service.id, "name": service.name, "type": "HelmChart"},
            "stage": {"step": line.stage, "id": None, "name": stage_name(run.stage)},
        },
        "message": {"safe_message": line.message},
        "error": _error(line.error) if line.error else None,
    }


def _error(error: LogError) -> Json:
    return {
        "tag": error.tag,
        "user_log_message": error.user_log_message,
        "link": error.link,
        "hint_message": error.hint_message,
        "underlying_error": {"message": error.underlying_error},
    }
