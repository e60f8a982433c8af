"""Which executions and requests may be ours, of those that a look tells."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import takewhile
from typing import TYPE_CHECKING

from qovery_helm_deploy.deployment.claim import STATUS_LAG
from qovery_helm_deploy.deployment.contradiction import has_other_versions, is_compatible, may_be_of
from qovery_helm_deploy.deployment.evidence import LONGEST_LAG, Execution, Identity

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from qovery_helm_deploy.deployment.claim import Claim
    from qovery_helm_deploy.deployment.evidence import Look, QueuedRequest

#: How close to each other two dates tell no order.
_TELLING = timedelta(seconds=1)


def candidates_of(claim: Claim, look: Look) -> Sequence[Execution]:
    """List the executions that may be ours, oldest first: none as long as a request waits that did so before ours."""
    if any(look.queued(queued.id) for queued in claim.baseline.queue or ()):
        return []
    news = _unaccounted(claim, look)
    for queued in claim.ahead:
        if look.queued(queued.id) is not None or claim.is_ours(queued.id):
            continue
        # It left the queue before ours did, so the first execution that may be its is its, and not ours.
        its = _execution_of(queued, news, departed_by=claim.departed.get(queued.id, (0.0, None))[1])
        if not _is_surely_ahead(claim, queued):
            news = [known for known in news if known is not its]
        elif its:
            news = news[news.index(its) + 1 :]
        elif _has_just_left(claim, look, queued):
            return []
    return [
        known
        for known in takewhile(lambda known: not _has_absorbed_ours(claim, known), news)
        if not (claim.is_ruled_out(known) or _is_for_another(claim, look, known) or _is_late(claim, look, known))
    ]


def _has_absorbed_ours(claim: Claim, execution: Execution) -> bool:
    """Whether ours, which was seen waiting, seems to have been merged into a later request with other versions.

    Then none that began after it is ours.
    """
    is_unseen = execution.id not in claim.sighted
    return is_unseen and _is_alike(claim, execution) and has_other_versions(execution, claim.asked)


def _is_alike(claim: Claim, execution: Execution) -> bool:
    """Whether ours was seen waiting, and an execution is told to be by whom that was, and through what."""
    is_told = claim.identity is not None and None not in {claim.identity.origin, claim.identity.triggered_by}
    return is_told and execution.by == claim.identity


def account_for_departed(claim: Claim, look: Look) -> Claim:
    """Give those that left the queue while ours waited the executions that history tells for them.

    One of which nothing shows for as long as history may lag was taken out, and never began.
    """
    news = [known for known in _unaccounted(claim, look) if look.execution(known.id) is not None]
    ahead, foreign = list(claim.ahead), set(claim.foreign)
    for queued in claim.ahead:
        if queued.id not in claim.departed or claim.is_ours(queued.id):
            continue
        since, departed_by = claim.departed[queued.id]
        its = _execution_of(queued, news, departed_by=departed_by)
        if its:
            # Whatever began before it did so before ours, too.
            until = news.index(its) + 1
            foreign.update(known.id for known in news[:until])
            news = news[until:]
        if its or look.at - since >= STATUS_LAG:
            ahead.remove(queued)
    return replace(claim, ahead=tuple(ahead), foreign=frozenset(foreign))


def _is_surely_ahead(claim: Claim, queued: QueuedRequest) -> bool:
    """Whether a request waited before ours did, or left the queue while ours still waited."""
    return queued.id in claim.departed or claim.baseline.has_queued(queued.id)


def _has_just_left(claim: Claim, look: Look, queued: QueuedRequest) -> bool:
    """Whether a request left the queue so lately that its execution may not show yet."""
    left_at = claim.absence.since if claim.absence else look.at
    return look.at - claim.departed.get(queued.id, (left_at, None))[0] < STATUS_LAG


def _execution_of(
    queued: QueuedRequest, news: Sequence[Execution], *, departed_by: datetime | None
) -> Execution | None:
    """Find the first execution that may be that of a request, which had left the queue by a time."""
    possible = (known for known in news if not _is_clearly_after(known.created_at, departed_by))
    return next((known for known in possible if may_be_of(known.by, queued.by)), None)


def _is_clearly_after(moment: datetime | None, other: datetime | None) -> bool:
    return moment is not None and other is not None and moment - other > _TELLING


def _unaccounted(claim: Claim, look: Look) -> list[Execution]:
    news = news_of(claim, look)
    return news[1:] if news and _is_named_late(claim, news[0]) else news


def may_have_begun(claim: Claim, look: Look) -> bool:
    """Whether something that may be ours began as it left the queue or since, and history has not told otherwise."""
    candidates = {known.id for known in candidates_of(claim, look)}
    sighted = {known.id for known in look.history or () if known.id in claim.sighted and not claim.is_ruled_out(known)}
    news = news_of(claim, look)
    is_open = claim.may_be_queued and any(not claim.is_ruled_out(known) for known in news)
    is_absorbed = any(_has_absorbed_ours(claim, known) for known in news)
    has_begun = candidates or sighted or untold(claim, look)
    return claim.has_seen_unnamed or is_open or is_absorbed or may_hide_news(claim, look) or bool(has_begun)


def untold(claim: Claim, look: Look) -> set[str]:
    """Name what may have been ours, and of which history has not told otherwise."""
    return {suspect for suspect in claim.suspects if look.execution(suspect) is None}


def _is_named_late(claim: Claim, oldest: Execution) -> bool:
    """Whether this is what ran before ours without a name, or was about to."""
    was_running = claim.baseline.has_unnamed_run and not claim.baseline.is_after(oldest.created_at)
    is_from_before = was_running or claim.baseline.has_something_due
    is_accounted_for = claim.foreign or claim.sighted
    return claim.has_unnamed_ahead or bool(is_from_before and not is_accounted_for)


def _is_late(claim: Claim, look: Look, execution: Execution) -> bool:
    """Whether an execution began when the service had been at rest since ours left the queue, so that it is another's.

    A status that waits or runs may be about ours, however long it takes to begin; so is one that shows our id.
    """
    began, left = execution.created_at, claim.absence.by if claim.absence else None
    at_rest = claim.absence.rest.by if claim.absence and claim.absence.rest else None
    is_named = claim.is_ours(look.status.request_id) and look.status.execution_id == execution.id
    if is_named or began is None or left is None or at_rest is None:
        return False
    return began > at_rest and began - left < LONGEST_LAG


def news_of(claim: Claim, look: Look) -> list[Execution]:
    """List what began since our request, or left the queue with it, oldest first."""
    # History begins with the newest: what follows one that cannot be ours is older still.
    told = [*takewhile(lambda known: claim.is_new(known.id), look.history or ())][::-1]
    current = look.status.execution_id
    if claim.baseline.history is None:
        # Any old entry would look new; only what a status showed is known to be.
        shown = {current, *claim.suspects}
        told = [known for known in told if known.id in shown]
    if current and claim.is_new(current) and look.execution(current) is None:
        if told and told[-1].is_nameless:
            told[-1] = replace(told[-1], id=current)
            return told
        told.append(Execution(id=current, state=look.status.state, by=Identity()))
    return told


def may_hide_news(claim: Claim, look: Look) -> bool:
    """Whether something that may be ours may have begun since our request, though no status showed it.

    So it is where history could not be had before, unless a date tells that it is older.
    """
    if claim.baseline.history is not None:
        return False
    news = {known.id for known in news_of(claim, look)}
    unknown = [known for known in look.history or () if known.id not in news and claim.is_new(known.id)]
    return any(not (claim.is_ruled_out(known) or claim.baseline.is_later(than=known.created_at)) for known in unknown)


def _is_for_another(claim: Claim, look: Look, execution: Execution) -> bool:
    """Whether the status shows this execution under a request that is not ours, nor one that ours was merged into."""
    waited_beside = any(queued.id == look.status.request_id for queued in claim.others)
    return is_named_otherwise(claim, look, execution) and (waited_beside or not _is_alike(claim, execution))


def is_named_otherwise(claim: Claim, look: Look, execution: Execution) -> bool:
    """Whether the status shows this execution under a request that is neither ours nor merely the next one waiting."""
    named = look.status.request_id
    is_told = named is not None and claim.request_id is not None and execution.id == look.status.execution_id
    is_from_before = named == claim.baseline.status.request_id or claim.baseline.has_queued(named)
    is_next = named in claim.listed or may_name_one_just_gone(claim, look)
    return is_told and not (is_from_before or claim.is_ours(named) or named in look.siblings or is_next)


def may_name_one_just_gone(claim: Claim, look: Look) -> bool:
    """Whether the status may show the id of a request that has just left the queue, seen there or not.

    As long as it waits without being listed, it is about to begin, however long that takes.
    """
    named = look.status.request_id
    if named is None or named in claim.listed or claim.is_ours(named):
        return False
    return look.status.state.is_queued or look.at - claim.unlisted_at.get(named, claim.changed_at) < STATUS_LAG


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
