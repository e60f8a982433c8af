"""The engine's record of the observations of a world."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import NamedTuple

from qovery_helm_deploy.deployment.asked import Asked
from qovery_helm_deploy.deployment.execution import Execution, Identity, QueuedRequest, ServiceResult
from qovery_helm_deploy.deployment.observations import Call, OwnRequest
from qovery_helm_deploy.deployment.record import Record
from qovery_helm_deploy.deployment.status import State
from tests.proof.observations import CALL_TIME, OBSERVED_AT, ListedExecution, ListedRequest, Observation
from tests.proof.world import OURS

_ENVIRONMENT_ID = "5f1d2a60-7c3e-4b8a-9d21-0e6f4c7b1a11"


class Naming(NamedTuple):
    """What the queue and the history name: users, origins, and numbers in execution ids."""

    users: bool = True
    origins: bool = True
    numbers: bool = True


def record_before(
    naming: Naming, baseline: Observation, request_id: str | None, *, is_answer_lost: bool = False
) -> Record:
    """Return the record at the time when Qovery accepted our request, or when its answer was lost."""
    unsent = OwnRequest(services=frozenset({OURS}), asked=Asked())
    record = record_with(Record.of(unsent), naming, baseline, at=OBSERVED_AT[0])
    sent = replace(unsent, call=Call(-0.2, 0.0), id=request_id, is_accepted=not is_answer_lost)
    return record.with_own(sent)


def record_with(record: Record, naming: Naming, observation: Observation, *, at: float) -> Record:
    """Return a record with one more observation."""
    call = Call(at - CALL_TIME, at)
    answer, queue, history = observation
    if answer is not None:
        record = record.with_answer(call, State(answer) if answer else None)
    if queue is not None:
        record = record.with_queue(call, [_queued(naming, listed) for listed in queue])
    if history is not None:
        record = record.with_history(call, [_execution(naming, listed) for listed in history])
    return record


@cache
def _queued(naming: Naming, listed: ListedRequest) -> QueuedRequest:
    return QueuedRequest(id=listed.id, by=_identity(naming, listed), services=listed.services, action="DEPLOY")


@cache
def _execution(naming: Naming, listed: ListedExecution) -> Execution:
    return Execution(
        id=f"{_ENVIRONMENT_ID}-{listed.number}" if naming.numbers else f"run-{listed.number}",
        state=State(listed.state),
        is_over=listed.state != "DEPLOYING",
        by=_identity(naming, listed),
        services={service: ServiceResult(state=State(state)) for service, state in listed.services},
        action="DEPLOY",
    )


def _identity(naming: Naming, listed: ListedRequest | ListedExecution) -> Identity:
    return Identity(user=listed.user if naming.users else None, origin=listed.origin if naming.origins else None)
