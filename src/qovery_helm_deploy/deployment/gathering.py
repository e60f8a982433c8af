"""Takes in look after look, until one execution is tied to our request."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from qovery_helm_deploy.deployment.candidates import (
    account_for_departed,
    candidates_of,
    may_have_begun,
    newcomers_of,
    news_of,
)
from qovery_helm_deploy.deployment.claim import (
    AT_ONCE,
    FOREIGN_AFTER,
    LISTED_BY,
    QUEUE_LAG,
    SETTLING,
    STATUS_LAG,
    UNHEARD,
    Absence,
    Claim,
    Rest,
    signature_of,
)
from qovery_helm_deploy.deployment.evidence import is_unnamed
from qovery_helm_deploy.deployment.merging import (
    has_begun_beside,
    heirs_of,
    left_with_one_alike,
    merger_of,
    note_alike,
    note_held,
    note_sibling,
)
from qovery_helm_deploy.deployment.tying import has_settled, our_execution

if TYPE_CHECKING:
    from qovery_helm_deploy.deployment.evidence import Look, QueuedRequest


def gather(claim: Claim, look: Look) -> Claim:
    """Take in a look at the status and, where they were asked, at the queue and the history."""
    if claim.request_id is not None and look.status.request_id == claim.request_id:
        claim = replace(claim, has_been_shown=True)
    if look.status.state.is_in_progress:
        claim = replace(
            claim,
            has_run=claim.has_run or claim.has_on_it(look.status),
            has_seen_unnamed=claim.has_seen_unnamed or look.status.execution_id is None,
        )
    claim = _note_beside(claim, look)
    is_status_alone = look.queue is None and look.history is None
    if is_status_alone and claim.has_seen_records:
        return claim
    if claim.looked_upon != signature_of(look.status):
        claim = replace(claim, looked_upon=signature_of(look.status), changed_at=look.at)
    if is_status_alone:
        return _gather_from_status(claim, look)
    claim = replace(
        claim,
        looked_at=look.at,
        has_seen_queue=claim.has_seen_queue or look.queue is not None,
        has_seen_records=True,
    )
    if claim.execution_id:
        return _confirm(claim, look)
    if look.queue is not None:
        listed = frozenset(queued.id for queued in look.queue)
        unlisted_at = {**claim.unlisted_at, **dict.fromkeys(claim.listed - listed, look.at)}
        claim = replace(claim, listed=listed, listed_at=look.at, unlisted_at=unlisted_at)
    claim = note_alike(note_sibling(_identify(claim, look), look), look)
    waiting = look.queued(claim.request_id) or look.queued(claim.merged_into)
    if waiting and waiting.id == claim.merged_into and has_begun_beside(claim, look, waiting):
        # Something began that may be ours although the request waits that ours was taken to be merged into.
        return replace(claim, merged_into=None, may_be_queued=True)
    return _wait(claim, look, waiting) if waiting else _search(claim, look)


def _note_beside(claim: Claim, look: Look) -> Claim:
    """Note what runs of other services, once whatever waits before ours would have been listed.

    A status may lag, so that it ran some time before; the queue may lag, so that it was looked at since.
    """
    if look.is_another_running:
        claim = replace(claim, behind_at=look.at)
    if claim.listed_at < QUEUE_LAG or look.at - look.age < QUEUE_LAG + STATUS_LAG:
        return claim
    return replace(claim, beside={**dict.fromkeys(look.beside, look.at), **claim.beside})


def _gather_from_status(claim: Claim, look: Look) -> Claim:
    """Take in a look where neither the queue nor the history can be asked: our id and movement have to do."""
    claim, execution_id = _note_run(claim, look), look.status.execution_id
    if execution_id is None or not (claim.is_new(execution_id) and has_settled(claim, look, seconds=UNHEARD)):
        return claim
    return replace(claim, execution_id=execution_id)


def _note_run(claim: Claim, look: Look) -> Claim:
    """Note what runs under our id."""
    is_running = claim.is_ours(look.status.request_id) and look.status.state.is_in_progress
    return replace(claim, has_run=claim.has_run or is_running)


def _identify(claim: Claim, look: Look) -> Claim:
    """Find the request whose id nobody told: it is the only newcomer in the queue, unless it has begun already."""
    if look.queue is None:
        return claim
    waiting = {queued.id for queued in newcomers_of(claim, look)}
    if claim.queue_seen_at is None or look.at < LISTED_BY:
        seen_at = look.at if look.at >= AT_ONCE else None
        has_looked = claim.has_looked_at_once or look.at < LISTED_BY
        claim = replace(
            claim, newcomers=claim.newcomers | waiting, queue_seen_at=seen_at, has_looked_at_once=has_looked
        )
    if claim.request_id is not None:
        return claim
    candidates = candidates_of(claim, look)
    has_begun = may_have_begun(claim, look) if claim.is_seen_late() else bool(candidates)
    is_only = (
        len(claim.newcomers) == 1 and claim.newcomers == waiting and not (has_begun or _is_another_due(claim, look))
    )
    if is_only and not (claim.may_be_queued or claim.merged_into):
        # What was seen late may have come after ours, which then shows by the time that a status may lag.
        if look.at >= (STATUS_LAG if claim.is_seen_late() else AT_ONCE):
            return replace(claim, request_id=next(iter(claim.newcomers)))
        return replace(claim, absence=None)
    is_settled = look.at >= SETTLING or claim.merged_into is not None
    is_open = is_settled and bool(claim.newcomers & waiting or (claim.newcomers and len(candidates) > 1))
    return replace(claim, may_be_queued=True, merged_into=None) if is_open or claim.may_be_queued else claim


def _is_another_due(claim: Claim, look: Look) -> bool:
    """Whether the status names a request that is out of the queue and has not begun; it may be ours."""
    named = look.status.request_id
    return look.is_something_due and named is not None and not claim.baseline.has_request(named)


def _confirm(claim: Claim, look: Look) -> Claim:
    told = look.execution(claim.execution_id)
    if told and claim.is_ruled_out(told):
        return replace(claim, execution_id=None, has_run=False, foreign=claim.foreign | {told.id})
    return replace(claim, is_confirmed=claim.is_confirmed or told is not None)


def _wait(claim: Claim, look: Look, waiting: QueuedRequest) -> Claim:
    """Note what cannot be ours because it began before ours left the queue.

    That is what was seen before, and of the history all but the newest entry: one deployment runs at a time.
    """
    others = tuple(queued for queued in look.queue or () if queued.id != waiting.id)
    if not claim.was_queued:
        claim = note_held(claim, waiting, others)
    came_first = claim.ahead if claim.was_queued else tuple(dict.fromkeys((*claim.ahead, *others)))
    now = (look.at, look.taken_at)
    departed = {queued.id: claim.departed.get(queued.id, now) for queued in came_first if queued not in others}
    claim = account_for_departed(replace(claim, ahead=came_first, departed=departed), look)
    claim = _note_unnamed(claim, look)
    *older, newest = [known.id for known in news_of(claim, look)] or [""]
    sighted = {newest: claim.sighted.get(newest, look.at)} if newest else {}
    overdue = {execution_id for execution_id, since in sighted.items() if look.at - since >= FOREIGN_AFTER}
    return replace(
        claim,
        merged_into=None if waiting.id == claim.request_id else claim.merged_into,
        identity=waiting.by,
        was_queued=True,
        others=others,
        foreign=claim.foreign | overdue | set(older),
        sighted={execution_id: since for execution_id, since in sighted.items() if execution_id not in overdue},
        absence=None,
        suspects=frozenset(),
        has_seen_unnamed=False,
    )


def _note_unnamed(claim: Claim, look: Look) -> Claim:
    """Note what runs without a name while ours waits: the first execution that history names then, or later, is its."""
    if look.history is None:
        return claim
    named = [known.id for known in news_of(claim, look) if look.execution(known.id) is not None]
    running_for = 0.0 if claim.unnamed_since is None else look.at - max(claim.unnamed_since, 0.0)
    if named and (claim.has_unnamed_ahead or running_for >= QUEUE_LAG):
        return replace(claim, foreign=claim.foreign | {named[0]}, has_unnamed_ahead=False, unnamed_since=None)
    is_running = look.status.state.is_in_progress and is_unnamed(look.status, look.history)
    since = (look.at if claim.unnamed_since is None else claim.unnamed_since) if is_running else None
    is_another = since is not None and look.at - since >= QUEUE_LAG
    return replace(claim, unnamed_since=since, has_unnamed_ahead=claim.has_unnamed_ahead or is_another)


def _search(claim: Claim, look: Look) -> Claim:
    claim = account_for_departed(_note_run(claim, look), look)
    if claim.absence is None and look.queue is not None:
        # What came about when ours did, and waits on, is behind it.
        ahead = tuple(each for each in claim.ahead if claim.baseline.has_queued(each.id) or not look.queued(each.id))
        may_be_queued = claim.may_be_queued or left_with_one_alike(claim, look)
        since = Absence(since=look.at, by=look.taken_at)
        heirs = heirs_of(claim, look)
        claim = replace(claim, ahead=ahead, may_be_queued=may_be_queued, absence=since, heirs=heirs)
    if claim.heirs and claim.is_ours(look.status.request_id) and claim.gone_for(at=look.at) >= STATUS_LAG:
        # Ours is still shown, so it was merged into none.
        claim = replace(claim, heirs=frozenset())
    execution_id = our_execution(claim, look)
    if execution_id is None:
        may_be_ours = frozenset(known.id for known in candidates_of(claim, look))
        claim = replace(claim, suspects=claim.suspects | may_be_ours, absence=_observe(claim, look))
        return replace(claim, merged_into=claim.merged_into or merger_of(claim, look))
    is_running = look.status.execution_id == execution_id and look.status.state.is_in_progress
    is_confirmed = look.execution(execution_id) is not None
    return replace(claim, execution_id=execution_id, has_run=is_running, is_confirmed=is_confirmed)


def _observe(claim: Claim, look: Look) -> Absence | None:
    """Note when the service is first seen at rest while the queue is without ours."""
    absence = claim.absence
    if absence is None or absence.rest or not _is_at_rest(claim, look):
        return absence
    return replace(absence, rest=Rest(state=look.status.state, at=look.at, by=look.taken_at))


def _is_at_rest(claim: Claim, look: Look) -> bool:
    """Whether nothing waits or runs, and nothing has that may have been ours."""
    is_gone = claim.gone_for(at=look.at) >= QUEUE_LAG
    is_at_rest = look.is_complete and not (look.queue or look.status.state.is_busy)
    return is_gone and is_at_rest and not may_have_begun(claim, look)
