"""What Qovery says of a service: its state, the request and the execution that state is about, and its steps."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from datetime import datetime


class State(StrEnum):
    """A service's state, after `StateEnum` of Qovery's API specification 1.0.4.

    A state that this list does not know keeps its text as value, has the name `UNKNOWN`, and is not terminal.
    """

    BUILDING = "BUILDING"
    BUILD_ERROR = "BUILD_ERROR"
    CANCELED = "CANCELED"
    CANCELING = "CANCELING"
    DELETED = "DELETED"
    DELETE_ERROR = "DELETE_ERROR"
    DELETE_QUEUED = "DELETE_QUEUED"
    DELETING = "DELETING"
    DEPLOYED = "DEPLOYED"
    DEPLOYING = "DEPLOYING"
    DEPLOYMENT_ERROR = "DEPLOYMENT_ERROR"
    DEPLOYMENT_QUEUED = "DEPLOYMENT_QUEUED"
    EXECUTING = "EXECUTING"
    QUEUED = "QUEUED"
    READY = "READY"
    RECAP = "RECAP"
    RESTARTED = "RESTARTED"
    RESTARTING = "RESTARTING"
    RESTART_ERROR = "RESTART_ERROR"
    RESTART_QUEUED = "RESTART_QUEUED"
    STOPPED = "STOPPED"
    STOPPING = "STOPPING"
    STOP_ERROR = "STOP_ERROR"
    STOP_QUEUED = "STOP_QUEUED"
    UNAVAILABLE = "UNAVAILABLE"
    WAITING_DELETING = "WAITING_DELETING"
    WAITING_RESTARTING = "WAITING_RESTARTING"
    WAITING_RUNNING = "WAITING_RUNNING"
    WAITING_STOPPING = "WAITING_STOPPING"

    @classmethod
    def _missing_(cls, value: object) -> Self:
        member = str.__new__(cls, value)
        member._name_ = "UNKNOWN"
        member._value_ = str(value)
        return member

    @property
    def is_known(self) -> bool:
        return self.name != "UNKNOWN"

    @property
    def is_queued(self) -> bool:
        return self in _QUEUED

    @property
    def is_terminal(self) -> bool:
        """Whether an execution in this state is over."""
        return self in _TERMINAL

    @property
    def is_in_progress(self) -> bool:
        return self in _IN_PROGRESS

    @property
    def is_busy(self) -> bool:
        """Whether something waits or runs."""
        return self.is_queued or self.is_in_progress

    @property
    def ends_a_deployment(self) -> bool:
        """Whether a deployment, rather than a stop, a restart or a deletion, ends so."""
        return self in _ENDS_OF_A_DEPLOYMENT

    @property
    def is_error(self) -> bool:
        return self in _ERRORS


_ERRORS = frozenset(
    {
        State.BUILD_ERROR,
        State.DELETE_ERROR,
        State.DEPLOYMENT_ERROR,
        State.RESTART_ERROR,
        State.STOP_ERROR,
    }
)
_TERMINAL = _ERRORS | {State.CANCELED, State.DELETED, State.DEPLOYED, State.RESTARTED, State.STOPPED}
_ENDS_OF_A_DEPLOYMENT = frozenset({State.BUILD_ERROR, State.CANCELED, State.DEPLOYED, State.DEPLOYMENT_ERROR})
_IN_PROGRESS = frozenset({State.BUILDING, State.CANCELING, State.DEPLOYING, State.EXECUTING})
_QUEUED = frozenset({State.DEPLOYMENT_QUEUED, State.QUEUED, State.WAITING_RUNNING})


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of an execution, such as `DEPLOYMENT`; `duration` in seconds."""

    name: str
    status: str | None = None
    duration: float | None = None


@dataclass(frozen=True, kw_only=True)
class Status:
    """One answer about a service. It belongs to the service, not to a request; see `ownership`.

    `total_duration`, in seconds, is absent until an execution is over.
    """

    state: State
    request_id: str | None = None
    execution_id: str | None = None
    last_deployment_date: datetime | None = None
    service_deployment_status: str | None = None
    steps: tuple[Step, ...] = ()
    total_duration: float | None = None

    @property
    def shown(self) -> tuple[object, ...]:
        """What changes when something happens, and not by time alone."""
        steps = tuple((step.name, step.status) for step in self.steps)
        return self.state, self.execution_id, self.request_id, steps

    @property
    def is_unnamed_run(self) -> bool:
        """Whether something waits or runs, and it is not told which execution that is."""
        return self.execution_id is None and self.state.is_busy

    @property
    def current_step(self) -> str | None:
        """The step that has begun and has not ended, where Qovery tells one."""
        return next((step.name for step in reversed(self.steps) if step.status is None), None)
