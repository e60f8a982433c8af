"""What Qovery says of a service: its state, the request and the execution that state is about, and its steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Self

from qovery_helm_deploy.deployment.execution import Execution, Identity, ServiceResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


_MOST_UNSEEN = 10
_LENGTH_OF_UUID = 36


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
    def in_words(self) -> str:
        """The state in lower-case words, such as `deployment queued`."""
        return self.value.lower().replace("_", " ")

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
_IN_PROGRESS = frozenset({State.BUILDING, State.CANCELING, State.DEPLOYING, State.EXECUTING})
_QUEUED = frozenset(
    {
        State.DELETE_QUEUED,
        State.DEPLOYMENT_QUEUED,
        State.QUEUED,
        State.RESTART_QUEUED,
        State.STOP_QUEUED,
        State.WAITING_RUNNING,
    }
)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of an execution, such as `DEPLOYMENT`; `duration` in seconds."""

    name: str
    status: str | None = None
    duration: float | None = None


@dataclass(frozen=True, kw_only=True)
class Status:
    """One answer about a service. It belongs to the service, not to a deployment request.

    `total_duration`, in seconds, is absent until an execution is over. `queued_requests` counts the requests for the
    service that wait; None where Qovery does not say.
    """

    state: State
    request_id: str | None = None
    execution_id: str | None = None
    queued_requests: int | None = None
    service_deployment_status: str | None = None
    steps: tuple[Step, ...] = ()
    total_duration: float | None = None

    @property
    def is_over(self) -> bool:
        """Whether the execution on this status is over; a duration comes with its end."""
        return self.state.is_terminal and (self.total_duration is not None or not self.steps)


@dataclass(frozen=True, kw_only=True)
class EnvironmentStatuses:
    """The statuses of an environment and of its services, by service id.

    `by` is who triggered the newest execution, whose id is `last_execution_id` and whose state is `last_state`.
    """

    services: Mapping[str, Status]
    last_execution_id: str | None = None
    last_state: State | None = None
    by: Identity = field(default_factory=Identity)

    def executions(self) -> tuple[Execution, ...]:
        """Return the latest execution of each service, with those services whose latest it is; the newest first."""
        deployed = {key: status for key, status in self.services.items() if status.state is not State.READY}
        ids = dict.fromkeys(status.execution_id for status in deployed.values() if status.execution_id)
        executions = [
            self._execution(each, {key: status for key, status in deployed.items() if status.execution_id == each})
            for each in ids
        ]
        return tuple(sorted(executions, key=lambda each: (each.is_over, -(each.number or 0))))

    def unseen(self, *, after: int, known: Iterable[int]) -> Sequence[Execution]:
        """Return the executions after a number that no status shows: a later execution of their services hides them.

        `known` are the numbers of others. Returns the first ten of many, and none if an id has no number.
        """
        shown = self.executions()
        numbers = {*known, *(execution.number or 0 for execution in shown)}
        if not shown or 0 in numbers:
            return ()
        missing = islice((number for number in range(after + 1, max(numbers)) if number not in numbers), _MOST_UNSEEN)
        prefix, state = shown[0].id[:_LENGTH_OF_UUID], State("UNKNOWN")
        return [Execution(id=f"{prefix}-{each}", state=state, is_over=True, is_unseen=True) for each in missing]

    def _execution(self, execution_id: str, parts: Mapping[str, Status]) -> Execution:
        is_newest = execution_id == self.last_execution_id
        last = self.last_state if is_newest else None
        # A queued service belongs to a later stage, was never reached, or waits for the next request.
        begun = [status for status in parts.values() if not status.state.is_queued]
        counted = begun if begun and last and last.is_terminal else parts.values()
        is_over = not (last and last.is_in_progress) and all(status.is_over for status in counted)
        states = [status.state for status in begun or parts.values() if is_over or not status.is_over]
        bad = [state for state in states if state.is_error] or [state for state in states if state is State.CANCELED]
        return Execution(
            id=execution_id,
            state=(bad or states or [last or State.DEPLOYING])[0],
            is_over=is_over,
            by=self.by if is_newest else Identity(),
            services={key: ServiceResult(state=status.state) for key, status in parts.items()},
            is_partial=True,
        )
