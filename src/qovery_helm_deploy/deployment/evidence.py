"""What there is to see of a request besides the status: the queue, the history, and how things were before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from qovery_helm_deploy.deployment.status import State, Status

#: By how much the clocks within Qovery may differ, and by how much what it shows may lag; dates further apart than that
#: are told by clocks that cannot be compared.
_SKEW = timedelta(seconds=2)
LONGEST_LAG = timedelta(minutes=10)
#: By how much a status may lag behind the history.
_STATUS_LAG = timedelta(seconds=10)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the deployment was asked to deploy; `None` leaves the choice to Qovery.

    With `only_differences` (Qovery's `forceEvent=DIFF`) nothing runs where there is no difference to deploy.
    """

    chart_version: str | None = None
    git_commit_id: str | None = None
    values_override_git_commit_id: str | None = None
    only_differences: bool = False

    def __str__(self) -> str:
        """Say it in words."""
        parts = (
            ("chart version", self.chart_version),
            ("commit", self.git_commit_id),
            ("values of commit", self.values_override_git_commit_id),
        )
        what = ", ".join(f"{name} {value}" for name, value in parts if value) or "the versions set in Qovery"
        return f"{what}, if there is a difference" if self.only_differences else what


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who asked for a deployment, and through what, as Qovery names them."""

    triggered_by: str | None = None
    origin: str | None = None


@dataclass(frozen=True, kw_only=True)
class QueuedRequest:
    """A request that has not started yet."""

    id: str
    by: Identity


@dataclass(frozen=True, kw_only=True)
class Execution:
    """A run as history tells it; `duration` in seconds. History names no request id.

    It may name no execution id either; then `id` is made up, and `is_nameless`.
    """

    id: str
    state: State
    by: Identity
    action: str | None = None
    created_at: datetime | None = None
    chart_version: str | None = None
    git_commit_id: str | None = None
    commit_url: str | None = None
    duration: float | None = None
    is_nameless: bool = False


def is_unnamed(status: Status, history: tuple[Execution, ...] | None) -> bool:
    """Whether neither the status nor the history names what runs, if something does."""
    return status.execution_id is None and all(known.state.is_terminal for known in history or ())


def is_history_behind(status: Status, history: tuple[Execution, ...] | None) -> bool:
    """Whether the status, which names no execution, tells of another end than the newest that history knows."""
    is_nameless = status.execution_id is None and status.state.ends_a_deployment
    return is_nameless and any(known.state is not status.state for known in (history or ())[:1])


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """How the service was before our request; whatever stands here is not ours.

    `queue` and `history` are `None` where they could not be had. `taken_at` is the time by Qovery's own clock,
    where it told it.
    """

    status: Status
    queue: tuple[QueuedRequest, ...] | None = ()
    history: tuple[Execution, ...] | None = ()
    taken_at: datetime | None = None

    @property
    def has_unnamed_run(self) -> bool:
        """Whether something may have been running whose execution nothing names."""
        return self.status.state.is_in_progress and is_unnamed(self.status, self.history)

    @property
    def may_have_seen_the_end(self) -> bool:
        """Whether what seemed to run without a name may be what history told last, for a status may lag behind it."""
        newest = next(iter(self.history or ()), None)
        if newest is None or not self.has_unnamed_run:
            return False
        ended = newest.created_at + timedelta(seconds=newest.duration or 0.0) if newest.created_at else None
        return ended is None or self.taken_at is None or self.taken_at - ended < _STATUS_LAG

    @property
    def has_untold_end(self) -> bool:
        """Whether history had yet to tell what had ended."""
        return is_history_behind(self.status, self.history)

    @property
    def has_something_due(self) -> bool:
        """Whether something was out of the queue already that had not begun: the first to begin is that."""
        return self._may_have_something_due and not self.queue

    @property
    def may_have_something_due(self) -> bool:
        """Whether that may be besides what waited: the status may have shown it, or the id of what had ended."""
        return self._may_have_something_due and bool(self.queue)

    @property
    def _may_have_something_due(self) -> bool:
        status, over = self.status, {known.id for known in self.history or () if known.state.is_terminal}
        is_listed = self.has_queued(status.request_id) or (status.request_id is None and bool(self.queue))
        # History may have been had later than the status, and tell of what began meanwhile.
        newest = next((known.id for known in self.history or ()), status.execution_id)
        is_older = status.execution_id in over and status.execution_id != newest
        has_begun = is_older or status.execution_id not in {None, *over} or len(over) < len(self.history or ())
        return status.state.is_queued and self.queue is not None and not (is_listed or has_begun)

    def is_after(self, moment: datetime | None) -> bool:
        """Whether something of that moment surely began later than this."""
        return moment is not None and self.taken_at is not None and moment - self.taken_at > _SKEW

    def is_later(self, *, than: datetime | None) -> bool:
        """Whether something of that moment surely began earlier than this."""
        return than is not None and self.taken_at is not None and self.taken_at - than > _SKEW

    def has_execution(self, execution_id: str) -> bool:
        is_listed = any(known.id == execution_id for known in self.history or ())
        return is_listed or execution_id == self.status.execution_id

    def queued(self, request_id: str | None) -> QueuedRequest | None:
        return next((queued for queued in self.queue or () if queued.id == request_id), None)

    def has_queued(self, request_id: str | None) -> bool:
        return self.queued(request_id) is not None

    def has_request(self, request_id: str) -> bool:
        return request_id == self.status.request_id or self.has_queued(request_id)

    def is_before(self, moment: datetime | None) -> bool:
        """Whether something of that moment was there already, even if nothing showed it yet.

        What is older than the newest execution known was. So was what is a little older than the baseline itself: what
        Qovery shows may lag. But a new execution that seems to be much older only shows that the clocks differ.
        """
        if moment is None:
            return False
        newest = max((known.created_at for known in self.history or () if known.created_at), default=None)
        if newest is not None and moment < newest:
            return True
        return self.taken_at is not None and _SKEW < self.taken_at - moment < LONGEST_LAG


@dataclass(frozen=True, kw_only=True)
class Look:
    """One look at the service.

    `at` is in seconds since our request was accepted, `taken_at` the time by Qovery's own clock, where it told it. The
    parts are read in the order status, queue, history; the queue and the history are `None` where they were not asked,
    or could not be had. The status may be up to `age` seconds older, one that was asked for another service's sake.
    `siblings` are the ids of what our step has asked for besides. Of other services of the environment, where they were
    asked for: `beside` are the executions in progress, and `is_another_running` says that there is one, named or not.
    """

    at: float
    status: Status
    queue: tuple[QueuedRequest, ...] | None = None
    history: tuple[Execution, ...] | None = None
    taken_at: datetime | None = None
    age: float = 0.0
    siblings: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()
    is_another_running: bool = False

    @property
    def is_complete(self) -> bool:
        return self.queue is not None and self.history is not None

    @property
    def is_something_due(self) -> bool:
        """Whether something may be out of the queue that has not begun."""
        return self.status.state.is_queued and self.queued(self.status.request_id) is None

    def queued(self, request_id: str | None) -> QueuedRequest | None:
        return next((queued for queued in self.queue or () if queued.id == request_id), None)

    def execution(self, execution_id: str | None) -> Execution | None:
        return next((known for known in self.history or () if known.id == execution_id), None)
