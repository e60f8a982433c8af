"""The rules about Qovery's answers about our request."""

from __future__ import annotations

from itertools import dropwhile
from typing import TYPE_CHECKING

from qovery_helm_deploy.deployment.assumptions import LONGEST_LAG
from qovery_helm_deploy.deployment.rules import Fate, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qovery_helm_deploy.deployment.observations import Answer, ObservedExecution
    from qovery_helm_deploy.deployment.record import Record
    from qovery_helm_deploy.deployment.status import State
    from qovery_helm_deploy.deployment.stories import Story


def fits_answers(record: Record, story: Story) -> bool:
    """Return whether a story fits what Qovery answered about the request."""
    if record.is_answered_with_another and story.request_id != record.own.id:
        return True  # The answers are about the other request.
    left_by = record.requests.get(story.request_id, record.own_observed).left.until
    return all(fits_answer(record, story.fate, answer, left_by=left_by) for answer in telling(record))


def telling(record: Record) -> Iterator[Answer]:
    """Yield the answers from the first one on that is surely about the request.

    While the request is queued, Qovery may show the end of an earlier deployment. Source: Qovery's CLI and Terraform
    provider wait because of this.
    """
    queued_until = record.own_observed.left.until

    def may_be_earlier(answer: Answer) -> bool:
        return answer.state is None or (answer.state.is_terminal and answer.call.asked_at <= queued_until)

    return dropwhile(may_be_earlier, record.answers)


def fits_answer(record: Record, fate: Fate, answer: Answer, *, left_by: float) -> bool:
    """Answer: what Qovery answered about the request fits what the request had become by then.

    Source: `GET /environment/deploymentStatus` in Qovery's specification. After a merge, the answer may be about the
    request that remains; 404 and states of other actions say nothing. `left_by` is when the request had left the queue.
    """
    (asked_at, answered_at), state, _ = answer
    if state is None or not (state.is_queued or state.is_in_progress or state.is_terminal):
        return True
    observed = record.executions.get(fate.target) if fate.kind is Kind.EXECUTION else None
    if state.is_queued:
        may_begin = fate.kind in {Kind.WAITING, Kind.STARTING}
        return may_begin or (observed.ended.until if observed else left_by) >= asked_at - LONGEST_LAG
    if observed is None:
        return _fits_without_execution(record, fate, state, answered_at=answered_at)
    if state.is_in_progress:
        return observed.began.since <= answered_at and observed.ended.until >= asked_at - LONGEST_LAG
    execution = observed.execution
    may_end_so = not execution.has_known_end or _end_alike(state, execution.state)
    return observed.ended.since <= answered_at and may_end_so


def may_be_of_the_environment(record: Record, answer: Answer) -> bool:
    """Environment: an answer that is about the environment cannot differ from what runs there at the time.

    Source: Qovery's specification does not say whose state the answer shows.
    """
    (asked_at, answered_at), state, _ = answer
    if state is None:
        return True
    since, observed = asked_at - LONGEST_LAG, list(record.executions.values())
    is_active = any(each.active_since <= since and each.ended.since >= answered_at for each in observed)
    if is_active and (state.is_queued or state.is_terminal):
        return False
    if record.known_ids is None or record.shown_until < answered_at:
        return True
    if state.is_in_progress:
        return any(each.began.since <= answered_at and each.ended.until >= since for each in observed)
    return not state.is_terminal or _may_have_ended_last(observed, state, since=since, until=answered_at)


def _may_have_ended_last(observed: list[ObservedExecution], state: State, *, since: float, until: float) -> bool:
    """Return whether the latest execution may have ended in a state at some time of a span."""
    return any(
        (not each.execution.has_known_end or each.execution.state == state)
        and each.ended.since <= until
        and (follower is None or follower.began.until >= since)
        for each, follower in zip(observed, [*observed[1:], None], strict=False)
    )


def _fits_without_execution(record: Record, fate: Fate, state: State, *, answered_at: float) -> bool:
    if fate.kind is Kind.SKIPPED:
        return True
    if fate.kind is Kind.STARTING:
        # It began by then, and history does not show that yet; or history lists an execution only once it is over.
        return state.is_in_progress or record.shown_until <= answered_at
    return fate.kind is Kind.REMOVED and state.name in {"CANCELED", "CANCELING"}


def _end_alike(one: State, other: State) -> bool:
    return one == other or (one.is_error and other.is_error)
