"""What Qovery's queue and history list: requests that wait, and executions."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qovery_helm_deploy.deployment.status import State

#: `{environment_id}-{number}`, in places `{environment_id}-{number}-{timestamp}`.
_NUMBERED = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}-(?P<number>\d{1,18})(?:-.*)?", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who triggered a deployment and through what, as Qovery names them; `None` where Qovery does not."""

    user: str | None = None
    origin: str | None = None

    def __str__(self) -> str:
        """Return both in words; empty where Qovery names neither."""
        return " through ".join(part for part in (self.user, self.origin) if part)


@dataclass(frozen=True, kw_only=True)
class QueuedRequest:
    """A deployment request that waits in an environment's queue, with the ids of its services."""

    id: str
    by: Identity = field(default_factory=Identity)
    services: frozenset[str] = frozenset()
    action: str | None = None


@dataclass(frozen=True, kw_only=True)
class ServiceResult:
    """One service's part in an execution; `duration` in seconds."""

    state: State
    chart_version: str | None = None
    git_commit_id: str | None = None
    commit_url: str | None = None
    duration: float | None = None


@dataclass(frozen=True, kw_only=True)
class Execution:
    """An execution as an environment's history lists it; `duration` in seconds.

    `services` is empty where Qovery does not list them. `is_partial` says that more of them may belong to it: statuses
    show a service's earlier execution until its stage begins. Of one that `is_unseen`, only the number is known.
    """

    id: str
    state: State
    is_over: bool
    by: Identity = field(default_factory=Identity)
    services: Mapping[str, ServiceResult] = field(default_factory=dict)
    action: str | None = None
    duration: float | None = None
    is_partial: bool = False
    is_unseen: bool = False

    def updated(self, shown: Execution) -> Execution:
        """Return the execution as it is shown now, with what other calls showed of it that this one does not.

        If a service is over and queued now, it waits for the next request.
        """
        services, requeued = dict(self.services), False
        for service, result in shown.services.items():
            before = services.get(service, result)
            if before.state.is_terminal and result.state.is_queued:
                requeued = True
                continue
            services[service] = replace(
                result,
                chart_version=result.chart_version or before.chart_version,
                git_commit_id=result.git_commit_id or before.git_commit_id,
                commit_url=result.commit_url or before.commit_url,
            )
        by = shown.by if str(shown.by) else self.by
        is_partial = self.is_partial and shown.is_partial
        ended = (
            requeued and not shown.state.is_in_progress and all(each.state.is_terminal for each in services.values())
        )
        is_over = shown.is_over or ended
        action = shown.action or self.action
        return replace(shown, by=by, services=services, action=action, is_over=is_over, is_partial=is_partial)

    @property
    def has_known_end(self) -> bool:
        """Whether the execution is over, and Qovery showed how it ended."""
        return self.is_over and not self.is_unseen

    @cached_property
    def number(self) -> int | None:
        """The environment's counter in the id, or None for an id of another form."""
        return number_of(self.id)


def number_of(execution_id: str | None) -> int | None:
    """Return the environment's counter in an execution id, or None for an id of another form.

    Execution ids are numbered according to Qovery's specification and its console; that the numbers only rise is
    inferred.
    """
    match = _NUMBERED.fullmatch(execution_id or "")
    return int(match["number"]) if match else None
