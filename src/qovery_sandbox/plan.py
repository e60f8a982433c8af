"""How an execution goes: its steps, its end, and what it writes into the deployment log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Action = Literal["DEPLOY", "STOP", "RESTART", "DELETE"]

#: The states that end an execution, after `StateEnum` of Qovery's API specification.
SUCCESSES = frozenset({"DEPLOYED", "STOPPED", "RESTARTED", "DELETED"})
ERRORS = frozenset({"BUILD_ERROR", "DEPLOYMENT_ERROR", "STOP_ERROR", "RESTART_ERROR", "DELETE_ERROR"})

#: The state of a service that waits for each action.
QUEUED_STATES: dict[Action, str] = {
    "DEPLOY": "DEPLOYMENT_QUEUED",
    "STOP": "STOP_QUEUED",
    "RESTART": "RESTART_QUEUED",
    "DELETE": "DELETE_QUEUED",
}


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step under its name in `ServiceStepMetricNameEnum`, and the service's state meanwhile."""

    name: str
    duration: float
    state: str


@dataclass(frozen=True, kw_only=True)
class LogError:
    """What Qovery adds to a log entry that tells an error."""

    user_log_message: str
    hint_message: str = ""
    link: str = ""
    underlying_error: str = ""
    tag: str = "HELM_DEPLOY_ERROR"


@dataclass(frozen=True, kw_only=True)
class LogLine:
    """An entry of the deployment log, written `at` seconds after the service's part in the execution began."""

    at: float
    message: str
    stage: str = "Deploy"
    error: LogError | None = None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What will happen unless somebody cancels it; without an `end` the last step lasts for ever."""

    steps: tuple[Step, ...]
    end: str | None = "DEPLOYED"
    logs: tuple[LogLine, ...] = ()

    def __post_init__(self) -> None:
        if self.end is not None and self.end not in SUCCESSES | ERRORS | {"CANCELED"}:
            raise ValueError(f"{self.end} is not a state that ends an execution")
        if not self.steps:
            raise ValueError("a plan has at least one step")

    @property
    def duration(self) -> float:
        """The seconds from beginning to end, infinite when it never ends."""
        return float("inf") if self.end is None else sum(step.duration for step in self.steps)
