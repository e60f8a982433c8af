"""What became of a deployment, why, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from qovery_helm_deploy.deployment.ownership import Judgement, Other, Standing
from qovery_helm_deploy.deployment.status import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qovery_helm_deploy.deployment.evidence import Execution
    from qovery_helm_deploy.deployment.log_entry import LogEntry


class Outcome(StrEnum):
    """How a step ends; the names are part of the contract with users."""

    SUCCEEDED = "succeeded"
    UNCHANGED = "unchanged"
    REQUESTED = "requested"
    FAILED = "failed"
    CANCELED = "canceled"
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


def verdict_of(judgement: Judgement) -> Verdict:
    """Put a final judgement in words; only DEPLOYED of our own execution is a success."""
    match judgement.standing:
        case Standing.UNCHANGED:
            return _unchanged(judgement.state)
        case Standing.GONE:
            return _unknown(judgement.alternatives) if judgement.alternatives else _gone(judgement.other)
        case _:
            verdict = _ended(judgement.state, judgement.execution)
            return verdict.and_then(_whichever(judgement.alternatives)) if judgement.alternatives else verdict


def _ended(state: State, execution: Execution | None) -> Verdict:
    if state is State.DEPLOYED:
        return Verdict(outcome=Outcome.SUCCEEDED, reason="The deployment ran and ended in DEPLOYED.")
    if state is State.CANCELED:
        return Verdict(outcome=Outcome.CANCELED, reason="The deployment was canceled while it ran.", hint=_DEPLOY_AGAIN)
    if state.is_error:
        reason = _ERRORS.get(state, f"The deployment ended in {state}.")
        return Verdict(outcome=Outcome.FAILED, reason=reason, hint=_LOOK_AT_LOG)
    what = f"execution {execution.id}" if execution and execution.id else "the deployment"
    reason = f"The service is {state}, which is no end of a deployment: it was stopped, restarted or deleted in {what}."
    return Verdict(outcome=Outcome.SUPERSEDED, reason=reason, hint=_DEPLOY_AGAIN)


def _unchanged(state: State) -> Verdict:
    if state in {State.DEPLOYED, State.RESTARTED}:
        return Verdict(outcome=Outcome.UNCHANGED, reason="There was no difference to deploy; nothing ran.")
    reason = f"There was no difference to deploy, so nothing ran; but the service is {state}, not DEPLOYED."
    hint = "Deploy once without `force_event: DIFF`."
    return Verdict(outcome=Outcome.FAILED, reason=reason, hint=hint)


def _gone(other: Other | None) -> Verdict:
    if other is None:
        reason = (
            "The request left Qovery's queue, and no deployment of it ever began: it was canceled or dropped there."
        )
        return Verdict(outcome=Outcome.CANCELED, reason=reason, hint=_DEPLOY_AGAIN)
    who = " through ".join(part for part in (other.by.triggered_by, other.by.origin) if part)
    reason = f"Another deployment took the place of this one: {other.id}{f', triggered by {who}' if who else ''}."
    hint = "See what that deployment deployed. Run the job again if it is not what this job asked for."
    return Verdict(outcome=Outcome.SUPERSEDED, reason=reason, hint=hint)


def _unknown(alternatives: Sequence[Execution]) -> Verdict:
    told = ", ".join(f"{known.id} ({known.state})" for known in alternatives)
    reason = (
        "Others deployed the service about then, and nothing that Qovery tells shows which deployment is this one; it"
        f" may be: {told}."
    )
    hint = "Look at the service's deployments in the console before you deploy again."
    return Verdict(outcome=Outcome.SUPERSEDED, reason=reason, hint=hint)


def _whichever(alternatives: Sequence[Execution]) -> str:
    told = ", ".join(known.id for known in alternatives)
    return f"It is one of several, and nothing that Qovery tells shows which, but all of them ended so: {told}."


def timed_out(standing: Standing, state: State | None, *, elapsed: float, limit: str) -> Verdict:
    """Say where a deployment stood when the time of the input `limit` was over; `elapsed` is in seconds."""
    after = f"after {elapsed:.0f} s (`{limit}`)"
    match standing:
        case Standing.WAITING:
            reason = f"The request still waits in Qovery's queue {after}."
            hint = "See in the console what runs before it, or allow more time."
        case Standing.RUNNING:
            reason = f"The deployment is still {state} {after}."
            hint = (
                "A readiness probe that never succeeds keeps a deployment running: look at the pods in the console."
                " If it merely takes long, allow more time."
            )
        case _:
            reason = f"Nothing Qovery tells shows what became of the request {after}; the service is {state}."
            hint = "Look at the service's deployments in the console before you deploy again."
    return Verdict(outcome=Outcome.TIMED_OUT, reason=reason, hint=hint)


def lost_contact(what: str, *, elapsed: float) -> Verdict:
    reason = f"Qovery could not be asked any more when the time was over, {elapsed:.0f} s after the request: {what}"
    hint = "The deployment may have gone either way: look at the service's deployments in the console."
    return Verdict(outcome=Outcome.LOST_CONTACT, reason=reason, hint=hint)
