"""Plans of executions: steps, final state and deployment log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Action = Literal["DEPLOY", "STOP", "RESTART"]

#: Final states of an execution, from `StateEnum` in Qovery's specification.
SUCCESSES = frozenset({"DEPLOYED", "STOPPED", "RESTARTED", "DELETED"})
ERRORS = frozenset({"BUILD_ERROR", "DEPLOYMENT_ERROR", "STOP_ERROR", "RESTART_ERROR", "DELETE_ERROR"})

#: The state of a service that waits for an action.
QUEUED_STATES: dict[Action, str] = {
    "DEPLOY": "DEPLOYMENT_QUEUED",
    "STOP": "STOP_QUEUED",
    "RESTART": "RESTART_QUEUED",
}


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step. `name` is a `ServiceStepMetricNameEnum`, `state` the service's state during the step."""

    name: str
    duration: float
    state: str


@dataclass(frozen=True, kw_only=True)
class LogError:
    """The error fields of a log entry."""

    user_log_message: str
    hint_message: str = ""
    link: str = ""
    underlying_error: str = ""
    tag: str = "HELM_DEPLOY_ERROR"


@dataclass(frozen=True, kw_only=True)
class LogLine:
    """A log entry, written `at` seconds after the service's stage began."""

    at: float
    message: str
    stage: str = "Deploy"
    error: LogError | None = None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The course of a deployment. Without an `end`, the last step never ends."""

    steps: tuple[Step, ...]
    end: str | None = "DEPLOYED"
    logs: tuple[LogLine, ...] = ()

    def __post_init__(self) -> None:
        if self.end is not None and self.end not in SUCCESSES | ERRORS | {"CANCELED"}:
            raise ValueError(f"{self.end} is not a final state of an execution")
        if not self.steps:
            raise ValueError("a plan has at least one step")

    @property
    def duration(self) -> float:
        """The seconds from start to end; infinite without an end."""
        return float("inf") if self.end is None else sum(step.duration for step in self.steps)


_WAIT = Step(name="DEPLOYMENT_QUEUEING", duration=1, state="DEPLOYMENT_QUEUED")
_BUILD = (
    Step(name="GIT_CLONE", duration=2, state="BUILDING"),
    Step(name="BUILD", duration=9, state="BUILDING"),
)


def deployment(seconds: float = 20.0, *, end: str | None = "DEPLOYED") -> Plan:
    """Return the plan of a deployment of this duration. The first second, or at most half, is spent queueing."""
    waiting = min(_WAIT.duration, seconds / 2)
    steps = (
        Step(name=_WAIT.name, duration=waiting, state=_WAIT.state),
        Step(name="DEPLOYMENT", duration=seconds - waiting, state="DEPLOYING"),
    )
    logs = (
        LogLine(at=0, message="🚀 Deployment of the helm chart is starting"),
        LogLine(at=waiting, message="Running helm upgrade --install"),
        LogLine(at=seconds, message="✅ Helm release is deployed" if end == "DEPLOYED" else "Helm release failed"),
    )
    return Plan(steps=steps, end=end, logs=logs)


HAPPY = deployment()
SLOW = deployment(600)
NEVER_READY = Plan(
    steps=(_WAIT, Step(name="DEPLOYMENT", duration=0, state="DEPLOYING")),
    end=None,
    logs=(
        LogLine(at=1, message="Running helm upgrade --install"),
        *(
            LogLine(at=10 * number, message=f"Waiting for 1 of 2 pods: Readiness probe failed ({number})")
            for number in range(1, 100)
        ),
    ),
)
FAILING = Plan(
    steps=(_WAIT, Step(name="DEPLOYMENT", duration=24, state="DEPLOYING")),
    end="DEPLOYMENT_ERROR",
    logs=(
        LogLine(at=1, message="Running helm upgrade --install"),
        LogLine(at=6, message='Pulling image "registry.example.com/shop/api:1.4.2"'),
        LogLine(at=12, message="Back-off pulling image: ImagePullBackOff"),
        LogLine(at=18, message="Readiness probe failed: connection refused on port 8080"),
        LogLine(
            at=25,
            message="❌ Deployment of the helm chart failed",
            stage="DeployedError",
            error=LogError(
                user_log_message="Helm upgrade failed: 1 of 2 pods never became ready",
                hint_message="Check that the image's tag exists and that the cluster may pull it.",
                link="https://hub.qovery.com/docs/using-qovery/troubleshoot/",
                underlying_error="UPGRADE FAILED: context deadline exceeded: pod shop-api-0 is in ImagePullBackOff",
            ),
        ),
    ),
)
BUILD_FAILING = Plan(
    steps=_BUILD,
    end="BUILD_ERROR",
    logs=(
        LogLine(at=0, message="Cloning the chart's repository", stage="Build"),
        LogLine(
            at=11,
            message="❌ Build failed",
            stage="BuildError",
            error=LogError(
                user_log_message="The chart cannot be rendered",
                hint_message="Run helm template with the same values.",
                underlying_error="parse error at (shop/templates/deployment.yaml:12): unclosed action",
                tag="HELM_TEMPLATE_ERROR",
            ),
        ),
    ),
)
_OTHER_ACTIONS: dict[Action, Plan] = {
    "STOP": Plan(steps=(Step(name="DEPLOYMENT", duration=5, state="STOPPING"),), end="STOPPED"),
    "RESTART": Plan(steps=(Step(name="DEPLOYMENT", duration=5, state="RESTARTING"),), end="RESTARTED"),
}


def default_plan(action: Action) -> Plan:
    """Return the plan of an action that has no plan of its own."""
    return _OTHER_ACTIONS.get(action, HAPPY)
