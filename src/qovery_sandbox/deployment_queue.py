"""Renders the queues: requests that have not started, next one first, each with its id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qovery_sandbox.history import ICON
from qovery_sandbox.service import by_stage, stage_name
from qovery_sandbox.status import status_details

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qovery_sandbox.request import Request
    from qovery_sandbox.service import Service
    from qovery_sandbox.snapshot import Snapshot
    from qovery_sandbox.status import Json


def service_queue(service: Service, *, snapshot: Snapshot) -> Json:
    """Render the `QueuedDeploymentRequestForService` of one service."""
    return {"results": [_for_service(request, service) for request in snapshot.listed(service.id)]}


def environment_queue(services: Mapping[str, Service], *, snapshot: Snapshot) -> Json:
    """Render the `QueuedDeploymentRequestWithStages` of an environment."""
    return {"results": [_with_stages(request, services) for request in snapshot.listed()]}


def _for_service(request: Request, service: Service) -> Json:
    return {
        "identifier": {
            "deployment_request_id": request.id,
            "service_id": service.id,
            "service_type": "HELM",
            "name": service.name,
        },
        "auditing_data": _auditing_data(request),
        "status_details": status_details(request.order.action, "QUEUED"),
        "icon_uri": ICON,
    }


def _with_stages(request: Request, services: Mapping[str, Service]) -> Json:
    return {
        "identifier": {"deployment_request_id": request.id, "environment_id": request.environment_id},
        "auditing_data": _auditing_data(request),
        "trigger_action": request.order.action,
        "stages": _stages([services[service_id] for service_id in request.effective.service_ids]),
    }


def _stages(services: list[Service]) -> list[Json]:
    return [
        {"name": stage_name(stage), "status": "QUEUED", "services": [_in_stage(each) for each in members]}
        for stage, members in by_stage(services)
    ]


def _in_stage(service: Service) -> Json:
    identifier = {"service_id": service.id, "service_type": "HELM", "name": service.name}
    return {"identifier": identifier, "status": "QUEUED", "icon_uri": ICON}


def _auditing_data(request: Request) -> Json:
    return {"triggered_by": request.order.user, "origin": request.order.origin}
