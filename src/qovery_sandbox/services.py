"""The organization, project, environments and helm services, and their JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Protocol, TypeVar
from uuid import UUID

from qovery_sandbox.deployments import Versions
from qovery_sandbox.ids import (
    CLUSTER_ID,
    GIT_HELM_ID,
    HELM_ID,
    ORGANIZATION_ID,
    PRODUCTION_HELM_ID,
    PRODUCTION_ID,
    PROJECT_ID,
    STAGING_ID,
)
from qovery_sandbox.plans import HAPPY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qovery_sandbox.clock import Calendar
    from qovery_sandbox.plans import Plan
    from qovery_sandbox.statuses import Json

DAY = 86_400.0
ORGANIZATION_NAME = "sandbox"
PROJECT_NAME = "shop"
ICON = "https://app.qovery.com/icons/helm.svg"

_AGE = -100 * DAY
_NUMBERED_IDS = 0x1000


class Staged(Protocol):
    """An object with a deployment stage."""

    stage: int


T = TypeVar("T", bound=Staged)


def group_by_stage(staged: Iterable[T]) -> list[tuple[int, list[T]]]:
    """Return the objects of each stage, in the order of the stages."""
    ordered = sorted(staged, key=lambda each: each.stage)
    return [(stage, list(members)) for stage, members in groupby(ordered, key=lambda each: each.stage)]


def stage_name(stage: int) -> str:
    return f"STAGE {stage}"


@dataclass(frozen=True, kw_only=True)
class Commit:
    id: str
    message: str
    author: str
    at: float


@dataclass(frozen=True, kw_only=True)
class GitRepository:
    owner: str
    name: str
    branch: str = "main"
    root_path: str = "/"

    @property
    def url(self) -> str:
        return f"https://github.com/{self.owner}/{self.name}.git"


@dataclass(frozen=True, kw_only=True)
class ChartRepository:
    id: str
    name: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Link:
    url: str
    is_default: bool = False
    internal_port: int = 8080


@dataclass(kw_only=True, eq=False)
class Service:
    """A helm service and its settings.

    source: the chart repository with `chart_name` and `chart_version`, or the git repository of the chart.
    values: the git repository of the values override, if any.
    has_difference: if False, `force_event: DIFF` deploys nothing.
    plan: the course of each deployment.
    stage: the deployment stage, from 0.
    is_skipped: whether executions skip the service.
    """

    id: str
    name: str
    environment_id: str
    source: ChartRepository | GitRepository
    chart_name: str = ""
    chart_version: str = "1.4.2"
    values: GitRepository | None = None
    commits: list[Commit] = field(default_factory=list)
    links: tuple[Link, ...] = ()
    timeout_sec: int = 600
    auto_deploy: bool = False
    has_difference: bool = True
    plan: Plan = HAPPY
    stage: int = 0
    is_skipped: bool = False

    @property
    def is_from_git(self) -> bool:
        return isinstance(self.source, GitRepository)

    @property
    def newest_commit(self) -> Commit:
        return self.commits[-1]

    def resolve(self, requested: Versions) -> Versions:
        """Return the requested versions, completed by the service's settings."""
        head = self.newest_commit.id if self.commits else None
        values = requested.values_override_git_commit_id or (head if self.values else None)
        if self.is_from_git:
            return Versions(git_commit_id=requested.git_commit_id or head, values_override_git_commit_id=values)
        chart_version = requested.chart_version or self.chart_version
        return Versions(chart_version=chart_version, values_override_git_commit_id=values)


@dataclass(frozen=True, kw_only=True)
class EnvironmentDetails:
    """An environment as the API describes it."""

    id: str
    name: str
    mode: str


ENVIRONMENTS = (
    EnvironmentDetails(id=STAGING_ID, name="staging", mode="STAGING"),
    EnvironmentDetails(id=PRODUCTION_ID, name="production", mode="PRODUCTION"),
)
_CHARTS = ChartRepository(
    id="5f1d2a60-7c3e-4b8a-9d21-0e6f4c7b1a31", name="shop-charts", url="https://charts.example.com/shop"
)
_CODE = GitRepository(owner="example", name="shop", root_path="/charts/web")
_VALUES = GitRepository(owner="example", name="shop-values")


def initial_services() -> dict[str, Service]:
    """Return the services by id: two with a chart from a chart repository, one with a chart from git."""
    services = (
        _service_from_repository(HELM_ID, name="shop-api", environment_id=STAGING_ID),
        Service(
            id=GIT_HELM_ID,
            name="shop-web",
            environment_id=STAGING_ID,
            source=_CODE,
            commits=_commits(),
            links=_links("web.staging"),
        ),
        _service_from_repository(PRODUCTION_HELM_ID, name="shop-api", environment_id=PRODUCTION_ID),
    )
    return {service.id: service for service in services}


