"""The GET endpoints; each returns JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qovery_sandbox.call import access_denied, bad_request, not_found
from qovery_sandbox.deployment_log import deployment_log
from qovery_sandbox.ids import ORGANIZATION_ID, PROJECT_ID, is_uuid
from qovery_sandbox.queue_and_history import deployment_history, environment_history, environment_queue, service_queue
from qovery_sandbox.services import (
    ENVIRONMENTS,
    commits_json,
    environment_json,
    helm_json,
    links_json,
    organization_json,
    project_json,
)
from qovery_sandbox.statuses import (
    environment_status,
    environment_statuses,
    helm_statuses,
    request_status,
    service_status,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from qovery_sandbox.call import ApiCall
    from qovery_sandbox.environment import Environment
    from qovery_sandbox.statuses import Json


_PAGE_SIZE = 20


def list_organizations(call: ApiCall) -> Json:
    return {"results": [organization_json(call.world.calendar)]}


def list_projects(call: ApiCall) -> Json:
    _require_id(call, "organization", ORGANIZATION_ID)
    return {"results": [project_json(call.world.calendar)]}


def list_environments(call: ApiCall) -> Json:
    _require_id(call, "project", PROJECT_ID)
    return {"results": [environment_json(each, calendar=call.world.calendar) for each in ENVIRONMENTS]}


def get_environment(call: ApiCall) -> Json:
    environment_id = call.environment().id
    environment = next(each for each in ENVIRONMENTS if each.id == environment_id)
    return environment_json(environment, calendar=call.world.calendar)


def list_helms(call: ApiCall) -> Json:
    """Return the services of an environment. With `toUpdate`, only those with a difference."""
    services = call.services_of(call.environment())
    if _flag(call, "toUpdate"):
        services = [service for service in services if service.has_difference]
    return {"results": [helm_json(service, calendar=call.world.calendar) for service in services]}


def list_helm_statuses(call: ApiCall) -> Json:
    return {"results": _services_json(call, helm_statuses)}


def get_environment_statuses(call: ApiCall) -> Json:
    statuses: Json = _services_json(call, environment_statuses)
    return statuses


def get_environment_status(call: ApiCall) -> Json:
    world = call.world
    snapshot = call.snapshot(call.environment().id, lag=world.dialect.status_lag)
    return environment_status(snapshot, dialect=world.dialect, calendar=world.calendar)


def get_request_status(call: ApiCall) -> Json:
    world, dialect = call.world, call.world.dialect
    if dialect.request_status_refusal:
        raise access_denied(dialect.request_status_refusal)
    request_id = call.query.get("deploymentRequestId", "").lower()
    if not is_uuid(request_id):
        raise bad_request(f"deploymentRequestId {request_id!r} is not a UUID")
    try:
        request = world.request(request_id)
    except KeyError:
        raise not_found("deployment request", request_id) from None
    snapshot = call.snapshot(request.environment_id, lag=dialect.request_status_lag)
    status = request_status(request, snapshot=snapshot, dialect=dialect)
    if status is None:
        raise not_found("deployment request", request_id)
    return status


def list_environment_queue(call: ApiCall) -> Json:
    _require_endpoint("queue", exists=call.world.dialect.queue_endpoint)
    environment = call.environment()
    snapshot = call.snapshot(environment.id, lag=call.world.dialect.queue_lag)
    return environment_queue(call.world.services, snapshot=snapshot)


def list_logs(call: ApiCall) -> list[Json]:
    environment = call.environment()
    execution_id = call.query.get("version")
    snapshot = call.snapshot(environment.id)
    executions = [each for each in snapshot.executions() if execution_id in {None, each.id}]
    if not executions:
        if execution_id is None:
            return []
        raise not_found("deployment", execution_id)
    return deployment_log(executions[-1], call.world.services, at=snapshot.at, calendar=call.world.calendar)


def get_helm(call: ApiCall) -> Json:
    return helm_json(call.service(), calendar=call.world.calendar)


def get_helm_status(call: ApiCall) -> Json:
    service, world = call.service(), call.world
    snapshot = call.snapshot(service.environment_id, lag=world.dialect.status_lag)
    return service_status(service.id, snapshot=snapshot, dialect=world.dialect, calendar=world.calendar)


def list_links(call: ApiCall) -> Json:
    return links_json(call.service())


def list_commits(call: ApiCall) -> Json:
    of = call.query.get("of", "chart")
    return commits_json(call.service(), of=of, calendar=call.world.calendar)


def list_history(call: ApiCall) -> Json:
    _require_endpoint("history", exists=call.world.dialect.history_endpoint)
    service, world = call.service(), call.world
    return deployment_history(
        service,
        snapshot=call.snapshot(service.environment_id, lag=world.dialect.history_lag),
        dialect=world.dialect,
        calendar=world.calendar,
        page_size=_page_size(call),
    )


def list_environment_history(call: ApiCall) -> Json:
    _require_endpoint("history", exists=call.world.dialect.history_endpoint)
    environment, world = call.environment(), call.world
    return environment_history(
        world.services,
        snapshot=call.snapshot(environment.id, lag=world.dialect.history_lag),
        dialect=world.dialect,
        calendar=world.calendar,
        page_size=_page_size(call),
    )


def list_service_queue(call: ApiCall) -> Json:
    _require_endpoint("queue", exists=call.world.dialect.queue_endpoint)
    service = call.service("service")
    snapshot = call.snapshot(service.environment_id, lag=call.world.dialect.queue_lag)
    return service_queue(service, snapshot=snapshot)


def _require_id(call: ApiCall, kind: str, known_id: str) -> None:
    if call.id(kind) != known_id:
        raise not_found(kind, call.id(kind))


def _require_endpoint(name: str, *, exists: bool) -> None:
    if not exists:
        raise not_found("endpoint", name)


def _services_json(call: ApiCall, render: Callable[..., Any]) -> Any:  # noqa: ANN401 - depends on `render`
    environment: Environment = call.environment()
    world = call.world
    return render(
        [service.id for service in call.services_of(environment)],
        snapshot=call.snapshot(environment.id, lag=world.dialect.status_lag),
        dialect=world.dialect,
        calendar=world.calendar,
    )


def _flag(call: ApiCall, name: str) -> bool:
    text = call.query.get(name, "false").lower()
    if text not in {"true", "false"}:
        raise bad_request(f"{name} {text!r} is neither true nor false")
    return text == "true"


def _page_size(call: ApiCall) -> int:
    text = call.query.get("pageSize", str(_PAGE_SIZE))
    if not text.isdecimal() or int(text) < 1:
        raise bad_request(f"pageSize {text!r} is not a positive integer")
    return int(text)
