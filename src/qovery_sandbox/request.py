"""A request to do something with services, from its acceptance until it leaves the queue."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qovery_sandbox.plan import Action, Plan

Origin = Literal["API", "CLI", "CONSOLE", "GIT", "QOVERY_INTERNAL", "SKILL", "TERRAFORM_PROVIDER"]
Departure = Literal["BEGAN", "CANCELED", "MERGED", "UNCHANGED"]


@dataclass(frozen=True, kw_only=True)
class Versions:
    """What to deploy; without any, what the service is set to."""

    chart_version: str | None = None
    git_commit_id: str | None = None
    values_override_git_commit_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Order:
    """What somebody asks for; `versions` and `plans` by service id."""

    service_ids: tuple[str, ...]
    action: Action = "DEPLOY"
    user: str
    origin: Origin = "CONSOLE"
    versions: Mapping[str, Versions] = field(default_factory=dict)
    plans: Mapping[str, Plan] = field(default_factory=dict)
    force_event: Literal["DIFF"] | None = None
    is_via_http: bool = False

    def is_merged_with(self, other: Order) -> bool:
        """Whether Qovery merges the two while both wait: the same kind, by the same user."""
        return (self.action, self.user) == (other.action, other.user)


@dataclass(kw_only=True, eq=False)
class Request:
    """An accepted order; `effective` is what will be done, which a merge changes. Times are the world's seconds.

    `place` orders the queue. `number` is the number of its execution, if requests are numbered when they are queued. A
    request that is no longer listed was `picked_at` a time. One that waits no more says when it left, and how.
    """

    id: str
    order: Order
    effective: Order
    environment_id: str
    accepted_at: float
    place: float
    number: int | None = None
    picked_at: float | None = None
    left_at: float | None = None
    departure: Departure | None = None
    merged_into: Request | None = None
    execution_id: str | None = None
    canceled_by: str | None = None

    def is_waiting(self, *, at: float) -> bool:
        return self.accepted_at <= at and (self.left_at is None or at < self.left_at)

    def is_listed(self, *, at: float) -> bool:
        return self.accepted_at <= at and not self.has_left_queue(at=at)

    def has_left_queue(self, *, at: float) -> bool:
        return any(since is not None and since <= at for since in (self.picked_at, self.left_at))

    def is_for(self, service_id: str) -> bool:
        return service_id in self.effective.service_ids

    def leave(self, departure: Departure, *, at: float) -> None:
        self.left_at, self.departure = at, departure

    @property
    def survivor(self) -> Request:
        """The request that does what this one asked for, itself unless it was merged."""
        return self.merged_into.survivor if self.merged_into else self
