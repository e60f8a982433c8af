"""A helm service and its environment, as Qovery describes them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qovery_helm_deploy.deployment.asked import Asked


class Source(Enum):
    """Where the chart comes from: a chart from git has commits, one from a repository has versions."""

    GIT = auto()
    REPOSITORY = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, kw_only=True)
class Service:
    """A helm service; `has_values_repository` says whether its values override comes from git."""

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


def labelled(name: str, environment: str) -> str:
    """Return a name with that of its environment, if it is known, as the log and the summary show them."""
    return f"{name} ({environment})" if environment else name


def misfit(service: Service, asked: Asked) -> str | None:
    """Return why the requested versions do not fit the service; None if they do."""
    if asked.git_commit_id and service.source is Source.REPOSITORY:
        return "The chart comes from a chart repository: use `chart_version` instead of `git_commit_id`."
    if asked.chart_version and service.source is Source.GIT:
        return "The chart comes from a git repository: use `git_commit_id` instead of `chart_version`."
    if asked.values_override_git_commit_id and not service.has_values_repository:
        return "The values override does not come from git: remove `values_override_git_commit_id`."
    return None
