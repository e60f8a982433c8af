"""Believable plans: what deployments of a chart look like when they work, and when they do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qovery_sandbox.plan import LogError, LogLine, Plan, Step

if TYPE_CHECKING:
    from qovery_sandbox.plan import Action

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
