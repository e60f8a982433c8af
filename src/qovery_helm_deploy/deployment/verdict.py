"""The verdict on a deployment: its outcome, the reason, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from qovery_helm_deploy.deployment.standing import Standing
from qovery_helm_deploy.deployment.status import State
from qovery_helm_deploy.durations import human_duration
from qovery_helm_deploy.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qovery_helm_deploy.deployment.execution import Execution, Identity
    from qovery_helm_deploy.deployment.judgement import Judgement
    from qovery_helm_deploy.deployment.log_entry import LogEntry
    from qovery_helm_deploy.errors import ActionError


class Outcome(StrEnum):
    """How a step ends; the names are part of the contract with users."""

    SUCCEEDED = "succeeded"
    UNCHANGED = "unchanged"
    REQUESTED = "requested"
    FAILED = "failed"
    CANCELED = "canceled"
    SKIPPED = "skipped"
    SUPERSEDED = "superseded"
    TIMED_OUT = "timed_out"
    INTERRUPTED = "interrupted"
    REJECTED = "rejected"
    LOST_CONTACT = "lost_contact"

    @property
    def is_green(self) -> bool:
        return self in {Outcome.SUCCEEDED, Outcome.UNCHANGED, Outcome.REQUESTED}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """An outcome, its reason, and a hint what to do next where there is something to do."""

    outcome: Outcome
    reason: str
    hint: str = ""

    def and_then(self, sentence: str) -> Verdict:
        """Append a sentence to the reason."""
        return replace(self, reason=f"{self.reason} {sentence}")

    def advising(self, sentence: str) -> Verdict:
        """Add a sentence to the hint; an empty one adds nothing."""
        return replace(self, hint=f"{self.hint} {sentence}".strip())

    def because_of(self, entry: LogEntry) -> Verdict:
        """Put the cause that Qovery logged before the reason; the hint that Qovery logged replaces this one."""
        hint = entry.hint or self.hint
        reason = f"{entry.cause} {self.reason}" if entry.cause else self.reason
        return replace(self, reason=reason, hint=hint)


NEVER_REQUESTED = Verdict(
    outcome=Outcome.INTERRUPTED, reason="The job was canceled before the step requested a deployment."
)
_READ_LOG = "Read Qovery's deployment log, correct the chart or its values, and deploy again."
_DEPLOY_AGAIN = "Run the job again if the service should still be deployed."
_OPEN_CONSOLE = "Open the service's deployments in the console before you deploy again."
_ERRORS = {
    State.BUILD_ERROR: "The build failed (BUILD_ERROR).",
    State.DEPLOYMENT_ERROR: "The deployment failed (DEPLOYMENT_ERROR).",
}


@dataclass(frozen=True, kw_only=True)
class Other:
    """Another execution, or another request that is still queued."""

    id: str
    by: Identity
    is_queued: bool = False


def verdict_of(
    judgement: Judgement, *, service_id: str, state: State | None, is_of_execution: bool = False, other: Other | None
) -> Verdict:
    """Return the verdict on one service from a final judgement; only DEPLOYED of our own execution is a success.

    `state` is the service's latest state, which our execution made if `is_of_execution`. `other` is what Qovery
    deployed instead, where that is known.
    """
    match judgement.standing:
        case Standing.ENDED:
            verdict = _ended(judgement, service_id=service_id, state=state if is_of_execution else None)
            return verdict.and_then(_alike(judgement.executions)) if len(judgement.executions) > 1 else verdict
        case Standing.REPLACED:
            return _REPLACED
        case Standing.UNCHANGED:
            return _unchanged(state)
        case Standing.UNDECIDED:
            return _undecided(judgement.executions)
        case _:
            return _removed(other)


_REPLACED = Verdict(
    outcome=Outcome.SUPERSEDED,
    reason="Qovery merged this request with another one and deployed the versions of the other one.",
    hint="Run the job again if the service should have the versions of this job.",
)
_UNREADABLE = Verdict(
    outcome=Outcome.LOST_CONTACT,
    reason="The deployment ended, but Qovery does not report how it ended for this service.",
    hint=_OPEN_CONSOLE,
)


def _ended(judgement: Judgement, *, service_id: str, state: State | None) -> Verdict:
    result, execution = judgement.services.get(service_id), judgement.executions[0]
    end = result.state if result else state
    # In a history, a service may stand with an earlier state until its stage begins.
    is_doubtful = end is State.DEPLOYED and execution.state is not State.DEPLOYED and state is not State.DEPLOYED
    if end is None or is_doubtful or (execution.is_partial and _is_hidden(end, execution)):
        # The statuses show an earlier execution of a service that this one never reached.
        return _never_began(execution) if end is None and execution.is_partial else _UNREADABLE
    if end is State.DEPLOYED:
        return Verdict(outcome=Outcome.SUCCEEDED, reason="Qovery deployed the service.")
    if end is State.CANCELED and not execution.state.is_error:
        reason = "Someone canceled the deployment while it was running."
        return Verdict(outcome=Outcome.CANCELED, reason=reason, hint=_DEPLOY_AGAIN)
    if end.is_error:
        reason = _ERRORS.get(end, f"The deployment ended in {end}.")
        return Verdict(outcome=Outcome.FAILED, reason=reason, hint=_READ_LOG)
    if end.is_terminal and end is not State.CANCELED:
        reason = f"Someone changed the service while this deployment was running: it is {end.in_words} now."
        return Verdict(outcome=Outcome.SUPERSEDED, reason=reason, hint=_DEPLOY_AGAIN)
    return _never_began(execution, end) if end.is_known else _unknown(end)


def _is_hidden(end: State, execution: Execution) -> bool:
    """Return whether the statuses showed a later request or execution instead of the service's end in an execution."""
    return end.is_in_progress or (end.is_queued and execution.state is State.DEPLOYED)


