"""What became of a deployment, why, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from qovery_helm_deploy.deployment.standing import Standing
from qovery_helm_deploy.deployment.status import State
from qovery_helm_deploy.durations import human_duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qovery_helm_deploy.deployment.execution import Execution, Identity
    from qovery_helm_deploy.deployment.judgement import Judgement
    from qovery_helm_deploy.deployment.log_entry import LogEntry


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
    """An outcome with its reason in a sentence, and the next step in another where there is one to take."""

    outcome: Outcome
    reason: str
    hint: str = ""

    def and_then(self, sentence: str) -> Verdict:
        """Add what was done about it."""
        return replace(self, reason=f"{self.reason} {sentence}")

    def because_of(self, entry: LogEntry) -> Verdict:
        """Add what Qovery's log says went wrong, and its own hint, if it has one, before ours."""
        hint = f"{entry.hint} {self.hint}" if entry.hint else self.hint
        reason = f"{self.reason} It says: {entry.cause}" if entry.cause else self.reason
        return replace(self, reason=reason, hint=hint)


_LOOK_AT_LOG = "Read the deployment's log; then correct the chart, its values or the cluster, and deploy again."
_DEPLOY_AGAIN = "Nothing is wrong with the chart as far as is known. Run the job again if it is still to be deployed."
_ERRORS = {
    State.BUILD_ERROR: "Qovery could not build what the chart needs (BUILD_ERROR).",
    State.DEPLOYMENT_ERROR: "Qovery could not deploy the chart (DEPLOYMENT_ERROR).",
}


@dataclass(frozen=True, kw_only=True)
class Other:
    """Somebody else's execution, or request that waits."""

    id: str
    by: Identity
    is_waiting: bool = False


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
    reason="Qovery merged the request with another one, and deployed the versions that the other one asked for.",
    hint="See in the console what was deployed. Run the job again if it is not what this job asked for.",
)
_UNREADABLE = Verdict(
    outcome=Outcome.LOST_CONTACT,
    reason="The deployment is over, but Qovery does not show how it ended for this service.",
    hint="Look at the service's deployments in the console.",
)


def _ended(judgement: Judgement, *, service_id: str, state: State | None) -> Verdict:
    result, execution = judgement.services.get(service_id), judgement.executions[0]
    end = result.state if result else state
    # In a history, a service may stand with an earlier state until its stage begins.
    is_doubtful = end is State.DEPLOYED and execution.state is not State.DEPLOYED and state is not State.DEPLOYED
    if end is None or is_doubtful:
        return _UNREADABLE
    if end is State.DEPLOYED:
        return Verdict(outcome=Outcome.SUCCEEDED, reason="The deployment ran and ended in DEPLOYED.")
    if end is State.CANCELED:
        return Verdict(outcome=Outcome.CANCELED, reason="The deployment was canceled while it ran.", hint=_DEPLOY_AGAIN)
    if end.is_error:
        reason = _ERRORS.get(end, f"The deployment ended in {end}.")
        return Verdict(outcome=Outcome.FAILED, reason=reason, hint=_LOOK_AT_LOG)
    if end.is_terminal:
        reason = f"Someone changed the service while this deployment was running: its state is {end}."
        return Verdict(outcome=Outcome.SUPERSEDED, reason=reason, hint=_DEPLOY_AGAIN)
    return _never_began(execution)


def _never_began(execution: Execution) -> Verdict:
    if execution.state is State.DEPLOYED:
        reason = "Qovery skipped this service: the deployment ran without it."
        hint = "Check in the console that the service is enabled and belongs to a deployment stage."
        return Verdict(outcome=Outcome.SKIPPED, reason=reason, hint=hint)
    reason = f"This service was not deployed: the deployment ended in {execution.state} before its stage began."
    hint = "Mend the service of the earlier stage first; then deploy again."
    return Verdict(outcome=Outcome.SKIPPED, reason=reason, hint=hint)


def _unchanged(state: State | None) -> Verdict:
    ran_nothing = "Qovery ran no deployment for this request (`force_event: DIFF`)"
    if state in {State.DEPLOYED, State.RESTARTED}:
        return Verdict(outcome=Outcome.UNCHANGED, reason=f"{ran_nothing}; the service is {state}.")
    reason = f"{ran_nothing}, and the service is {state or 'in an unknown state'}, not DEPLOYED."
    return Verdict(outcome=Outcome.FAILED, reason=reason, hint="Deploy once without `force_event`.")


def _removed(other: Other | None) -> Verdict:
    if other is None:
        reason = "The request left Qovery's queue and never ran: someone canceled it, or Qovery dropped it."
        return Verdict(outcome=Outcome.CANCELED, reason=reason, hint=_DEPLOY_AGAIN)
    who = f", triggered by {other.by}" if str(other.by) else ""
    what = "Another request waits" if other.is_waiting else "Another deployment ran"
    reason = f"The request left Qovery's queue and never ran. {what}: {other.id}{who}."
    hint = "See what that deployment deployed. Run the job again if it is not what this job asked for."
    return Verdict(outcome=Outcome.SUPERSEDED, reason=reason, hint=hint)


def _undecided(executions: Sequence[Execution]) -> Verdict:
    names = ", ".join(f"{known.id} ({known.state})" for known in executions)
    reason = f"Nothing shows what became of the request: Qovery removed it from the queue, or ran it as {names}."
    hint = "Look at the service's deployments in the console before you deploy again."
    return Verdict(outcome=Outcome.SUPERSEDED, reason=reason, hint=hint)


def _alike(executions: Sequence[Execution]) -> str:
    names = ", ".join(known.id for known in executions)
    return f"It is one of several executions, all of which ended so: {names}."


def timed_out(standing: Standing, state: State | None, *, elapsed: float, limit: str) -> Verdict:
    """Return the verdict on a deployment whose time is over; `limit` is the input that set it, `elapsed` in seconds."""
    after = f"after {human_duration(elapsed)} (`{limit}`)"
    match standing:
        case Standing.QUEUED:
            reason = f"The request still waits in Qovery's queue {after}."
            hint = "See in the console what runs before it, or allow more time."
        case Standing.RUNNING:
            reason = f"The deployment is still {state or 'running'} {after}."
            hint = (
                "A readiness probe that never succeeds keeps a deployment running: look at the pods in the console."
                " If it merely takes long, allow more time."
            )
        case _:
            reason = f"No result {after}: Qovery does not show what became of the request."
            hint = "Look at the service's deployments in the console before you deploy again."
    return Verdict(outcome=Outcome.TIMED_OUT, reason=reason, hint=hint)


def lost_contact(cause: str, *, elapsed: float) -> Verdict:
    """Return the verdict on a deployment whose end could not be read; `elapsed` is in seconds."""
    reason = f"Qovery could not be reached when the time was over, {human_duration(elapsed)} after the request: {cause}"
    hint = "The deployment may have gone either way: look at the service's deployments in the console."
    return Verdict(outcome=Outcome.LOST_CONTACT, reason=reason, hint=hint)
