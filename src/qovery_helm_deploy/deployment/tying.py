"""Ties an execution to our request: by our id on it, else by its place in the order of those that may be ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qovery_helm_deploy.deployment.candidates import (
    are_in_order,
    candidates_of,
    is_named_otherwise,
    may_hide_news,
    may_name_one_just_gone,
    newcomers_of,
    news_of,
)
from qovery_helm_deploy.deployment.claim import LISTED_BY, QUEUE_LAG, SETTLING, STATUS_LAG, UNHEARD
from qovery_helm_deploy.deployment.contradiction import contradicts, is_told_as_asked
from qovery_helm_deploy.deployment.evidence import is_history_behind
from qovery_helm_deploy.deployment.merging import may_be_in_heir

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qovery_helm_deploy.deployment.claim import Claim
    from qovery_helm_deploy.deployment.evidence import Execution, Look


def our_execution(claim: Claim, look: Look) -> str | None:
    """Find the execution that this look proves to be ours."""
    if look.queue is None:
        return _our_execution_without_a_queue(claim, look)
    missing_for = claim.gone_for(at=look.at)
    candidates = _without_sighted(claim, look, candidates_of(claim, look), missing_for=missing_for)
    named = look.status.execution_id if claim.is_ours(look.status.request_id) else None
    if missing_for >= STATUS_LAG and named and _may_be_named(claim, look, named):
        # No status is older than the queue without us, so that our id on it cannot be that of a waiting request.
        return named
    first = candidates[0] if candidates and are_in_order(candidates) else None
    if first is None or not _is_told(look, first) or _is_open(claim, look, candidates, missing_for=missing_for):
        return None
    # Without an origin, what began at the same time may not have shown yet; without an id, neither may our request.
    is_identified = first.by.origin is not None and claim.request_id is not None
    if claim.is_seen_late(by=QUEUE_LAG if is_identified and claim.has_looked_at_once else LISTED_BY):
        # One that slipped in before ours, and was over soon, would be the first. It would not be the only one.
        return first.id if missing_for >= STATUS_LAG and len(candidates) == 1 else None
    return first.id if look.at >= (QUEUE_LAG if is_identified else SETTLING) else None


def _is_open(claim: Claim, look: Look, candidates: Sequence[Execution], *, missing_for: float) -> bool:
    """Whether the first of the candidates may yet be another's although it is in order."""
    # Something ran that the status did not show yet, and the first candidate may be that.
    is_early = missing_for < STATUS_LAG and not _has_begun_after_another_service(claim, look, candidates[0])
    is_in_none = is_told_as_asked(candidates[0], claim.asked) or not may_be_in_heir(claim, look)
    is_alone = len(candidates) == 1 and is_in_none
    is_newer = claim.baseline.is_after(candidates[0].created_at)
    may_be_unseen = claim.has_waited_for_nothing_known and (is_early or not (is_alone or is_newer))
    # Something is out of the queue and has not begun, or runs without a name.
    is_another_due = (look.is_something_due or look.status.is_unnamed_run) and candidates[0].state.is_terminal
    # The status shows it under the id of another that was the next one, or is its own.
    is_shown_so = may_name_one_just_gone(claim, look) and candidates[0].id == look.status.execution_id
    # Either what waits is ours or the first candidate is, and nothing tells which; or history lacks what ended last, or
    # could not tell before what may have begun since.
    is_behind = is_history_behind(look.status, look.history) or may_hide_news(claim, look)
    is_untold = claim.may_be_queued or is_behind or claim.baseline.may_have_seen_the_end
    is_merged = _may_be_in_another(claim, look, candidates)
    # One like ours either was merged with it, or the first candidate is its; or that is what had ended untold, or was
    # about to begin. Then another follows.
    may_be_first = claim.may_hold_another or claim.baseline.has_untold_end or claim.baseline.may_have_something_due
    may_be_first = may_be_first or is_named_otherwise(claim, look, candidates[0])
    is_held = may_be_first and (len(candidates) != 1 or missing_for < STATUS_LAG)
    return may_be_unseen or is_another_due or is_shown_so or is_untold or is_merged or is_held


