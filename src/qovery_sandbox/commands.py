"""The calls that do: each changes the world, or says with `ProblemError` why it does not."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from qovery_sandbox.environment_status import environment_status
from qovery_sandbox.orders import order_for_environment, order_for_redeployment, order_for_service
from qovery_sandbox.problem import bad_request, conflict, denied, not_found
from qovery_sandbox.status import service_status

if TYPE_CHECKING:
    from qovery_sandbox.environment import Environment
    from qovery_sandbox.request import Order, Request
    from qovery_sandbox.service import Service
    from qovery_sandbox.status import Json
    from qovery_sandbox.visit import Visit


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
