"""Renders what exists: organization, project, environments, services, their links and commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qovery_sandbox.catalogue import DAY, ORGANIZATION_NAME, PLACES, PROJECT_NAME
from qovery_sandbox.history import ICON, commit
from qovery_sandbox.identity import CLUSTER_ID, ORGANIZATION_ID, PROJECT_ID
from qovery_sandbox.service import GitRepository

if TYPE_CHECKING:
    from qovery_sandbox.catalogue import Place
    from qovery_sandbox.dates import Calendar
    from qovery_sandbox.service import Link, Service
    from qovery_sandbox.status import Json

_AGE = -100 * DAY


def organization(calendar: Calendar) -> Json:
    return {
        "id": ORGANIZATION_ID,
        "created_at": calendar.date(_AGE),
        "name": ORGANIZATION_NAME,
        "plan": "TEAM_2025",
    }


def project(calendar: Calendar) -> Json:
    return {
        "id": PROJECT_ID,
        "created_at": calendar.date(_AGE),
        "name": PROJECT_NAME,
        "organization": {"id": ORGANIZATION_ID},
        "associated_environments_count": len(PLACES),
    }


def environment(place: Place, *, calendar: Calendar) -> Json:
    return {
        "id": place.id,
        "created_at": calendar.date(_AGE),
        "name": place.name,
        "organization": {"id": ORGANIZATION_ID},
        "project": {"id": PROJECT_ID},
        "cloud_provider": {"provider": "AWS", "cluster": "eu-west-3"},
        "mode": place.mode,
        "cluster_id": CLUSTER_ID,
        "cluster_name": "sandbox-cluster",
    }


def helm(service: Service, *, calendar: Calendar) -> Json:
    """Render a `HelmResponse`."""
    return {
        "id": service.id,
        "created_at": calendar.date(_AGE),
        "updated_at": calendar.date(_AGE),
        "environment": {"id": service.environment_id},
        "name": service.name,
        "description": "",
        "timeout_sec": service.timeout_sec,
        "auto_preview": False,
        "auto_deploy": service.auto_deploy,
        "ports": [],
        "source": _source(service),
        "arguments": [],
        "allow_cluster_wide_resources": False,
        "values_override": {"set": [], "set_string": [], "set_json": [], "file": _values(service)},
        "icon_uri": ICON,
        "service_type": "HELM",
    }


def links(service: Service) -> Json:
    return {"results": [_link(link, service) for link in service.links]}


def commits(service: Service, *, of: str, calendar: Calendar) -> Json:
    """Render the commits of the chart's repository or, with another `of`, of the values override's, newest first."""
    has_repository = service.is_from_git if of == "chart" else service.values is not None
    newest = reversed(service.commits) if has_repository else ()
    return {"results": [commit(each.id, service, calendar=calendar) for each in newest]}


def _source(service: Service) -> Json:
    if isinstance(service.source, GitRepository):
        return {"git": {"git_repository": _repository(service.source)}}
    repository = {"id": service.source.id, "name": service.source.name, "url": service.source.url}
    return {
        "repository": {
            "chart_name": service.chart_name,
            "chart_version": service.chart_version,
            "repository": repository,
        }
    }


def _values(service: Service) -> Json | None:
    if service.values is None:
        return None
    return {"raw": None, "git": {"git_repository": _repository(service.values), "paths": ["values.yaml"]}}


def _repository(repository: GitRepository) -> Json:
    return {
        "has_access": True,
        "provider": "GITHUB",
        "owner": repository.owner,
        "name": repository.name,
        "url": repository.url,
        "branch": repository.branch,
        "root_path": repository.root_path,
        "git_token_id": None,
    }


def _link(link: Link, service: Service) -> Json:
    return {
        "service_id": service.id,
        "service_type": "HELM",
        "url": link.url,
        "internal_port": link.internal_port,
        "external_port": 443,
        "is_qovery_domain": False,
        "is_default": link.is_default,
    }
