"""The ledger: what really happened to each deployment request, and every call."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from qovery_sandbox.deployments import DeploymentRequest, Execution, Origin, Versions
    from qovery_sandbox.plans import Action


@dataclass(frozen=True, kw_only=True)
class CallRecord:
    """A call that reached the sandbox, with or without a response. `path` is the template."""

    at: float
    method: str
    path: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What became of one accepted deployment request. Times are simulated seconds.

    requested, deployed: versions by service id. They differ after a merge.
    final_state: the state in which the execution ended; CANCELED also for a request cancelled in the queue; MERGED;
        UNCHANGED for `DIFF` without a difference; None until the end. With several services, the state of the first one
        that was not deployed successfully; skipped services are ignored.
    final_states: the final state by service id. SKIPPED, and NEVER_BEGAN after an earlier stage failed, mean that the
        service was not deployed.
    canceled_by: the first user who cancelled the request or its execution.
    """

    request_id: str
    service_ids: tuple[str, ...]
    action: Action
    triggered_by: str
    origin: Origin
    via_http: bool
    requested: Mapping[str, Versions]
    deployed: Mapping[str, Versions]
    accepted_at: float
    merged_into: str | None
    began_at: float | None
    execution_id: str | None
    ended_at: float | None
    final_state: str | None
    final_states: Mapping[str, str | None]
    canceled_by: str | None

    @property
    def service_id(self) -> str:
        return self.service_ids[0]

    @property
    def is_over(self) -> bool:
        return self.final_state is not None


@dataclass(kw_only=True)
class Ledger:
    """The list of calls, and the current entry of each deployment request."""

    requests: Callable[[], Iterable[DeploymentRequest]]
    executions: Callable[[], Iterable[Execution]]
    calls: list[CallRecord] = field(default_factory=list)

    def __getitem__(self, request_id: str) -> Entry:
        """Return the entry of one request. Raises KeyError for an unknown id."""
        return self._entry(self._find(request_id))

    def entries(self) -> list[Entry]:
        """Return the entries of all requests, in the order of acceptance."""
        return [self._entry(request) for request in self.requests()]

    def via_http(self) -> list[Entry]:
        """Return the entries of the requests that came over HTTP, with or without a response."""
        return [entry for entry in self.entries() if entry.via_http]

    def fate(self, request_id: str) -> Entry:
        """Return the entry of a request or, if it was merged, of the request it was merged into."""
        return self._entry(self._find(request_id).survivor)

    def call_counts(self) -> Counter[tuple[str, str]]:
        """Return the number of calls by method and path template."""
        return Counter((call.method, call.path) for call in self.calls)

    def _find(self, request_id: str) -> DeploymentRequest:
        for request in self.requests():
            if request.id == request_id:
                return request
        raise KeyError(request_id)

    def _entry(self, request: DeploymentRequest) -> Entry:
        execution = next((each for each in self.executions() if each.request is request), None)
        return Entry(
            request_id=request.id,
            service_ids=request.spec.service_ids,
            action=request.spec.action,
            triggered_by=request.spec.user,
            origin=request.spec.origin,
            via_http=request.spec.is_via_http,
            requested=request.spec.versions,
            deployed={run.service_id: run.versions for run in execution.runs if not run.omission} if execution else {},
            accepted_at=request.accepted_at,
            merged_into=request.merged_into.id if request.merged_into else None,
            began_at=execution.began_at if execution else None,
            execution_id=execution.id if execution else None,
            ended_at=execution.ended_at if execution else request.left_at,
            final_state=_final_state(request, execution),
            final_states={run.service_id: run.omission or run.final_state for run in execution.runs}
            if execution
            else {},
            canceled_by=request.canceled_by,
        )


def _final_state(request: DeploymentRequest, execution: Execution | None) -> str | None:
    if execution is None:
        return request.leave_reason
    if execution.ended_at is None:
        return None
    return execution.state(at=execution.ended_at)