def _service_from_repository(service_id: str, *, name: str, environment_id: str) -> Service:
    environment_name = next(environment.name for environment in ENVIRONMENTS if environment.id == environment_id)
    return Service(
        id=service_id,
        name=name,
        environment_id=environment_id,
        source=_CHARTS,
        chart_name="shop-api",
        values=_VALUES,
        commits=_commits(),
        links=_links(f"api.{environment_name}"),
    )


def _commits() -> list[Commit]:
    return [
        Commit(id="3c1f0e7a" * 5, message="Add the chart", author="alice", at=-10 * DAY),
        Commit(id="9be4d2c5" * 5, message="Probe readiness", author="bob", at=-2 * DAY),
    ]


def _links(name: str) -> tuple[Link, ...]:
    return (
        Link(url=f"https://metrics.{name}.example.com", internal_port=9090),
        Link(url=f"https://{name}.example.com", is_default=True),
    )


def numbered_service_ids(count: int) -> list[str]:
    """Return the ids that `World.add_services` gives to this number of services; the first one is HELM_ID."""
    return [HELM_ID, *(str(UUID(int=UUID(HELM_ID).int + _NUMBERED_IDS + each)) for each in range(1, count))]


def organization_json(calendar: Calendar) -> Json:
    return {
        "id": ORGANIZATION_ID,
        "created_at": calendar.date(_AGE),
        "name": ORGANIZATION_NAME,
        "plan": "TEAM_2025",
    }


def project_json(calendar: Calendar) -> Json:
    return {
        "id": PROJECT_ID,
        "created_at": calendar.date(_AGE),
        "name": PROJECT_NAME,
        "organization": {"id": ORGANIZATION_ID},
        "associated_environments_count": len(ENVIRONMENTS),
    }


def environment_json(environment: EnvironmentDetails, *, calendar: Calendar) -> Json:
    return {
        "id": environment.id,
        "created_at": calendar.date(_AGE),
        "name": environment.name,
        "organization": {"id": ORGANIZATION_ID},
        "project": {"id": PROJECT_ID},
        "cloud_provider": {"provider": "AWS", "cluster": "eu-west-3"},
        "mode": environment.mode,
        "cluster_id": CLUSTER_ID,
        "cluster_name": "sandbox-cluster",
    }


def helm_json(service: Service, *, calendar: Calendar) -> Json:
    """Return a `HelmResponse`."""
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
        "source": _source_json(service),
        "arguments": [],
        "allow_cluster_wide_resources": False,
        "values_override": {"set": [], "set_string": [], "set_json": [], "file": _values_json(service)},
        "icon_uri": ICON,
        "service_type": "HELM",
    }


def links_json(service: Service) -> Json:
    return {"results": [_link_json(link, service) for link in service.links]}


def commits_json(service: Service, *, of: str, calendar: Calendar) -> Json:
    """Return the commits of the repository of the chart or, with another `of`, of the values override, newest first."""
    has_repository = service.is_from_git if of == "chart" else service.values is not None
    newest = reversed(service.commits) if has_repository else ()
    return {"results": [commit_json(each.id, service, calendar=calendar) for each in newest]}


def _source_json(service: Service) -> Json:
    if isinstance(service.source, GitRepository):
        return {"git": {"git_repository": _repository_json(service.source)}}
    repository = {"id": service.source.id, "name": service.source.name, "url": service.source.url}
    return {
        "repository": {
            "chart_name": service.chart_name,
            "chart_version": service.chart_version,
            "repository": repository,
        }
    }


def _values_json(service: Service) -> Json | None:
    if service.values is None:
        return None
    return {"raw": None, "git": {"git_repository": _repository_json(service.values), "paths": ["values.yaml"]}}


def _repository_json(repository: GitRepository) -> Json:
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


def _link_json(link: Link, service: Service) -> Json:
    return {
        "service_id": service.id,
        "service_type": "HELM",
        "url": link.url,
        "internal_port": link.internal_port,
        "external_port": 443,
        "is_qovery_domain": False,
        "is_default": link.is_default,
    }


def commit_json(commit_id: str, service: Service, *, calendar: Calendar) -> Json:
    """Return a `Commit`, also for a commit that is not in the repository."""
    known = next((each for each in service.commits if each.id == commit_id), None)
    return {
        "git_commit_id": commit_id,
        "created_at": calendar.date(known.at if known else 0),
        "author_name": known.author if known else "unknown",
        "message": known.message if known else "",
        "tag": commit_id[:7],
    }
