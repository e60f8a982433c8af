"""The choices that Qovery's specification leaves open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """One value for each behaviour that Qovery's specification leaves open. Times are seconds.

    Response to a deploy call:
        accepted_id: the request's own id, or null.
        accepted_body: the rest of the response shows the status after the call (`fresh`) or before it (`previous`).
        merged_id_in_answer: the id in the response if the new request was merged into an older one.

    Service status:
        id_while_queued: a status shows the id of the next queued request always (`own`), only while no execution of the
            service is running (`at_rest`), or never (`null`). Otherwise the next two fields apply.
        id_while_running, id_after_end: the id of the execution's request, null, or the id of the next queued request.
        queued_state: the state of a service that has a queued request and no running execution.
        status_lag: age of the statuses.
        never_began: the state of a service whose stage did not start because an earlier stage failed.
        execution_ids, dates: whether a status has `execution_id` and `last_deployment_date`.

    Queue and merging:
        queue_lag: age of the queue.
        dispatch_delay: the shortest time a request stays in the queue.
        pickup_delay: the time between leaving the queue and the start of the execution.
        merges: which queued requests of one user are merged: those for the same services, or all of an environment.
        merge_survivor: which request remains after a merge. The survivor has the older request's position and execution
            number, and the newer request's versions.
        queue_endpoint: whether the queue endpoints exist. If not, they return 404.

    Executions and history:
        execution_numbers: executions are numbered when they start, or when their request is queued, which leaves gaps
            for cancelled and merged requests. With `none`, execution ids are random UUIDs.
        execution_id_form: an execution id ends with its number, or with the number and a Unix time.
        history_lag: age of the history.
        history_origin, history_versions, history_lists_running: whether the history contains these.
        history_created_at: `created_at` of an entry is the start of the execution, or the acceptance of the request.
        history_endpoint: whether the history endpoints exist. If not, they return 404.

    Status of a deployment request (`/environment/deploymentStatus`):
        request_status: the endpoint returns the state of the request, the state of its environment, or the state that
            the request had when Qovery accepted it (`accepted`).
        request_status_lag: age of the response.
        request_status_available: the endpoint returns a status always, until the request leaves the queue, or never.
            Otherwise it returns 404.
        request_status_refusal: the error with which the endpoint always responds; 0 for none. With 401, cancelling a
            queued request is refused as well, as for a policy token.
        request_status_after_merge: for a merged request, the endpoint returns the survivor's status or 404.

    WebSocket gateway:
        gateway: messages are single log entries or statuses (`entry`), lists of them (`array`), missing (`silent`), or
            unreadable (`nonsense`). The gateway may close after one message (`ends`), or not exist (`absent`).
    """

    accepted_id: Literal["own", "null"] = "own"
    accepted_body: Literal["fresh", "previous"] = "fresh"
    merged_id_in_answer: Literal["own", "survivor"] = "survivor"

    id_while_queued: Literal["own", "at_rest", "null"] = "own"
    id_while_running: Literal["stays", "null", "next"] = "stays"
    id_after_end: Literal["stays", "null", "next"] = "stays"
    queued_state: Literal["DEPLOYMENT_QUEUED", "QUEUED", "previous"] = "DEPLOYMENT_QUEUED"
    status_lag: float = 0.0
    never_began: Literal["READY", "QUEUED", "CANCELED"] = "READY"
    execution_ids: bool = True
    dates: bool = True

    queue_lag: float = 0.0
    dispatch_delay: float = 0.0
    pickup_delay: float = 0.0
    merges: Literal["service", "environment"] = "service"
    merge_survivor: Literal["older", "newer"] = "older"
    queue_endpoint: bool = True

    execution_numbers: Literal["started", "queued", "none"] = "started"
    execution_id_form: Literal["number", "timestamp"] = "number"
    history_lag: float = 0.0
    history_origin: bool = True
    history_versions: bool = True
    history_lists_running: bool = True
    history_created_at: Literal["began", "accepted"] = "began"
    history_endpoint: bool = True

    request_status: Literal["request", "environment", "accepted"] = "request"
    request_status_lag: float = 0.0
    request_status_available: Literal["always", "queued", "never"] = "always"
    request_status_refusal: Literal[0, 401, 403] = 0
    request_status_after_merge: Literal["survivor", "404"] = "survivor"

    gateway: Literal["entry", "array", "silent", "nonsense", "ends", "absent"] = "entry"
