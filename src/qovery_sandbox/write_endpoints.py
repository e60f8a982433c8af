"""The POST endpoints: deploy, redeploy and cancel."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal

from starlette.responses import JSONResponse, Response

from qovery_sandbox.call import access_denied, bad_request, conflict, not_found
from qovery_sandbox.deployments import RequestSpec, Versions
from qovery_sandbox.ids import is_uuid
from qovery_sandbox.statuses import environment_status, service_status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qovery_sandbox.call import ApiCall
    from qovery_sandbox.deployments import DeploymentRequest
    from qovery_sandbox.environment import Environment
    from qovery_sandbox.services import Service
    from qovery_sandbox.statuses import Json

_VERSION_FIELDS = ("chart_version", "git_commit_id", "values_override_git_commit_id")
_SERVICE_KINDS = ("applications", "databases", "containers", "jobs", "helms", "terraforms")


def deploy_helm(call: ApiCall) -> Response:
    service = call.service()
    return _deploy_service(call, service, _spec_for_service(call, service))


def redeploy_helm(call: ApiCall) -> Response:
    service = call.service()
    return _deploy_service(call, service, _spec_for_redeployment(call, service))


def deploy_services(call: ApiCall) -> Response:
    environment = call.environment()
    spec = _spec_for_environment(call, environment)
    before = _environment_status(call, environment)
    request = call.world.accept(spec)
    is_fresh = call.world.dialect.accepted_body == "fresh"
    body = _environment_status(call, environment) if is_fresh else before
    return _accepted(body | {"deployment_request_id": _id_in_response(call, request)})


def cancel_environment(call: ApiCall) -> Response:
    """Cancel the running execution. With `force_cancel`, do not wait for the current step."""
    environment = call.environment()
    force_cancel = call.json_object().get("force_cancel", False)
    if not isinstance(force_cancel, bool):
        raise bad_request("force_cancel is not a boolean")
    if not call.world.cancel_running(environment.id, user=call.token.user, grace=0.0 if force_cancel else None):
        raise conflict("There is no deployment to cancel")
    return _accepted(_environment_status(call, environment))


def cancel_request(call: ApiCall) -> Response:
    if call.world.dialect.request_status_refusal == 401:  # noqa: PLR2004 - a value of the dialect
        raise access_denied(HTTPStatus.UNAUTHORIZED)
    request_id = call.id("deploymentRequest")
    call.json_object()
    try:
        was_queued = call.world.cancel_request(request_id, user=call.token.user)
    except KeyError:
        raise not_found("deployment request", request_id) from None
    if not was_queued:
        raise conflict("The deployment request is no longer in the queue")
    return Response(status_code=HTTPStatus.ACCEPTED)


def _deploy_service(call: ApiCall, service: Service, spec: RequestSpec) -> Response:
    before = _service_status(call, service)
    request = call.world.accept(spec)
    body = _service_status(call, service) if call.world.dialect.accepted_body == "fresh" else before
    return _accepted(body | {"deployment_request_id": _id_in_response(call, request)})


def _id_in_response(call: ApiCall, request: DeploymentRequest) -> str | None:
    dialect = call.world.dialect
    if dialect.accepted_id == "null":
        return None
    return request.survivor.id if dialect.merged_id_in_answer == "survivor" else request.id


def _service_status(call: ApiCall, service: Service) -> Json:
    world, snapshot = call.world, call.snapshot(service.environment_id)
    return service_status(service.id, snapshot=snapshot, dialect=world.dialect, calendar=world.calendar)


def _environment_status(call: ApiCall, environment: Environment) -> Json:
    world, snapshot = call.world, call.snapshot(environment.id)
    return environment_status(snapshot, dialect=world.dialect, calendar=world.calendar)


def _accepted(body: Json) -> Response:
    return JSONResponse(body, status_code=HTTPStatus.ACCEPTED)


def _spec_for_service(call: ApiCall, service: Service) -> RequestSpec:
    """Return what `POST /helm/{helmId}/deploy` requests."""
    return RequestSpec(
        service_ids=(service.id,),
        user=call.token.user,
        origin="API",
        versions={service.id: _versions(call.json_object(), service)},
        force_event=_force_event(call.query),
        is_via_http=True,
    )


def _spec_for_redeployment(call: ApiCall, service: Service) -> RequestSpec:
    """Return what `POST /helm/{helmId}/redeploy` requests: the service's own settings."""
    return RequestSpec(
        service_ids=(service.id,),
        user=call.token.user,
        origin="API",
        force_event=_force_event(call.query),
        is_via_http=True,
    )


def _spec_for_environment(call: ApiCall, environment: Environment) -> RequestSpec:
    """Return what `POST /environment/{environmentId}/service/deploy` requests. The sandbox has helm services only."""
    body = call.json_object()
    for kind in _SERVICE_KINDS:
        if not isinstance(body.get(kind, []), list):
            raise bad_request(f"{kind} is not a list")
    helms = body.get("helms", [])
    unsupported = next((kind for kind in _SERVICE_KINDS if kind != "helms" and body.get(kind)), None)
    if unsupported:
        raise not_found(unsupported, str(body[unsupported]))
    if not helms:
        raise bad_request("The body lists no services to deploy")
    services = {service.id: service for service in call.services_of(environment)}
    versions = dict(_helm(item, services) for item in helms)
    return RequestSpec(
        service_ids=tuple(versions), user=call.token.user, origin="API", versions=versions, is_via_http=True
    )


def _helm(item: object, services: Mapping[str, Service]) -> tuple[str, Versions]:
    if not isinstance(item, dict) or not is_uuid(str(item.get("id"))):
        raise bad_request("An item of helms has no valid id")
    service_id = str(item["id"]).lower()
    if service_id not in services:
        raise not_found("helm", service_id)
    return service_id, _versions(item, services[service_id])


def _versions(body: Mapping[str, Any], service: Service) -> Versions:
    requested = {name: body[name] for name in _VERSION_FIELDS if name in body}
    for name, value in requested.items():
        if not isinstance(value, str) or not value.strip():
            raise bad_request(f"{name} is not a non-empty string")
    if "chart_version" in requested and "git_commit_id" in requested:
        raise bad_request("chart_version and git_commit_id cannot be combined")
    if "git_commit_id" in requested and not service.is_from_git:
        raise bad_request("git_commit_id is not allowed: the chart comes from a chart repository")
    if "chart_version" in requested and service.is_from_git:
        raise bad_request("chart_version is not allowed: the chart comes from a git repository")
    if "values_override_git_commit_id" in requested and service.values is None:
        raise bad_request("values_override_git_commit_id is not allowed: the values override does not come from git")
    return Versions(**requested)


def _force_event(query: Mapping[str, str]) -> Literal["DIFF"] | None:
    event = query.get("forceEvent")
    if event is None:
        return None
    if event != "DIFF":
        raise bad_request(f"forceEvent {event!r} is not DIFF")
    return "DIFF"
