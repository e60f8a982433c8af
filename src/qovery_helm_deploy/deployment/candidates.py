"""Which executions and requests may be ours, of those that a look tells."""

from __future__ import annotations

from datetime import timedelta
from itertools import takewhile
from typing import TYPE_CHECKING

from qovery_helm_deploy.deployment.claim import SETTLING
from qovery_helm_deploy.deployment.contradiction import is_compatible, may_be_of
from qovery_helm_deploy.deployment.evidence import LONGEST_LAG, Execution, Identity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qovery_helm_deploy.deployment.claim import Claim
    from qovery_helm_deploy.deployment.evidence import Look, QueuedRequest

#: How close to each other two dates tell no order, and how soon after a request left the queue its execution begins.
_TELLING = timedelta(seconds=1)
_BEGINS_WITHIN = timedelta(seconds=15)


def candidates_of(claim: Claim, look: Look) -> Sequence[Execution]:
    """List the executions that may be ours, oldest first."""
    news = news_of(claim, look)
    if claim.baseline.has_unnamed_run and news and not claim.baseline.is_after(news[0].created_at):
        # What ran before our request shows its name only now.
        news = news[1:]
    for queued in claim.ahead:
        if look.queued(queued.id) is None and not claim.is_ours(queued.id):
            # It left the queue before ours did, so the first execution that may be its is its, and not ours.
            its = next((known for known in news if may_be_of(known.by, queued.by)), None)
            news = [known for known in news if known is not its]
    return [
        known
        for known in news
        if not (claim.is_ruled_out(known) or _is_for_another(claim, look, known) or _is_late(claim, known))
    ]


def _is_late(claim: Claim, execution: Execution) -> bool:
    """Whether an execution began so long after ours left the queue that it is another's."""
    if claim.left_by is None or execution.created_at is None:
        return False
    return _BEGINS_WITHIN < execution.created_at - claim.left_by < LONGEST_LAG


def news_of(claim: Claim, look: Look) -> list[Execution]:
    """List what began since our request, or left the queue with it, oldest first."""
    # History begins with the newest: what follows one that cannot be ours is older still.
    told = [*takewhile(lambda known: claim.is_new(known.id), look.history or ())][::-1]
    current = look.status.execution_id
    if claim.baseline.history is None:
        # Any old entry would look new; only what the status shows is known to be.
        told = [known for known in told if known.id == current]
    if current and claim.is_new(current) and look.execution(current) is None:
        told.append(Execution(id=current, state=look.status.state, by=Identity()))
    return told


def _is_for_another(claim: Claim, look: Look, execution: Execution) -> bool:
    """Whether the status shows this execution under a request that is neither ours nor merely the next one waiting."""
    named = look.status.request_id
    is_told = named is not None and claim.request_id is not None and execution.id == look.status.execution_id
    is_from_before = named == claim.baseline.status.request_id or claim.baseline.has_queued(named)
    return is_told and not is_from_before and not claim.is_ours(named) and look.queued(named) is None


def merger_of(claim: Claim, look: Look) -> str | None:
    """Find the waiting request that ours was merged into: Qovery merges the waiting requests of one user.

    Which id survives is unknown. Ours did, where it is in the queue. Else it is the one that came as ours went, or,
    where ours never was in the queue although the service is queued, the only one that is.
    """
    alike = [queued for queued in look.queue or () if is_compatible(queued.by, claim.identity)]
    if claim.was_queued:
        alike = [queued for queued in alike if queued not in claim.others]
    elif look.at < SETTLING or claim.may_have_begun or not look.status.state.is_queued:
        return None
    return alike[0].id if len(alike) == 1 and not candidates_of(claim, look) else None


def newcomers_of(claim: Claim, look: Look) -> list[QueuedRequest]:
    """List the waiting requests that came since the baseline and may be ours."""
    newcomers = (queued for queued in look.queue or () if not claim.baseline.has_queued(queued.id))
    return [queued for queued in newcomers if is_compatible(queued.by, None)]


def are_in_order(candidates: Sequence[Execution]) -> bool:
    """Whether the first candidate surely began before the second: dates this close to each other tell no order."""
    first, second = candidates[0], candidates[1] if len(candidates) > 1 else None
    if second is None:
        return True
    if first.created_at is None or second.created_at is None:
        return False
    return second.created_at - first.created_at > _TELLING
