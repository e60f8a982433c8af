"""The service that is deployed, as Qovery describes it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qovery_helm_deploy.deployment.asked import Asked


class Source(Enum):
    """Where the chart comes from; it tells whether a commit or a chart version can be asked for."""

    GIT = auto()
    REPOSITORY = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, kw_only=True)
class Service:
    """A helm service. `has_values_repository` tells whether a commit of the values override can be asked for."""

    id: str
    name: str
    environment_id: str
    source: Source
    has_values_repository: bool
    is_deployed_on_push: bool


@dataclass(frozen=True, kw_only=True)
class Environment:
    id: str
    name: str
    project_id: str
    organization_id: str
    cluster_id: str


def misfit(service: Service, asked: Asked) -> str | None:
    """Tell why what was asked does not fit the service, if it does not; nothing need be sent then."""
    if asked.git_commit_id and service.source is Source.REPOSITORY:
        return "git_commit_id was given, but the chart comes from a chart repository: give chart_version instead."
    if asked.chart_version and service.source is Source.GIT:
        return "chart_version was given, but the chart comes from a git repository: give git_commit_id instead."
    if asked.values_override_git_commit_id and not service.has_values_repository:
        return "values_override_git_commit_id was given, but the values override does not come from a git repository."
    return None