def _may_be_in_another(claim: Claim, look: Look, candidates: Sequence[Execution]) -> bool:
    """Whether ours may have been merged into a request of our step, although something has begun.

    If nothing else has begun once that is out of the queue, either way ours is what did, unless that was merged into
    yet another, which waits.
    """
    if claim.may_be_in is None:
        return False
    return (
        bool(newcomers_of(claim, look))
        or len(candidates) != 1
        or claim.unlisted_for(claim.may_be_in, at=look.at) < STATUS_LAG
    )


def _has_begun_after_another_service(claim: Claim, look: Look, candidate: Execution) -> bool:
    """Whether it runs now, and began since another service was deployed, for one deployment runs at a time.

    So it is nothing that had begun unseen when ours came to wait. A status may lag behind on either side.
    """
    is_running = look.status.execution_id == candidate.id and look.status.state.is_in_progress
    others = (since for execution_id, since in claim.beside.items() if execution_id != candidate.id)
    return is_running and any(look.at - look.age - since >= STATUS_LAG for since in others)


def _is_told(look: Look, candidate: Execution) -> bool:
    return candidate.is_nameless or look.execution(candidate.id) is not None


def _may_be_named(claim: Claim, look: Look, execution_id: str) -> bool:
    """Whether an execution that the status shows under our id may be ours; what was shown while ours waited is not."""
    told = look.execution(execution_id)
    is_denied = told is not None and contradicts(told, asked=claim.asked, identity=claim.identity)
    return claim.is_new(execution_id) and not (is_denied or look.status.state.is_queued)


def _our_execution_without_a_queue(claim: Claim, look: Look) -> str | None:
    """Tie an execution to our request where the queue can never be asked.

    Nothing was on its way before ours, it is the only one since, and over, and a request that waited behind it would
    have begun by now. A status may show the id of a request that waits beside an execution that is another's, so that
    our id on it counts after a while. Where it shows none, history has to tell that it is what was asked for.
    """
    news = news_of(claim, look)
    if claim.has_seen_queue or len(news) != 1 or may_hide_news(claim, look) or not candidates_of(claim, look):
        return None
    only, named = news[0], look.status.execution_id
    is_shown = named == only.id or (named is None and only.state is look.status.state)
    is_denied = claim.known_id is not None and look.status.request_id is not None
    is_as_asked = is_told_as_asked(only, claim.asked) and not is_denied
    is_proven = is_as_asked and _has_stood(claim, look, seconds=UNHEARD)
    return only.id if is_shown and (is_proven or has_settled(claim, look, seconds=STATUS_LAG)) else None


def _without_sighted(
    claim: Claim, look: Look, candidates: Sequence[Execution], *, missing_for: float
) -> Sequence[Execution]:
    """Leave out what was sighted while ours seemed to wait, until it proves to be ours.

    If a later one follows, either may be ours. It is ours if it still runs although ours left the queue a while ago,
    for one deployment runs at a time; or if, after a while more, none has followed.
    """
    if not any(candidate.id in claim.sighted for candidate in candidates):
        return candidates
    news = (known for known in news_of(claim, look) if known.id not in claim.sighted)
    later = [known for known in news if not claim.is_ruled_out(known)]
    still_runs = look.status.execution_id in claim.sighted and look.status.state.is_in_progress
    is_proven = missing_for >= (QUEUE_LAG if still_runs else STATUS_LAG)
    is_open = bool(later) or may_be_in_heir(claim, look)
    return candidates if is_proven and not is_open else ()


def has_settled(claim: Claim, look: Look, *, seconds: float) -> bool:
    """Whether a status shows an end under our id for so long that, where no queue can be asked, it can be no other's.

    It may show our id while ours waits behind an execution that is another's. But nothing was on its way before ours,
    and what waits begins soon after the end of what is before it.
    """
    return claim.is_ours(look.status.request_id) and _has_stood(claim, look, seconds=seconds)


def _has_stood(claim: Claim, look: Look, *, seconds: float) -> bool:
    """Whether an end has stood for so long, of a service that was at rest before.

    While another service of the environment is deployed, ours may still wait for that.
    """
    since = max(claim.changed_at, claim.behind_at)
    is_steady = look.status.state.is_terminal and look.at - since >= seconds
    return is_steady and not claim.baseline.status.state.is_busy
