"""Examples of what the engine observes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from qovery_helm_deploy.deployment.asked import Asked
from qovery_helm_deploy.deployment.execution import Execution, Identity, QueuedRequest, ServiceResult
from qovery_helm_deploy.deployment.observations import Call, OwnRequest
from qovery_helm_deploy.deployment.record import Record
from qovery_helm_deploy.deployment.status import EnvironmentStatuses, State, Status
from qovery_helm_deploy.deployment.stories import stories_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qovery_helm_deploy.deployment.rules import Fate

ENVIRONMENT = "5f1d2a60-7c3e-4b8a-9d21-0e6f4c7b1a11"
SERVICE = "shop-api"
ME = Identity(user="ci", origin="API")
BEFORE = Call(-0.5, -0.4)


def queued(request_id: str, **more: object) -> QueuedRequest:
    known = QueuedRequest(id=request_id, by=ME, services=frozenset({SERVICE}), action="DEPLOY")
    return replace(known, **more)  # type: ignore[arg-type]


def execution(execution_id: str, state: State = State.DEPLOYED, **more: object) -> Execution:
    result = {SERVICE: ServiceResult(state=state)}
    known = Execution(id=execution_id, state=state, is_over=state.is_terminal, by=ME, services=result, action="DEPLOY")
    return replace(known, **more)  # type: ignore[arg-type]


def record(
    *,
    queue: Sequence[str] | None = (),
    history: Sequence[Execution] | None = (),
    asked: Asked | None = None,
    services: Sequence[str] = (SERVICE,),
    is_sent: bool = True,
) -> Record:
    """Return the record of a request that was accepted at 0 s, with what was observed before it."""
    seen = Record.of(OwnRequest(services=frozenset(services), asked=asked or Asked()))
    if queue is not None:
        seen = seen.with_queue(BEFORE, [queued(each) for each in queue])
    if history is not None:
        seen = seen.with_history(BEFORE, history)
    return sent(seen) if is_sent else seen


def observed(
    seen: Record, at: float, *, queue: Sequence[QueuedRequest] | None = None, history: Sequence[Execution] | None = None
) -> Record:
    """Return the record with what the queue and the history showed at a time."""
    call = Call(at, at + 0.1)
    if queue is not None:
        seen = seen.with_queue(call, queue)
    return seen if history is None else seen.with_history(call, history)


def polled(seen: Record, at: float, *, queue: Sequence[str] = (), history: Sequence[Execution] = ()) -> Record:
    """Return the record after a poll of both; the queue listed requests like our request, with these ids."""
    return observed(seen, at, queue=[queued(each) for each in queue], history=history)


def with_status(seen: Record, at: float, state: State, execution_id: str) -> Record:
    """Return the record with what the status of the service showed at a time."""
    status = Status(state=state, execution_id=execution_id)
    return seen.with_statuses(Call(at, at + 0.1), EnvironmentStatuses(services={SERVICE: status}))


def sent(seen: Record, *, request_id: str | None = "own", is_accepted: bool = True) -> Record:
    """Return the record after the request was sent, and accepted at 0 s unless the answer was lost."""
    return seen.with_own(replace(seen.own, call=Call(-0.1, 0.0), id=request_id, is_accepted=is_accepted))


def lost(seen: Record) -> Record:
    """Return the record after the answer to our request was lost at 0 s."""
    return sent(seen, request_id=None, is_accepted=False)


def fewest(seen: Record) -> dict[tuple[str, Fate], int]:
    """Return each fate that our request may have, with the fewest coincidences; by the id that it had in the end."""
    stories = sorted(stories_of(seen), key=lambda story: story.coincidences, reverse=True)
    return {(story.request_id, story.fate): story.coincidences for story in stories}
