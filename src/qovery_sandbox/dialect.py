"""The ways in which Qovery's API may behave where its specification is silent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """One choice for each unknown; each combination is a Qovery that could be. Times are seconds.

    accepted_id: the request id in the answer to a deploy call.
    accepted_body: whether the rest of that answer tells the service after the call, or still as it was before.
    id_while_queued: whether a status shows the id of a request that waits; `at_rest`: unless an execution of the
        service is running. Where it does not, the next two say what is shown.
    id_while_running, id_after_end: the id of the execution's own request, none, or that of the next one waiting.
    queued_state: the state shown of a service at rest for which a request waits.
    status_lag, queue_lag, history_lag: each tells the world as it was so many seconds ago.
    dispatch_delay: the least time a request spends in the queue, even when nothing else runs.
    pickup_delay: the time between a request's leaving the queue and the beginning of its execution.
    merges: whether waiting requests of one user are merged that are for the same services, or all of an environment's.
    merge_survivor: which of two merged requests remains; it has the older one's place and number, and the newer
        one's versions.
    merged_id_in_answer: the id in the answer to a call whose request was merged into an older one.
    execution_numbers: whether an execution's number is given when it starts or when its request is queued, so that
        removed and merged requests leave gaps; or whether execution ids are UUIDs without a number.
    execution_id_form: whether the number is the last part of an execution id, or a Unix time follows it.
    never_began: the state of a service after its execution ended before the service's stage began.
    execution_ids, dates: whether a status carries `execution_id` and `last_deployment_date` at all.
    history_origin, history_versions, history_lists_running: whether history tells these.
    history_created_at: whether an entry's `created_at` is when the execution began or when the request was accepted.
    queue_endpoint, history_endpoint: whether these calls exist, or answer 404.
    answers: whether the status of a deployment request shows the state of the request or of its environment.
    answer_lag: the status of a deployment request tells the world as it was so many seconds ago.
    answered: whether that call answers always, until the request leaves the queue, or never; else it answers 404.
    answer_refusal: the status that call always answers instead, if any. With 401, the call that cancels a request in
        the queue answers 401 as well: a policy token may call neither.
    answer_after_merge: whether that call answers for a merged request with the survivor's status, or 404.
    deleted_vanishes: whether a deleted service answers 404, instead of the state DELETED.
    gateway: what the WebSocket gateway pushes: each entry of a log and each change of a status, what is new as an
        array, nothing, what nobody can read, or one entry and then its end; or nobody may connect to it.
    """

    accepted_id: Literal["own", "null"] = "own"
    accepted_body: Literal["fresh", "previous"] = "fresh"
    id_while_queued: Literal["own", "at_rest", "null"] = "own"
    id_while_running: Literal["stays", "null", "next"] = "stays"
    id_after_end: Literal["stays", "null", "next"] = "stays"
    queued_state: Literal["DEPLOYMENT_QUEUED", "QUEUED", "previous"] = "DEPLOYMENT_QUEUED"
    status_lag: float = 0.0
    queue_lag: float = 0.0
    history_lag: float = 0.0
    dispatch_delay: float = 0.0
    pickup_delay: float = 0.0
    merges: Literal["service", "environment"] = "service"
    merge_survivor: Literal["older", "newer"] = "older"
    merged_id_in_answer: Literal["own", "survivor"] = "survivor"
    execution_numbers: Literal["started", "queued", "none"] = "started"
    execution_id_form: Literal["number", "timestamp"] = "number"
    never_began: Literal["READY", "QUEUED", "CANCELED"] = "READY"
    execution_ids: bool = True
    dates: bool = True
    history_origin: bool = True
    history_versions: bool = True
    history_lists_running: bool = True
    history_created_at: Literal["began", "accepted"] = "began"
    queue_endpoint: bool = True
    history_endpoint: bool = True
    answers: Literal["request", "environment"] = "request"
    answer_lag: float = 0.0
    answered: Literal["always", "queued", "never"] = "always"
    answer_refusal: Literal[0, 401, 403] = 0
    answer_after_merge: Literal["survivor", "404"] = "survivor"
    deleted_vanishes: bool = False
    gateway: Literal["entry", "array", "silent", "nonsense", "ends", "absent"] = "entry"