def _unknown(end: State) -> Verdict:
    reason = f"The deployment ended in the state {end}, which this version of the action does not know."
    return Verdict(outcome=Outcome.LOST_CONTACT, reason=reason, hint=_OPEN_CONSOLE)


def _never_began(execution: Execution, end: State | None = None) -> Verdict:
    if execution.state is State.DEPLOYED:
        reason = "Qovery skipped this service: the deployment succeeded without it."
        hint = "Check in the console that the service is enabled and belongs to a deployment stage."
        return Verdict(outcome=Outcome.SKIPPED, reason=reason, hint=hint)
    is_failed = execution.state.is_error
    if is_failed and end is State.CANCELED:
        reason = f"Qovery canceled this service because another one of the deployment failed ({execution.state})."
    else:
        reason = f"Qovery did not deploy this service: the deployment ended before its stage began ({execution.state})."
    hint = "Correct the service that failed, and deploy again." if is_failed else _DEPLOY_AGAIN
    return Verdict(outcome=Outcome.SKIPPED, reason=reason, hint=hint)


def _unchanged(state: State | None) -> Verdict:
    ran_nothing = "Qovery ran no deployment for this request (`force_event: DIFF`)"
    if state in {State.DEPLOYED, State.RESTARTED}:
        return Verdict(outcome=Outcome.UNCHANGED, reason=f"{ran_nothing}. The service is {state.in_words}.")
    reason = f"{ran_nothing}, but the service is not deployed: its state is {state or 'unknown'}."
    return Verdict(outcome=Outcome.FAILED, reason=reason, hint="Deploy once without `force_event`.")


def _removed(other: Other | None) -> Verdict:
    if other is None:
        reason = "The request left Qovery's queue and never ran: someone canceled it, or Qovery dropped it."
        return Verdict(outcome=Outcome.CANCELED, reason=reason, hint=_DEPLOY_AGAIN)
    by = f" by {other.by}" if str(other.by) else ""
    what = f"Another request{by} is queued" if other.is_queued else f"Another deployment{by} ran instead"
    reason = f"The request left Qovery's queue and never ran. {what}: {other.id}."
    hint = "Run the job again if the service should have the versions of this job."
    return Verdict(outcome=Outcome.SUPERSEDED, reason=reason, hint=hint)


def _undecided(executions: Sequence[Execution]) -> Verdict:
    names = ", ".join(f"{known.id} ({known.state})" for known in executions)
    ran = f", or ran as {names}" if names else ", or deployed the service"
    reason = f"Qovery does not show whether the request left the queue without running{ran}."
    return Verdict(outcome=Outcome.SUPERSEDED, reason=reason, hint=_OPEN_CONSOLE)


def _alike(executions: Sequence[Execution]) -> str:
    names = ", ".join(known.id for known in executions)
    return f"Qovery does not show which of these executions is this deployment, but all of them ended alike: {names}."


def verdict_of_error(error: ActionError) -> Verdict:
    """Return a rejection if Qovery refused before it accepted a request, else a loss of contact."""
    outcome = Outcome.REJECTED if isinstance(error, RefusedError) else Outcome.LOST_CONTACT
    return Verdict(outcome=outcome, reason=str(error), hint=error.hint)


def timed_out(standing: Standing, state: State | None, *, elapsed: float, limit: str) -> Verdict:
    """Return the verdict on a deployment whose time is over; `limit` is the input that set it, `elapsed` in seconds."""
    after = f"after {human_duration(elapsed)} (`{limit}`)"
    match standing:
        case Standing.QUEUED:
            reason = f"The request is still queued {after}."
            hint = f"Check in the console which deployment runs before it, or raise `{limit}`."
        case Standing.RUNNING:
            reason = f"The deployment is still {state.in_words if state else 'running'} {after}."
            hint = (
                "Check the pods in the console: a readiness probe that never succeeds keeps a deployment running."
                f" If the deployment only takes long, raise `{limit}`."
            )
        case _:
            reason = f"No result {after}: Qovery lists the request neither in its queue nor in its history."
            hint = _OPEN_CONSOLE
    return Verdict(outcome=Outcome.TIMED_OUT, reason=reason, hint=hint)


def lost_contact(cause: str, *, elapsed: float) -> Verdict:
    """Return the verdict on a deployment whose end could not be read; `elapsed` is in seconds."""
    reason = f"The time ran out after {human_duration(elapsed)}, and Qovery could not be reached: {cause}"
    return Verdict(outcome=Outcome.LOST_CONTACT, reason=reason, hint=_OPEN_CONSOLE)
