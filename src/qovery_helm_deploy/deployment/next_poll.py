"""Which calls may show more, and when: derived from what the stories leave open."""

from __future__ import annotations

import math
from bisect import bisect_left
from enum import Enum, auto
from typing import TYPE_CHECKING

from qovery_helm_deploy.deployment.assumptions import (
    LONGEST_LAG,
    LONGEST_START,
    LONGEST_START_OF_DIFF,
    QUEUE_LAG,
    USUAL_START,
)
from qovery_helm_deploy.deployment.observations import Call
from qovery_helm_deploy.deployment.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from qovery_helm_deploy.deployment.judgement import Judgement
    from qovery_helm_deploy.deployment.record import Record

#: Added to a moment, so that a poll comes surely after it.
_AFTER = 0.01


class Source(Enum):
    """What can be asked: about our request, the environment's queue, its history, its statuses."""

    ANSWER = auto()
    QUEUE = auto()
    HISTORY = auto()
    STATUSES = auto()


RECORDS = frozenset({Source.QUEUE, Source.HISTORY})


def wanted_now(record: Record, judgement: Judgement) -> frozenset[Source]:
    """Return the calls that may show now what the answers alone do not."""
    standing = judgement.standing
    state = record.answers[-1].state if judgement.trusts_answers and record.answers else None
    is_answered = state is not None and (
        state.is_in_progress if standing is Standing.RUNNING else standing is Standing.QUEUED and state.is_queued
    )
    return frozenset() if is_answered or standing.is_final else records_for(standing)


def records_for(standing: Standing) -> frozenset[Source]:
    """Return the fewest calls that show what happens next, without an answer about the request."""
    fewest = {Standing.QUEUED: frozenset({Source.QUEUE}), Standing.RUNNING: frozenset({Source.HISTORY})}
    return fewest.get(standing, RECORDS)


def next_poll(record: Record, open_of: Callable[[Record], object], *, now: float) -> tuple[frozenset[Source], float]:
    """Return the fewest calls, and the first time, at which answers that show nothing new rule something out.

    `open_of` returns what a record leaves open.
    """

    def repeated(moment: float, sources: frozenset[Source] = RECORDS) -> object:
        return open_of(with_the_same(record, sources, at=moment))

    known = repeated(now)
    moments = sorted({moment for moment in _moments(record) if now < moment < math.inf})
    if not moments or repeated(moments[-1]) == known:
        return frozenset(), math.inf
    # What is ruled out stays so: the first moment is found by halving.
    moment = moments[bisect_left(moments, 1, key=lambda moment: repeated(moment) != known)]
    is_open = open_of(record)
    alone = (frozenset({Source.HISTORY}), frozenset({Source.QUEUE}))
    return next((each for each in alone if repeated(moment, each) != is_open), RECORDS), moment


def with_the_same(record: Record, sources: frozenset[Source], *, at: float) -> Record:
    """Return the record as it would be if the queue or the history showed at a time what they showed last."""
    call, repeated = Call(at, at), record
    if Source.QUEUE in sources and record.queues:
        repeated = repeated.with_queue(call, [seen.request for seen in record.requests.values() if seen.is_waiting])
    elif Source.QUEUE in sources and record.empty_queues:
        repeated = repeated.without_queued(call)
    if Source.HISTORY in sources and record.histories:
        executions = [seen.execution for seen in record.executions.values()]
        repeated = repeated.with_history(call, reversed(executions))
    return repeated


def _moments(record: Record) -> Iterable[float]:
    """Return the times at which an assumption about time ends."""
    starts = (0.0, USUAL_START, LONGEST_START, LONGEST_START_OF_DIFF)
    own = (record.own_observed,) if record.own.is_accepted else (record.own_observed, record.late_own)
    seen = (*own, *record.requests.values())
    ends = [observed.ended.until for observed in record.executions.values()]
    begins = {*ends, record.busy_last, *(each.left.until for each in seen), *(each.came.until for each in seen)}
    for begin in begins:
        yield begin + QUEUE_LAG + _AFTER
        yield from (begin + start + LONGEST_LAG + _AFTER for start in starts)
    yield from (each.began.until + LONGEST_LAG + _AFTER for each in record.executions.values())
    yield from (answer.call.answered_at + LONGEST_LAG + _AFTER for answer in record.answers)
