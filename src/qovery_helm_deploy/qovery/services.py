"""Reads services, environments and links."""

from __future__ import annotations

from qovery_helm_deploy.deployment.service import Environment, Service, Source
from qovery_helm_deploy.qovery.wire import Lenient, LenientList, Wire, read


class _Reference(Wire):
    id: str


class _Values(Wire):
    git: Lenient[dict[str, object]] = None


class _ValuesOverride(Wire):
    file: Lenient[_Values] = None


class _Helm(Wire):
    id: str
    name: str
    environment: _Reference
    source: Lenient[dict[str, object]] = None
    values_override: Lenient[_ValuesOverride] = None
    auto_deploy: Lenient[bool] = None


class _Helms(Wire):
    results: LenientList[_Helm]


class _Environment(Wire):
    id: str
    name: str
    project: _Reference
    organization: _Reference
    cluster_id: Lenient[str] = None


class _Link(Wire):
    url: str
    is_default: Lenient[bool] = None


class _Links(Wire):
    results: LenientList[_Link]


def read_service(answer: object) -> Service:
    return _service(read(_Helm, answer))


def read_services(answer: object) -> dict[str, Service]:
    """Return those that can be read of an environment's helm services, by id."""
    return {wire.id.lower(): _service(wire) for wire in read(_Helms, answer).results}


def _service(wire: _Helm) -> Service:
    source = wire.source or {}
    is_git, is_repository = bool(source.get("git")), bool(source.get("repository"))
    known_source = Source.GIT if is_git else Source.REPOSITORY
    return Service(
        id=wire.id,
        name=wire.name,
        environment_id=wire.environment.id,
        source=known_source if is_git != is_repository else Source.UNKNOWN,
        has_values_repository=bool(
            wire.values_override and wire.values_override.file and wire.values_override.file.git
        ),
        is_deployed_on_push=bool(wire.auto_deploy),
    )


def read_environment(answer: object) -> Environment:
    wire = read(_Environment, answer)
    return Environment(
        id=wire.id,
        name=wire.name,
        project_id=wire.project.id,
        organization_id=wire.organization.id,
        cluster_id=wire.cluster_id or "",
    )


def read_default_link(answer: object) -> str | None:
    """Return the URL of the service's main public link, where it has one."""
    links = read(_Links, answer).results
    return next((link.url for link in links if link.is_default), None)
