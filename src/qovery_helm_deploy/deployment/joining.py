"""Finds the deployment that an earlier attempt of a job requested, to follow it instead of requesting another."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from qovery_helm_deploy.deployment.assumptions import OUR_ORIGIN
from qovery_helm_deploy.deployment.observations import Call, OwnRequest

if TYPE_CHECKING:
    from qovery_helm_deploy.deployment.asked import Asked
    from qovery_helm_deploy.deployment.execution import Execution
    from qovery_helm_deploy.deployment.record import Record


def find_joinable(record: Record, asked: Asked, *, at: float) -> OwnRequest | None:
    """Return the one request or execution of the same services that came through the API and has not ended.

    Qovery shows neither which workflow requested a deployment nor, while it waits, its versions. So this is no proof,
    and only for users who ask for it. An execution must show the versions asked for.
    """
    own = record.own
    waiting = [
        seen.request
        for seen in record.requests.values()
        if seen.request.by.origin == OUR_ORIGIN and own.services <= seen.request.services
    ]
    running = [
        seen.execution
        for seen in record.executions.values()
        if seen.is_running and _is_joinable(seen.execution, own, asked)
    ]
    if len(waiting) + len(running) != 1:
        return None
    return OwnRequest(
        services=own.services,
        asked=asked,
        call=Call(-math.inf, at),
        id=waiting[0].id if waiting else None,
        execution_id=running[0].id if running else None,
    )


def _is_joinable(execution: Execution, own: OwnRequest, asked: Asked) -> bool:
    if execution.by.origin != OUR_ORIGIN:
        return False
    results = [execution.services[service] for service in own.services if service in execution.services]
    return len(results) == len(own.services) and all(asked.is_shown_by(result) for result in results)
