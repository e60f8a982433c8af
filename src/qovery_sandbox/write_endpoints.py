"""The POST endpoints: deploy, redeploy and cancel."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal

from starlette.responses import JSONResponse, Response

from qovery_sandbox.call import bad_request, conflict, denied, not_found
from qovery_sandbox.deployments import Order, Versions
from qovery_sandbox.ids import is_uuid
from qovery_sandbox.statuses import environment_status, service_status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qovery_sandbox.call import Visit
    from qovery_sandbox.deployments import Request
    from qovery_sandbox.environment import Environment
    from qovery_sandbox.services import Service
    from qovery_sandbox.statuses import Json


def deploy_helm(visit: Visit) -> Response:
    service = visit.service()
    return _deploy_service(visit, service, order_for_service(visit, service))


def redeploy_helm(visit: Visit) -> Response:
    service = visit.service()
    return _deploy_service(visit, service, order_for_redeployment(visit, service))


def deploy_services(visit: Visit) -> Response:
    environment = visit.environment()
    order = order_for_environment(visit, environment)
    _refuse(visit)
    before = _environment_status(visit, environment)
    request = visit.world.accept(order)
    is_fresh = visit.world.dialect.accepted_body == "fresh"
    body = _environment_status(visit, environment) if is_fresh else before
    return _accepted(body | {"deployment_request_id": _answered_id(visit, request)})


def cancel_environment(visit: Visit) -> Response:
    """Cancel what runs; `force_cancel` does not wait for the current step."""
    environment = visit.environment()
    is_forced = visit.json_object().get("force_cancel", False)
    if not isinstance(is_forced, bool):
        raise bad_request("force_cancel is not a boolean")
    _refuse(visit)
    if not visit.world.cancel_running(environment.id, user=visit.grant.user, grace=0.0 if is_forced else None):
        raise conflict("There is no deployment to cancel")
    return _accepted(_environment_status(visit, environment))


def cancel_request(visit: Visit) -> Response:
    if visit.world.dialect.answer_refusal == 401:  # noqa: PLR2004 - named by the dialect
        raise denied(HTTPStatus.UNAUTHORIZED)
    request_id = visit.id("deploymentRequest")
    visit.json_object()
    _refuse(visit)
    try:
        was_waiting = visit.world.cancel_request(request_id, user=visit.grant.user)
    except KeyError:
        raise not_found("deployment request", request_id) from None
    if not was_waiting:
        raise conflict("The deployment request is no longer in the queue")
    return Response(status_code=HTTPStatus.ACCEPTED)


def _deploy_service(visit: Visit, service: Service, order: Order) -> Response:
    _refuse(visit)
    before = _service_status(visit, service)
    request = visit.world.accept(order)
    body = _service_status(visit, service) if visit.world.dialect.accepted_body == "fresh" else before
    return _accepted(body | {"deployment_request_id": _answered_id(visit, request)})


def _refuse(visit: Visit) -> None:
    if visit.world.refuses:
        raise conflict()


def _answered_id(visit: Visit, request: Request) -> str | None:
    dialect = visit.world.dialect
    if dialect.accepted_id == "null":
        return None
    return request.survivor.id if dialect.merged_id_in_answer == "survivor" else request.id


def _service_status(visit: Visit, service: Service) -> Json:
    world, snapshot = visit.world, visit.snapshot(service.environment_id)
    return service_status(service.id, snapshot=snapshot, dialect=world.dialect, calendar=world.calendar)


def _environment_status(visit: Visit, environment: Environment) -> Json:
    world, snapshot = visit.world, visit.snapshot(environment.id)
    return environment_status(snapshot, dialect=world.dialect, calendar=world.calendar)


def _accepted(body: Json) -> Response:
    return JSONResponse(body, status_code=HTTPStatus.ACCEPTED)


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
