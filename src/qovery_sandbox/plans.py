"""Plans of executions: steps, final state and deployment log."""

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


_WAIT = Step(name="DEPLOYMENT_QUEUEING", duration=1, state="DEPLOYMENT_QUEUED")
_BUILD = (
    Step(name="GIT_CLONE", duration=2, state="BUILDING"),
    Step(name="BUILD", duration=9, state="BUILDING"),
)


def deployment(seconds: float = 20.0, *, end: str | None = "DEPLOYED") -> Plan:
    """Make a deployment of so many seconds, one of them (or half of all) spent before the first step."""
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
                hint_message="See that the image's tag exists and that the cluster may pull it.",
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
    "DELETE": Plan(steps=(Step(name="DEPLOYMENT", duration=5, state="DELETING"),), end="DELETED"),
}


def usual(action: Action) -> Plan:
    """Choose the plan of an action for which nobody has chosen one."""
    return _OTHER_ACTIONS.get(action, HAPPY)
