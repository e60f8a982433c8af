"""The GET endpoints; each returns JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qovery_sandbox import services as description
from qovery_sandbox.call import bad_request, denied, not_found
from qovery_sandbox.deployment_log import deployment_log
from qovery_sandbox.ids import ORGANIZATION_ID, PROJECT_ID, is_uuid
from qovery_sandbox.queue_and_history import deployment_history, environment_history, environment_queue, service_queue
from qovery_sandbox.services import PLACES
from qovery_sandbox.statuses import (
    environment_status,
    environment_statuses,
    helm_statuses,
    request_status,
    service_status,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from qovery_sandbox.call import Visit
    from qovery_sandbox.environment import Environment
    from qovery_sandbox.statuses import Json


_PAGE_SIZE = 20


def list_organizations(visit: Visit) -> Json:
    return {"results": [description.organization(visit.world.calendar)]}


def list_projects(visit: Visit) -> Json:
    _only(visit, "organization", ORGANIZATION_ID)
    return {"results": [description.project(visit.world.calendar)]}


def list_environments(visit: Visit) -> Json:
    _only(visit, "project", PROJECT_ID)
    return {"results": [description.environment(place, calendar=visit.world.calendar) for place in PLACES]}


def get_environment(visit: Visit) -> Json:
    environment = visit.environment()
    place = next(place for place in PLACES if place.id == environment.id)
    return description.environment(place, calendar=visit.world.calendar)


def list_helms(visit: Visit) -> Json:
    """List all of an environment's services, or with `toUpdate` those that have something to deploy."""
    services = visit.services_of(visit.environment())
    if _is_asked_for(visit, "toUpdate"):
        services = [service for service in services if service.has_difference]
    return {"results": [description.helm(service, calendar=visit.world.calendar) for service in services]}


def list_helm_statuses(visit: Visit) -> Json:
    return {"results": _of_environment(visit, helm_statuses)}


def get_environment_statuses(visit: Visit) -> Json:
    statuses: Json = _of_environment(visit, environment_statuses)
    return statuses


def get_environment_status(visit: Visit) -> Json:
    world = visit.world
    snapshot = visit.snapshot(visit.environment().id, lag=world.dialect.status_lag)
    return environment_status(snapshot, dialect=world.dialect, calendar=world.calendar)


def get_request_status(visit: Visit) -> Json:
    world, dialect = visit.world, visit.world.dialect
    if dialect.answer_refusal:
        raise denied(dialect.answer_refusal)
    request_id = visit.query.get("deploymentRequestId", "").lower()
    if not is_uuid(request_id):
        raise bad_request(f"deploymentRequestId {request_id!r} is not a UUID")
    try:
        request = world.request(request_id)
    except KeyError:
        raise not_found("deployment request", request_id) from None
    snapshot = visit.snapshot(request.environment_id, lag=dialect.answer_lag)
    status = request_status(request, snapshot=snapshot, dialect=dialect)
    if status is None:
        raise not_found("deployment request", request_id)
    return status


def list_environment_queue(visit: Visit) -> Json:
    _require(visit, endpoint="queue")
    environment = visit.environment()
    snapshot = visit.snapshot(environment.id, lag=visit.world.dialect.queue_lag)
    return environment_queue(visit.world.services, snapshot=snapshot)


def list_logs(visit: Visit) -> list[Json]:
    environment = visit.environment()
    execution_id = visit.query.get("version")
    snapshot = visit.snapshot(environment.id)
    known = [each for each in snapshot.executions() if execution_id in {None, each.id}]
    if not known:
        if execution_id is None:
            return []
        raise not_found("deployment", execution_id)
    return deployment_log(known[-1], visit.world.services, at=snapshot.at, calendar=visit.world.calendar)


def get_helm(visit: Visit) -> Json:
    return description.helm(visit.service(), calendar=visit.world.calendar)


def get_helm_status(visit: Visit) -> Json:
    service, world = visit.service(), visit.world
    snapshot = visit.snapshot(service.environment_id, lag=world.dialect.status_lag)
    return service_status(service.id, snapshot=snapshot, dialect=world.dialect, calendar=world.calendar)


def list_links(visit: Visit) -> Json:
    return description.links(visit.service())


def list_commits(visit: Visit) -> Json:
    of = visit.query.get("of", "chart")
    return description.commits(visit.service(), of=of, calendar=visit.world.calendar)


def list_history(visit: Visit) -> Json:
    _require(visit, endpoint="history")
    service, world = visit.service(), visit.world
    return deployment_history(
        service,
        snapshot=visit.snapshot(service.environment_id, lag=world.dialect.history_lag),
        dialect=world.dialect,
        calendar=world.calendar,
        page_size=_page_size(visit),
    )


def list_environment_history(visit: Visit) -> Json:
    _require(visit, endpoint="history")
    environment, world = visit.environment(), visit.world
    return environment_history(
        world.services,
        snapshot=visit.snapshot(environment.id, lag=world.dialect.history_lag),
        dialect=world.dialect,
        calendar=world.calendar,
        page_size=_page_size(visit),
    )


def list_service_queue(visit: Visit) -> Json:
    _require(visit, endpoint="queue")
    service = visit.service("service")
    snapshot = visit.snapshot(service.environment_id, lag=visit.world.dialect.queue_lag)
    return service_queue(service, snapshot=snapshot)


def _only(visit: Visit, kind: str, known: str) -> None:
    if visit.id(kind) != known:
        raise not_found(kind, visit.id(kind))


def _require(visit: Visit, *, endpoint: str) -> None:
    dialect = visit.world.dialect
    exists = dialect.queue_endpoint if endpoint == "queue" else dialect.history_endpoint
    if not exists:
        raise not_found("endpoint", endpoint)


def _of_environment(visit: Visit, render: Callable[..., Any]) -> Any:  # noqa: ANN401 - what it renders varies
    environment: Environment = visit.environment()
    world = visit.world
    return render(
        [service.id for service in visit.services_of(environment)],
        snapshot=visit.snapshot(environment.id, lag=world.dialect.status_lag),
        dialect=world.dialect,
        calendar=world.calendar,
    )


def _is_asked_for(visit: Visit, name: str) -> bool:
    text = visit.query.get(name, "false").lower()
    if text not in {"true", "false"}:
        raise bad_request(f"{name} {text!r} is not a boolean")
    return text == "true"


def _page_size(visit: Visit) -> int:
    text = visit.query.get("pageSize", str(_PAGE_SIZE))
    if not text.isdecimal() or int(text) < 1:
        raise bad_request(f"pageSize {text!r} is not a positive number")
    return int(text)
