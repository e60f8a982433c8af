"""What becomes of a request that Qovery merges with another: it merges the waiting requests of one user."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from qovery_helm_deploy.deployment.candidates import candidates_of, may_have_begun, news_of, untold
from qovery_helm_deploy.deployment.claim import AT_ONCE, QUEUE_LAG, STATUS_LAG
from qovery_helm_deploy.deployment.contradiction import is_compatible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qovery_helm_deploy.deployment.claim import Claim
    from qovery_helm_deploy.deployment.evidence import Look, QueuedRequest


def note_sibling(claim: Claim, look: Look) -> Claim:
    """Find what ours was merged into among what our step has asked for besides.

    That one waits for this service as well since ours came, or since ours is gone. Else it does so for the sake of
    somebody else's request that was merged into it, and ours has begun. Where something has begun by then, it may be
    either.
    """
    if claim.request_id is None or look.queued(claim.request_id) is not None:
        return claim
    before = {queued.id for queued in claim.others}
    came = [queued.id for queued in look.queue or () if queued.id in look.siblings and queued.id not in before]
    is_first_look = claim.queue_seen_at in {None, look.at}
    is_early = is_first_look or (look.at <= QUEUE_LAG + AT_ONCE and not claim.has_been_shown)
    is_possible = claim.was_queued or is_early or claim.merged_into in came
    if not came or not is_possible:
        return claim
    if may_have_begun(claim, look):
        return claim if claim.merged_into in came else replace(claim, may_be_in=came[0])
    return replace(claim, merged_into=came[0])


def has_begun_beside(claim: Claim, look: Look, waiting: QueuedRequest) -> bool:
    """Whether something began that may be ours and is not what waits, which the queue may list a little longer.

    Our step's own request is the more probable of the two. A run without a name has begun if it was not there when what
    waits was seen before.
    """
    began = candidates_of(claim, look)
    if waiting.id in look.siblings:
        return any(look.at - claim.sighted.get(known.id, look.at) > QUEUE_LAG for known in began)
    return bool(began) or (look.status.is_unnamed_run and claim.was_queued and claim.unnamed_since is None)


def note_held(claim: Claim, waiting: QueuedRequest, others: Sequence[QueuedRequest]) -> Claim:
    """Note whether one that waited before, and is like ours, was gone as ours came: it may have been merged into it."""
    held = [queued for queued in claim.ahead if queued not in others and is_compatible(queued.by, waiting.by)]
    ahead = tuple(queued for queued in claim.ahead if queued not in held or queued.id == waiting.id)
    return replace(claim, ahead=ahead, may_hold_another=len(ahead) < len(claim.ahead))


def note_alike(claim: Claim, look: Look) -> Claim:
    """Note the waiting requests besides ours that are like it."""
    alike = (queued.id for queued in look.queue or () if is_compatible(queued.by, claim.identity))
    return replace(claim, alike=claim.alike.union(each for each in alike if not claim.is_ours(each)))


def heirs_of(claim: Claim, look: Look) -> frozenset[str]:
    """Name those like ours that came as it went, at the first look without it: it may have been merged into one."""
    came = {queued.id for queued in look.queue or ()} - {queued.id for queued in claim.others}
    return claim.alike & came


def may_be_in_heir(claim: Claim, look: Look) -> bool:
    """Whether one that ours may have been merged into waits, or left the queue so lately that nothing may show it."""
    return any(
        look.queued(heir) is not None or claim.unlisted_for(heir, at=look.at) < STATUS_LAG for heir in claim.heirs
    )


def left_with_one_alike(claim: Claim, look: Look) -> bool:
    """Whether one that came about when ours did, and is like it, left the queue between the same two looks."""
    alike = [queued for queued in claim.others if is_compatible(queued.by, claim.identity)]
    return any(not (claim.baseline.has_queued(queued.id) or look.queued(queued.id)) for queued in alike)


def merger_of(claim: Claim, look: Look) -> str | None:
    """Find the waiting request that ours was merged into: Qovery merges the waiting requests of one user.

    Which id survives is unknown. Ours did, where it is in the queue. Else it is the one that came as ours went, once it
    is certain that ours has not begun instead; or, where ours never was in the queue, the only one that waited before,
    for ours cannot have begun before that.
    """
    alike = [queued for queued in look.queue or () if is_compatible(queued.by, claim.identity)]
    before = [queued for queued in alike if claim.baseline.has_queued(queued.id)]
    if not (claim.was_queued or before):
        return _merger_from_elsewhere(claim, look, alike)
    alike = [queued for queued in alike if queued not in claim.others] if claim.was_queued else before
    is_certain = claim.gone_for(at=look.at) >= (STATUS_LAG if claim.was_queued else AT_ONCE)
    # What runs without a name may be ours, unless it did so when ours still waited.
    ran_before = claim.unnamed_since is not None and not news_of(claim, look)
    may_run_unnamed = claim.was_queued and claim.has_seen_unnamed and not ran_before
    # Out of the queue, and about to begin, however long that takes.
    is_due = look.status.state.is_queued and claim.is_ours(look.status.request_id)
    is_untold = claim.may_be_queued or look.history is None
    is_open = is_untold or may_run_unnamed or is_due or not is_certain or len(alike) != 1
    return None if is_open or candidates_of(claim, look) or untold(claim, look) else alike[0].id


def _merger_from_elsewhere(claim: Claim, look: Look, alike: Sequence[QueuedRequest]) -> str | None:
    """Find one that waited for another service, and into which ours was merged, which never was in the queue itself.

    It shows here since, alone, and history shows that nothing has begun but what the status shows under its id, which
    is not older than the queue without it. Where a status may be about a request that is out of the queue and has not
    begun, that may be ours.
    """
    only = next(iter(claim.newcomers)) if len(claim.newcomers) == 1 else None
    named = look.status.request_id
    may_be_due = look.status.state.is_queued and (named is None or not alike)
    is_untold = claim.request_id is None or claim.baseline.history is None or look.history is None
    is_open = is_untold or claim.has_been_shown or claim.may_be_queued or may_be_due
    if only is None or is_open or claim.gone_for(at=look.at) < STATUS_LAG or any(each.id != only for each in alike):
        return None
    if alike:
        return None if may_have_begun(claim, look) else only
    has_begun = claim.suspects | {known.id for known in news_of(claim, look)}
    is_named = named == only and claim.unlisted_for(only, at=look.at) >= STATUS_LAG
    return only if is_named and has_begun == {look.status.execution_id} else None
