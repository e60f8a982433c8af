"""Deployment requests and executions, with the time of each change."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Literal

from qovery_sandbox.plans import ERRORS, QUEUED_STATES, SUCCESSES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from qovery_sandbox.clock import Timeline
    from qovery_sandbox.plans import Action, Plan, Step


Origin = Literal["API", "CLI", "CONSOLE", "GIT", "QOVERY_INTERNAL", "SKILL", "TERRAFORM_PROVIDER"]
LeaveReason = Literal["BEGAN", "CANCELED", "MERGED", "UNCHANGED"]


@dataclass(frozen=True, kw_only=True)
class Versions:
    """The versions to deploy. A field that is None stands for the service's own setting."""

    chart_version: str | None = None
    git_commit_id: str | None = None
    values_override_git_commit_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class RequestSpec:
    """The content of a deployment request. `versions` and `plans` are by service id."""

    service_ids: tuple[str, ...]
    action: Action = "DEPLOY"
    user: str
    origin: Origin = "CONSOLE"
    versions: Mapping[str, Versions] = field(default_factory=dict)
    plans: Mapping[str, Plan] = field(default_factory=dict)
    force_event: Literal["DIFF"] | None = None
    is_via_http: bool = False

    def is_mergeable_with(self, other: RequestSpec) -> bool:
        """Whether two queued requests have the same action and user."""
        return (self.action, self.user) == (other.action, other.user)


@dataclass(kw_only=True, eq=False)
class DeploymentRequest:
    """An accepted deployment request. Times are simulated seconds.

    effective: what is deployed. A merge changes it.
    position: orders the queue.
    number: the number of the execution, if it is given when the request is queued.
    picked_at: when the request left the queue, before its execution began.
    left_at, leave_reason: when and why the request was no longer waiting.
    """

    id: str
    spec: RequestSpec
    effective: RequestSpec
    environment_id: str
    accepted_at: float
    position: float
    number: int | None = None
    picked_at: float | None = None
    left_at: float | None = None
    leave_reason: LeaveReason | None = None
    merged_into: DeploymentRequest | None = None
    canceled_by: str | None = None

    def is_waiting(self, *, at: float) -> bool:
        """Whether the request has been accepted and its execution has not begun."""
        return self.accepted_at <= at and (self.left_at is None or at < self.left_at)

    def is_listed(self, *, at: float) -> bool:
        """Whether the queue lists the request."""
        return self.accepted_at <= at and not self.has_left_queue(at=at)

    def has_left_queue(self, *, at: float) -> bool:
        return any(since is not None and since <= at for since in (self.picked_at, self.left_at))

    def is_for(self, service_id: str) -> bool:
        return service_id in self.effective.service_ids

    def leave(self, reason: LeaveReason, *, at: float) -> None:
        self.left_at, self.leave_reason = at, reason

    @property
    def survivor(self) -> DeploymentRequest:
        """The request that this one was merged into, or this one."""
        return self.merged_into.survivor if self.merged_into else self


@dataclass(frozen=True, kw_only=True)
class FinishedStep:
    """A finished step. `status` is a `StepMetricStatusEnum`."""

    name: str
    status: str
    duration: float
    at: float


@dataclass(kw_only=True, eq=False)
class ServiceRun:
    """One service's part of an execution. It begins with the service's stage.

    states: each state with the time of its start.
    omission: why the service was not deployed: SKIPPED, or NEVER_BEGAN after an earlier stage failed.
    """

    service_id: str
    execution: Execution = field(repr=False)
    plan: Plan
    versions: Versions
    stage: int = 0
    is_skipped: bool = False
    began_at: float | None = None
    omission: Literal["SKIPPED", "NEVER_BEGAN"] | None = None
    states: list[tuple[float, str]] = field(default_factory=list)
    steps: list[FinishedStep] = field(default_factory=list)
    ended_at: float | None = None
    step_index: int = 0

    @property
    def current_step(self) -> Step:
        return self.plan.steps[self.step_index]

    @property
    def final_state(self) -> str | None:
        return None if self.ended_at is None else self.states[-1][1]

    @property
    def duration(self) -> float | None:
        """The seconds from start to end, or None before the end."""
        return None if self.began_at is None or self.ended_at is None else self.ended_at - self.began_at

    def complete(self) -> None:
        """Complete the whole plan at once, for a deployment in the past."""
        at = self.began_at = self.execution.began_at
        for step in self.plan.steps:
            self.states.append((at, step.state))
            at += step.duration
            self.steps.append(FinishedStep(name=step.name, status="SUCCESS", duration=step.duration, at=at))
        self.states.append((at, self.plan.end or "CANCELED"))
        self.ended_at = at

    def record_step(self, *, status: str, at: float) -> None:
        since = self.steps[-1].at if self.steps else self.began_at or 0.0
        self.steps.append(FinishedStep(name=self.current_step.name, status=status, duration=at - since, at=at))

    def omit(self, reason: Literal["SKIPPED", "NEVER_BEGAN"], *, state: str, at: float) -> None:
        """End the run without a deployment."""
        self.omission = reason
        self.states.append((at, state))
        self.ended_at = at

    def is_waiting(self, *, at: float) -> bool:
        """Whether the service waits for its stage."""
        has_begun = self.began_at is not None and self.began_at <= at
        return not has_begun and not self.is_over(at=at)

    def is_over(self, *, at: float) -> bool:
        return self.ended_at is not None and self.ended_at <= at

    def is_omitted(self, *, at: float) -> bool:
        return self.omission is not None and self.is_over(at=at)

    def state(self, *, at: float) -> str:
        return next((state for since, state in reversed(self.states) if since <= at), self.states[0][1])

    def changed_at(self, *, at: float) -> float:
        """Return the time of the last change of state."""
        return next((since for since, _ in reversed(self.states) if since <= at), self.execution.began_at)

    def finished_steps(self, *, at: float) -> list[FinishedStep]:
        return [step for step in self.steps if step.at <= at]


