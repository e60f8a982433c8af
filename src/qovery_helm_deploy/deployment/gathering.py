"""Takes in look after look, until one execution is tied to our request."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from qovery_helm_deploy.deployment.candidates import are_in_order, candidates_of, merger_of, newcomers_of, news_of
from qovery_helm_deploy.deployment.claim import QUEUE_LAG, SETTLING, Claim, signature_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qovery_helm_deploy.deployment.evidence import Execution, Look, QueuedRequest

#: Seconds by which a status may lag behind the queue.
STATUS_LAG = 10.0


def gather(claim: Claim, look: Look) -> Claim:
    """Take in a look at the status and, where they were asked, at the queue and the history."""
    if look.status.state.is_in_progress:
        current = look.status.execution_id
        may_have_begun = claim.may_have_begun or current is None or claim.is_new(current)
        claim = replace(claim, has_run=claim.has_run or claim.has_on_it(look.status), may_have_begun=may_have_begun)
    if look.queue is None and look.history is None:
        return claim
    is_changed = claim.looked_upon != signature_of(look.status)
    claim = replace(
        claim,
        looked_at=look.at,
        looked_upon=signature_of(look.status),
        has_seen_queue=claim.has_seen_queue or look.queue is not None,
        changed_at=look.at if is_changed else claim.changed_at,
    )
    if claim.execution_id:
        return _confirm(claim, look)
    claim = _identify(claim, look)
    waiting = look.queued(claim.request_id) or look.queued(claim.merged_into)
    return _wait(claim, look, waiting) if waiting else _search(claim, look)


def _identify(claim: Claim, look: Look) -> Claim:
    """Find the request whose id nobody told: it is the only newcomer in the queue, unless it has begun already."""
    newcomers = newcomers_of(claim, look) if claim.request_id is None and look.at < SETTLING else []
    if len(newcomers) == 1 and not candidates_of(claim, look):
        return replace(claim, request_id=newcomers[0].id)
    return replace(claim, may_be_queued=claim.may_be_queued or bool(newcomers))


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
    *older, newest = [known.id for known in news_of(claim, look)] or [""]
    sighted = {newest: claim.sighted.get(newest, look.at)} if newest else {}
    overdue = {execution_id for execution_id, since in sighted.items() if look.at - since >= QUEUE_LAG}
    return replace(
        claim,
        merged_into=None if waiting.id == claim.request_id else claim.merged_into,
        identity=waiting.by,
        was_queued=True,
        others=others,
        ahead=tuple(queued for queued in others if queued in claim.ahead) if claim.was_queued else others,
        foreign=claim.foreign | overdue | set(older),
        sighted={execution_id: since for execution_id, since in sighted.items() if execution_id not in overdue},
        missing_since=None,
        left_by=None,
    )


def _search(claim: Claim, look: Look) -> Claim:
    is_running = claim.is_ours(look.status.request_id) and look.status.state.is_in_progress
    claim = replace(claim, has_run=claim.has_run or is_running)
    execution_id = _our_execution(claim, look)
    if look.queue is not None and claim.missing_since is None:
        claim = replace(claim, missing_since=look.at, left_by=look.taken_at)
    if execution_id is None:
        return replace(claim, merged_into=claim.merged_into or merger_of(claim, look))
    is_running = look.status.execution_id == execution_id and look.status.state.is_in_progress
    is_confirmed = look.execution(execution_id) is not None
    return replace(claim, execution_id=execution_id, has_run=is_running, is_confirmed=is_confirmed)


def _our_execution(claim: Claim, look: Look) -> str | None:
    """Tie an execution to our request: by our id on it, else by its place in the order of those that may be ours."""
    if look.queue is None:
        return _our_execution_without_a_queue(claim, look)
    missing_for = 0.0 if claim.missing_since is None else look.at - claim.missing_since
    candidates = _without_sighted(claim, look, candidates_of(claim, look), missing_for=missing_for)
    named = look.status.execution_id if claim.is_ours(look.status.request_id) else None
    if missing_for >= STATUS_LAG and any(candidate.id == named for candidate in candidates):
        # No status is older than the queue without us, so that our id on it cannot be that of a waiting request.
        return named
    if _has_waited_for_nothing_known(claim) and (len(candidates) != 1 or missing_for < STATUS_LAG):
        # Something ran that the status did not show yet, and the first candidate may be that.
        return None
    if claim.may_be_queued:
        # Either what waits is ours or the first candidate is; nothing tells which.
        return None
    if not candidates or not are_in_order(candidates) or look.execution(candidates[0].id) is None:
        return None
    # Without an origin, what began at the same time may not have shown yet; without an id, neither may our request.
    is_told = candidates[0].by.origin is not None and claim.request_id is not None
    is_settled = look.at >= (QUEUE_LAG if is_told else SETTLING)
    return candidates[0].id if is_settled else None


def _our_execution_without_a_queue(claim: Claim, look: Look) -> str | None:
    """Tie an execution to our request where the queue can never be asked.

    A status may show the id of a request that waits beside an execution that is another's. But nothing was on its way
    before ours, the execution with our id on it is over, and a request that waited behind it would have begun since.
    """
    status = look.status
    is_settled = status.state.is_terminal and look.at - claim.changed_at >= STATUS_LAG
    if claim.has_seen_queue or claim.baseline.status.state.is_busy or not is_settled:
        return None
    is_alone = [known.id for known in news_of(claim, look)] == [status.execution_id]
    is_possible = any(known.id == status.execution_id for known in candidates_of(claim, look))
    return status.execution_id if is_alone and is_possible and claim.is_ours(status.request_id) else None


def _has_waited_for_nothing_known(claim: Claim) -> bool:
    is_known = claim.baseline.status.state.is_busy or claim.foreign or claim.sighted
    return claim.was_queued and not is_known


def _without_sighted(
    claim: Claim, look: Look, candidates: Sequence[Execution], *, missing_for: float
) -> Sequence[Execution]:
    """Leave out what was sighted while ours seemed to wait, until it proves to be ours.

    It is another's if a later one follows. It is ours if it still runs although ours left the queue a while ago, for
    one deployment runs at a time; or if, after a while more, none has followed.
    """
    later = [candidate for candidate in candidates if candidate.id not in claim.sighted]
    still_runs = look.status.execution_id in claim.sighted and look.status.state.is_busy
    is_proven = missing_for >= (QUEUE_LAG if still_runs else STATUS_LAG)
    return candidates if is_proven and not later else later
