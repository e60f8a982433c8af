"""What a request leaves behind whose answer was lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from qovery_helm_deploy.deployment.candidates import candidates_of, newcomers_of
from qovery_helm_deploy.deployment.claim import QUEUE_LAG, Claim
from qovery_helm_deploy.deployment.contradiction import OUR_ORIGIN, is_compatible
from qovery_helm_deploy.deployment.status import Status

if TYPE_CHECKING:
    from datetime import datetime

    from qovery_helm_deploy.deployment.evidence import Asked, Baseline, Execution, Look, QueuedRequest

_SKEW = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class Traces:
    """The requests and executions of a look that are new since the baseline and contradict nothing.

    Our identity is not known then, so that a trace counts as ours only when it is the only one that can be, Qovery
    tells that it came through the API, and it was there by the time our call was over: in the queue, or begun.
    `no_later` is that time, by Qovery's clock.
    """

    look: Look
    baseline: Baseline
    requests: tuple[QueuedRequest, ...]
    executions: tuple[Execution, ...]
    no_later: datetime | None

    @classmethod
    def of(cls, look: Look, *, asked: Asked, baseline: Baseline, no_later: datetime | None) -> Traces:
        claim = Claim.from_acceptance(asked=asked, baseline=baseline, accepted=None)
        return cls(
            look=look,
            baseline=baseline,
            requests=tuple(newcomers_of(claim, look)),
            executions=tuple(candidates_of(claim, look)),
            no_later=no_later,
        )

    @property
    def are_any(self) -> bool:
        """Whether something is there that may be ours."""
        return bool(self.requests or self.executions) or self._is_status_moved or self._is_history_moved

    @property
    def _is_status_moved(self) -> bool:
        """Whether the status tells of a request or a run that neither the queue nor an execution id accounts for."""
        named = self.look.status.request_id
        is_known = named is None or self.baseline.has_request(named) or self.look.queued(named) is not None
        return self.look.status.is_unnamed_run or not is_known

    @property
    def _is_history_moved(self) -> bool:
        """Whether history, of which nothing was known before, tells of a run that may have begun since."""
        if self.baseline.history is not None:
            return False
        return any(
            is_compatible(known.by, None) and not _is_earlier(known, self.baseline.taken_at)
            for known in self.look.history or ()
        )

    @property
    def is_ours_among(self) -> bool:
        is_alone = len(self.requests) + len(self.executions) == 1
        is_told = len(self._our_requests) + len(self._our_executions) == 1
        may_run_unnamed = bool(self.requests) and self.look.status.is_unnamed_run
        return is_alone and is_told and not may_run_unnamed

    @property
    def request_id(self) -> str | None:
        return self._our_requests[0].id if self._our_requests else None

    @property
    def execution_id(self) -> str | None:
        return self._our_executions[0].id if self._our_executions else None

    @property
    def status(self) -> Status:
        """What the lost answer would have told of the request."""
        return Status(state=self.look.status.state, request_id=self.request_id)

    @property
    def _our_requests(self) -> list[QueuedRequest]:
        if self.look.at > QUEUE_LAG:
            return []
        return [queued for queued in self.requests if queued.by.origin == OUR_ORIGIN]

    @property
    def _our_executions(self) -> list[Execution]:
        return [
            execution
            for execution in self.executions
            if execution.by.origin == OUR_ORIGIN and not _is_later(execution, self.no_later)
        ]


def may_be_merged_into(queue: tuple[QueuedRequest, ...] | None) -> bool:
    """Whether a request of ours could vanish in one of these: Qovery merges waiting requests of the same user."""
    return any(is_compatible(queued.by, None) for queued in queue or ())


def _is_earlier(execution: Execution, moment: datetime | None) -> bool:
    return moment is not None and execution.created_at is not None and moment - execution.created_at > _SKEW


def _is_later(execution: Execution, moment: datetime | None) -> bool:
    return moment is not None and execution.created_at is not None and execution.created_at - moment > _SKEW
