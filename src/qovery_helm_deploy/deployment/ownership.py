"""Is this status about our request? Judged from evidence alone.

A status belongs to the service and history names no request, so nothing that Qovery tells says outright "your request
ended so". What there is instead: our request id while it waits; executions that were not there before; the order in
which they began; who triggered them, through what, with which versions. `gathering` collects that until one execution
is tied to our request. From then on that execution's end is our end, whatever becomes of the service.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from qovery_helm_deploy.deployment.candidates import (
    candidates_of,
    may_have_begun,
    may_hide_news,
    newcomers_of,
    news_of,
    untold,
)
from qovery_helm_deploy.deployment.claim import STATUS_LAG, UNHEARD
from qovery_helm_deploy.deployment.evidence import Execution, Identity, Look
from qovery_helm_deploy.deployment.gathering import gather
from qovery_helm_deploy.deployment.merging import may_be_in_heir
from qovery_helm_deploy.deployment.tying import has_settled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qovery_helm_deploy.deployment.claim import Claim
    from qovery_helm_deploy.deployment.status import State

#: Seconds without a new execution after which `DIFF` is taken to have found no difference; Qovery promises no time.
NO_DIFFERENCE = 20.0
#: Seconds a request may be neither waiting nor running, while another one is, or while nothing is.
MISSING_BESIDE_ANOTHER = 30.0
MISSING = 60.0


class Standing(Enum):
    """Where our request stands."""

    UNCLEAR = auto()
    WAITING = auto()
    RUNNING = auto()
    ENDED = auto()
    UNCHANGED = auto()
    GONE = auto()

    @property
    def is_final(self) -> bool:
        return self in {Standing.ENDED, Standing.UNCHANGED, Standing.GONE}


@dataclass(frozen=True, kw_only=True)
class Other:
    """Somebody else's request or execution."""

    id: str
    by: Identity


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What a look says of our request.

    `state` is that of our execution, where there is one, else the service's. `is_provably_running` says that what runs
    at this very moment is ours. `queue_length` counts the requests in the
    service's queue, ours among them. `other` is what came instead of ours, where Qovery tells; `alternatives` are
    executions of which nothing tells whether they are ours or another's.
    """

    standing: Standing
    state: State
    execution: Execution | None = None
    queue_length: int | None = None
    ahead: int = 0
    is_provably_running: bool = False
    other: Other | None = None
    alternatives: tuple[Execution, ...] = ()


def judge(claim: Claim, look: Look) -> tuple[Claim, Judgement]:
    """Take in a look, and say where our request stands."""
    claim = gather(claim, look)
    return claim, _judge_ours(claim, look) if claim.execution_id else _judge_missing(claim, look)


def _judge_ours(claim: Claim, look: Look) -> Judgement:
    told = look.execution(claim.execution_id)
    end = _end_of_ours(claim, look)
    by = claim.identity or Identity()
    execution = told or Execution(id=claim.execution_id or "", state=end or look.status.state, by=by)
    standing = Standing.ENDED if end else Standing.RUNNING
    # One deployment runs at a time, so that a run without a name is the one that history tells.
    is_listed = look.status.execution_id is None and told is not None and told.state.is_in_progress
    is_running = not end and look.status.state.is_busy and (claim.has_on_it(look.status) or is_listed)
    return Judgement(
        standing=standing, state=end or execution.state, execution=execution, is_provably_running=is_running
    )


def _end_of_ours(claim: Claim, look: Look) -> State | None:
    """Read how our execution ended, if it has.

    A status with our execution and an end is believed when it was seen running before, or unless history denies it:
    the parts of a status may lag behind each other. What is no end of a deployment (such as STOPPED) is what somebody
    did to the service afterwards, so that history, if it tells, is asked first.
    """
    status, told = look.status, look.execution(claim.execution_id)
    is_denied = not claim.has_run and told is not None and not told.state.is_terminal
    if claim.has_on_it(status) and status.state.ends_a_deployment and not is_denied:
        return status.state
    if told and told.state.is_terminal:
        return told.state
    return status.state if claim.has_on_it(status) and status.state.is_terminal and not is_denied else None


def _judge_missing(claim: Claim, look: Look) -> Judgement:
    state = look.status.state
    if _has_ended_unnamed(claim, look):
        return Judgement(standing=Standing.ENDED, state=state)
    if look.queue is None or look.history is None:
        was_waiting = claim.was_queued and claim.absence is None
        return Judgement(standing=Standing.WAITING if was_waiting else Standing.UNCLEAR, state=state)
    if claim.absence is None:
        ahead = sum(claim.baseline.has_queued(queued.id) and not claim.is_ours(queued.id) for queued in look.queue)
        return Judgement(standing=Standing.WAITING, state=state, queue_length=len(look.queue), ahead=ahead)
    missing_for = claim.missing_for(at=look.at)
    other = _other(claim, look)
    rest = claim.absence.rest
    if claim.asked.only_differences and rest and not may_have_begun(claim, look):
        is_certain = claim.gone_for(at=look.at) >= NO_DIFFERENCE and look.at - rest.at >= STATUS_LAG
        return Judgement(standing=Standing.UNCHANGED if is_certain else Standing.UNCLEAR, state=rest.state)
    is_gone = missing_for >= (MISSING_BESIDE_ANOTHER if other else MISSING) and not _may_run(claim, look)
    if is_gone:
        return _judge_gone(claim, look, other)
    return Judgement(standing=Standing.UNCLEAR, state=state, other=other)


def _judge_gone(claim: Claim, look: Look, other: Other | None) -> Judgement:
    alternatives = tuple(candidates_of(claim, look))
    if _have_all_ended_alike(claim, look, alternatives):
        return Judgement(standing=Standing.ENDED, state=alternatives[0].state, alternatives=alternatives)
    return Judgement(standing=Standing.GONE, state=look.status.state, other=other, alternatives=alternatives)


def _have_all_ended_alike(claim: Claim, look: Look, alternatives: Sequence[Execution]) -> bool:
    """Whether ours is among several, whichever it is, and all of them ended in the same way.

    There are as many as requests like ours were seen to wait, so that none was taken out of the queue, or found no
    difference; and nothing else has begun that may be ours.
    """
    requests = claim.alike | ({claim.request_id} - {None})
    is_among = len(alternatives) >= max(2, len(requests))
    is_all = not (may_hide_news(claim, look) or untold(claim, look))
    ends = {known.state for known in alternatives}
    return is_among and is_all and len(ends) == 1 and all(end.ends_a_deployment for end in ends)


def _may_run(claim: Claim, look: Look) -> bool:
    """Whether something runs that may be ours, though nothing ties it to our request yet."""
    status = look.status
    # Out of the queue, and not begun yet: whoever carries it out may take a while.
    is_due = status.state.is_queued and (not look.queue or claim.is_ours(status.request_id))
    # It may be what ours was merged into.
    is_alike_waiting = not claim.was_queued and bool(newcomers_of(claim, look))
    return (
        is_alike_waiting
        or may_be_in_heir(claim, look)
        or look.queued(claim.may_be_in) is not None
        or (claim.has_run and status.state.is_busy)
        or status.is_unnamed_run
        or is_due
        or any(not known.state.is_terminal for known in candidates_of(claim, look))
    )


def _has_ended_unnamed(claim: Claim, look: Look) -> bool:
    """Judge by our request id and movement where nothing names an execution, or but the one before."""
    status, before = look.status, claim.baseline.status
    is_unchanged = status.execution_id == before.execution_id and not before.state.is_busy
    is_unnamed = status.execution_id is None or is_unchanged
    is_end_of_ours = claim.is_ours(status.request_id) and status.state.ends_a_deployment
    if not (is_unnamed and is_end_of_ours and _shows_no_other(claim, look)):
        return False
    date, date_before = status.last_deployment_date, before.last_deployment_date
    is_newer = date is not None and (date_before is None or date > date_before)
    return claim.has_run or (is_newer and not before.state.is_in_progress)


def _shows_no_other(claim: Claim, look: Look) -> bool:
    """Whether our id on this status is not that of a request that waits, beside an execution that is another's.

    History, where it can be asked, tells of none; it may be slow to.
    """
    is_untold = look.history is not None and not news_of(claim, look)
    if look.queue is None:
        is_unheard = not claim.has_seen_records or (is_untold and not claim.has_seen_queue)
        return is_unheard and has_settled(claim, look, seconds=UNHEARD)
    if look.history is None:
        return claim.baseline.history is None and claim.gone_for(at=look.at) >= STATUS_LAG
    is_over = not look.history or claim.missing_for(at=look.at) >= MISSING
    return claim.absence is not None and is_over and is_untold


def _other(claim: Claim, look: Look) -> Other | None:
    """Find what came instead of ours: the newest execution since, else a request that waits."""
    for known in look.history or ():
        if claim.is_new(known.id) and claim.baseline.history is not None:
            return Other(id=known.id, by=known.by)
    for queued in look.queue or ():
        if not claim.baseline.has_queued(queued.id) and queued not in claim.others:
            return Other(id=queued.id, by=queued.by)
    return None