@dataclass(kw_only=True, eq=False)
class Execution:
    """One run of a deployment: stage by stage, with the services of a stage in parallel.

    runs: in the order of the stages.
    never_began: the state of a service whose stage never began.
    """

    id: str
    request: DeploymentRequest
    began_at: float
    never_began: str
    timeline: Timeline = field(repr=False)
    on_end: Callable[[], None] = field(repr=False)
    runs: list[ServiceRun] = field(default_factory=list)
    ended_at: float | None = None
    is_canceling: bool = False

    def begin(self) -> None:
        for run in self.runs:
            if run.is_skipped:
                run.omit("SKIPPED", state="READY", at=self.began_at)
            else:
                run.states.append((self.began_at, QUEUED_STATES[self.request.effective.action]))
        self._start_next_stage(self.began_at)

    def cancel(self, *, at: float, grace: float) -> None:
        """Cancel the running services: CANCELING for `grace` seconds, then CANCELED."""
        if not self.is_canceling:
            self.is_canceling = True
            for run in self._running_services():
                run.states.append((at, "CANCELING"))
        if grace > 0:
            self.timeline.at(at + grace, self._finish_canceling)
        else:
            self._end_canceled(at)

    def is_over(self, *, at: float) -> bool:
        return self.ended_at is not None and self.ended_at <= at

    def state(self, *, at: float) -> str:
        """Return the first state other than DEPLOYED, of the services that are not over or else of all services."""
        states = [run.state(at=at) for run in self.runs if not run.is_over(at=at)]
        states = states or [run.state(at=at) for run in self.runs if not run.is_omitted(at=at)]
        return next((state for state in states if state != "DEPLOYED"), "DEPLOYED")

    def changed_at(self, *, at: float) -> float:
        """Return the time of the last change of state of any service."""
        return max((run.changed_at(at=at) for run in self.runs), default=self.began_at)

    def duration(self, *, at: float) -> float:
        """Return the seconds from the start until now or the end."""
        ended_at = at if self.ended_at is None else min(at, self.ended_at)
        return ended_at - self.began_at

    def run_of(self, service_id: str) -> ServiceRun | None:
        return next((run for run in self.runs if run.service_id == service_id), None)

    def _start_step(self, run: ServiceRun, *, index: int, at: float) -> None:
        run.step_index = index
        step = run.current_step
        if not run.states or run.states[-1][1] != step.state:
            run.states.append((at, step.state))
        if index == len(run.plan.steps) - 1 and run.plan.end is None:
            return
        self.timeline.at(at + step.duration, partial(self._finish_step, run, at))

    def _finish_step(self, run: ServiceRun, started_at: float) -> None:
        if self.is_canceling:
            return
        at = started_at + run.current_step.duration
        is_last = run.step_index == len(run.plan.steps) - 1
        run.record_step(status=_step_status(run.plan.end) if is_last else "SUCCESS", at=at)
        if is_last:
            self._finish_run(run, state=run.plan.end or "CANCELED", at=at)
        else:
            self._start_step(run, index=run.step_index + 1, at=at)

    def _finish_canceling(self) -> None:
        if self.ended_at is None:
            self._end_canceled(self.timeline.now)

    def _end_canceled(self, at: float) -> None:
        for run in self._running_services():
            run.record_step(status="CANCEL", at=at)
            self._finish_run(run, state="CANCELED", at=at)

    def _finish_run(self, run: ServiceRun, *, state: str, at: float) -> None:
        run.states.append((at, state))
        run.ended_at = at
        if not self._running_services():
            self._start_next_stage(at)

    def _start_next_stage(self, at: float) -> None:
        """Start the next stage. End the execution if there is none or if a service has failed."""
        waiting = [run for run in self.runs if run.is_waiting(at=at)]
        if self._has_failed():
            for run in waiting:
                run.omit("NEVER_BEGAN", state=self.never_began, at=at)
        elif waiting:
            for run in [run for run in waiting if run.stage == waiting[0].stage]:
                run.began_at = at
                self._start_step(run, index=0, at=at)
            return
        self.ended_at = at
        self.on_end()

    def _has_failed(self) -> bool:
        done = [run for run in self.runs if run.ended_at is not None and run.omission is None]
        return any(run.final_state not in SUCCESSES for run in done)

    def _running_services(self) -> list[ServiceRun]:
        return [run for run in self.runs if run.began_at is not None and run.ended_at is None]


def _step_status(end: str | None) -> str:
    if end in ERRORS:
        return "ERROR"
    return "CANCEL" if end == "CANCELED" else "SUCCESS"
