"""What exists in a fresh sandbox: one organization, its project, two environments and three helm services."""

from __future__ import annotations

from dataclasses import dataclass

from qovery_sandbox import identity
from qovery_sandbox.service import ChartRepository, Commit, GitRepository, Link, Service

DAY = 86_400.0
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
