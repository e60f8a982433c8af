"""What a deploy call asks for, read from its query and body; `ProblemError` where Qovery would answer 400."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from qovery_sandbox.identity import is_uuid
from qovery_sandbox.problem import bad_request, not_found
from qovery_sandbox.request import Order, Versions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qovery_sandbox.environment import Environment
    from qovery_sandbox.service import Service
    from qovery_sandbox.visit import Visit

_VERSIONS = ("chart_version", "git_commit_id", "values_override_git_commit_id")
_KINDS = ("applications", "databases", "containers", "jobs", "helms", "terraforms")


def order_for_service(visit: Visit, service: Service) -> Order:
    """Read `POST /helm/{helmId}/deploy`."""
    return Order(
        service_ids=(service.id,),
        user=visit.grant.user,
        origin="API",
        versions={service.id: _versions(visit.json_object(), service)},
        force_event=_force_event(visit.query),
        is_via_http=True,
    )


def order_for_redeployment(visit: Visit, service: Service) -> Order:
    """Read `POST /helm/{helmId}/redeploy`: what the service is set to, once more."""
    return Order(
        service_ids=(service.id,),
        user=visit.grant.user,
        origin="API",
        force_event=_force_event(visit.query),
        is_via_http=True,
    )


def order_for_environment(visit: Visit, environment: Environment) -> Order:
    """Read `POST /environment/{environmentId}/service/deploy`; only helm services exist here."""
    body = visit.json_object()
    for kind in _KINDS:
        if not isinstance(body.get(kind, []), list):
            raise bad_request(f"{kind} is not a list")
    helms = body.get("helms", [])
    strange = next((kind for kind in _KINDS if kind != "helms" and body.get(kind)), None)
    if strange:
        raise not_found(strange, str(body[strange]))
    if not helms:
        raise bad_request("There is nothing to deploy")
    services = {service.id: service for service in visit.services_of(environment)}
    versions = dict(_helm(item, services) for item in helms)
    return Order(service_ids=tuple(versions), user=visit.grant.user, origin="API", versions=versions, is_via_http=True)


def _helm(item: object, services: Mapping[str, Service]) -> tuple[str, Versions]:
    if not isinstance(item, dict) or not is_uuid(str(item.get("id"))):
        raise bad_request("An item of helms has no id")
    service_id = str(item["id"]).lower()
    if service_id not in services:
        raise not_found("helm", service_id)
    return service_id, _versions(item, services[service_id])


def _versions(body: Mapping[str, Any], service: Service) -> Versions:
    asked = {name: body[name] for name in _VERSIONS if name in body}
    for name, value in asked.items():
        if not isinstance(value, str) or not value.strip():
            raise bad_request(f"{name} is not a text")
    if "chart_version" in asked and "git_commit_id" in asked:
        raise bad_request("chart_version and git_commit_id exclude each other")
    if "git_commit_id" in asked and not service.is_from_git:
        raise bad_request("git_commit_id does not fit: the chart comes from a chart repository")
    if "chart_version" in asked and service.is_from_git:
        raise bad_request("chart_version does not fit: the chart comes from a git repository")
    if "values_override_git_commit_id" in asked and service.values is None:
        raise bad_request("values_override_git_commit_id does not fit: the values override is not in a git repository")
    return Versions(**asked)


def _force_event(query: Mapping[str, str]) -> Literal["DIFF"] | None:
    event = query.get("forceEvent")
    if event is None:
        return None
    if event != "DIFF":
        raise bad_request(f"forceEvent {event!r} is not one of DIFF")
    return "DIFF"
