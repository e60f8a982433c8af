"""A helm service: where its chart comes from and what it is set to."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Protocol, TypeVar

from qovery_sandbox.plans import HAPPY
from qovery_sandbox.request import Versions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qovery_sandbox.plan import Plan


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
