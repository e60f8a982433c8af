"""The organization, project, environments and helm services, and their JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Protocol, TypeVar

from qovery_sandbox import ids as identity
from qovery_sandbox.deployments import Versions
from qovery_sandbox.ids import CLUSTER_ID, ORGANIZATION_ID, PROJECT_ID
from qovery_sandbox.plans import HAPPY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qovery_sandbox.clock import Calendar
    from qovery_sandbox.plans import Plan
    from qovery_sandbox.statuses import Json


class Staged(Protocol):
    """Something that belongs to a stage of the deployment pipeline."""

    stage: int


T = TypeVar("T", bound=Staged)


def by_stage(staged: Iterable[T]) -> list[tuple[int, list[T]]]:
    """Group by stage, in the order of the stages."""
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
    """What Qovery knows of a service apart from its deployments; tests change it as they like.

    The chart is `chart_name` of a `ChartRepository`, or lies in a `GitRepository`. `values` is the repository of the
    values override, if it has one. `plan` is how deployments go. Without `has_difference`, `DIFF` deploys nothing.
    An execution deploys the services of stage 0 first, then those of stage 1, and so on; it leaves out a service that
    `is_skipped`.
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

    def resolve(self, asked: Versions) -> Versions:
        """Complete what was asked by what the service is set to."""
        head = self.newest_commit.id if self.commits else None
        values = asked.values_override_git_commit_id or (head if self.values else None)
        if self.is_from_git:
            return Versions(git_commit_id=asked.git_commit_id or head, values_override_git_commit_id=values)
        return Versions(chart_version=asked.chart_version or self.chart_version, values_override_git_commit_id=values)


DAY = 86_400.0
ICON = "https://app.qovery.com/icons/helm.svg"
ORGANIZATION_NAME = "sandbox"
PROJECT_NAME = "shop"


@dataclass(frozen=True, kw_only=True)
class Place:
    """An environment's name and mode."""

    id: str
    name: str
    mode: str


PLACES = (
    Place(id=identity.STAGING_ID, name="staging", mode="STAGING"),
    Place(id=identity.PRODUCTION_ID, name="production", mode="PRODUCTION"),
)
_CHARTS = ChartRepository(
    id="5f1d2a60-7c3e-4b8a-9d21-0e6f4c7b1a31", name="shop-charts", url="https://charts.example.com/shop"
)
_CODE = GitRepository(owner="example", name="shop", root_path="/charts/web")
_VALUES = GitRepository(owner="example", name="shop-values")


def fresh_services() -> dict[str, Service]:
    """Build the services by id: two with a chart from a repository, one with its chart in git."""
    services = (
        _from_repository(identity.HELM_ID, name="shop-api", environment_id=identity.STAGING_ID),
        Service(
            id=identity.GIT_HELM_ID,
            name="shop-web",
            environment_id=identity.STAGING_ID,
            source=_CODE,
            commits=_commits(),
            links=_links("web.staging"),
        ),
        _from_repository(identity.PRODUCTION_HELM_ID, name="shop-api", environment_id=identity.PRODUCTION_ID),
    )
    return {service.id: service for service in services}


def _from_repository(service_id: str, *, name: str, environment_id: str) -> Service:
    place = next(place.name for place in PLACES if place.id == environment_id)
    return Service(
        id=service_id,
        name=name,
        environment_id=environment_id,
        source=_CHARTS,
        chart_name="shop-api",
        values=_VALUES,
        commits=_commits(),
        links=_links(f"api.{place}"),
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


def commit(commit_id: str, service: Service, *, calendar: Calendar) -> Json:
    """Render a `Commit`; one that the service's repository does not have is rendered all the same."""
    known = next((each for each in service.commits if each.id == commit_id), None)
    return {
        "git_commit_id": commit_id,
        "created_at": calendar.date(known.at if known else 0),
        "author_name": known.author if known else "unknown",
        "message": known.message if known else "",
        "tag": commit_id[:7],
    }
