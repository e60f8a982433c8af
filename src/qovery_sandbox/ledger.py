"""The truth about each accepted request and each call, whatever the answers tell or told."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from qovery_sandbox.deployments import Execution, Origin, Request, Versions
    from qovery_sandbox.plans import Action


@dataclass(frozen=True, kw_only=True)
class CallRecord:
    """A call as it reached the sandbox, whether or not it was answered; `path` is the template."""

    at: float
    method: str
    path: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What became of one accepted request; times are the world's seconds.

    `final_state` is the state in which its execution ended, CANCELED also for one cancelled while it waited, MERGED,
    UNCHANGED for `DIFF` without difference, and `None` as long as nothing of this is so. With several services it is
    that of the first one which is not DEPLOYED; `final_states` tells each of the execution. There, SKIPPED and (after
    an earlier stage failed) NEVER_BEGAN mean that nothing was deployed; `final_state` ignores both. `canceled_by` is
    who first cancelled it, waiting or running. `asked` and `deployed` are versions by service; a merge makes them
    differ.
    """

    request_id: str
    service_ids: tuple[str, ...]
    action: Action
    triggered_by: str
    origin: Origin
    via_http: bool
    asked: Mapping[str, Versions]
    deployed: Mapping[str, Versions]
    accepted_at: float
    merged_into: str | None
    began_at: float | None
    execution_id: str | None
    ended_at: float | None
    final_state: str | None
    final_states: Mapping[str, str | None]
    unchanged: bool
    canceled_by: str | None

    @property
    def service_id(self) -> str:
        return self.service_ids[0]

    @property
    def is_over(self) -> bool:
        return self.final_state is not None


@dataclass(kw_only=True)
class Ledger:
    """Keeps `calls`, and reads everything else off the world at the time of asking."""

    requests: Callable[[], Iterable[Request]]
    executions: Callable[[], Iterable[Execution]]
    calls: list[CallRecord] = field(default_factory=list)

    def __getitem__(self, request_id: str) -> Entry:
        """Tell about one request; `KeyError` when it was never accepted."""
        return self._entry(self._find(request_id))

    def entries(self) -> list[Entry]:
        """Tell about every request, in the order of acceptance."""
        return [self._entry(request) for request in self.requests()]

    def via_http(self) -> list[Entry]:
        """Tell about those requests that were accepted over HTTP, whether or not the answer arrived."""
        return [entry for entry in self.entries() if entry.via_http]

    def fate(self, request_id: str) -> Entry:
        """Tell what became of what was asked for: for a merged request, the entry of the one that survived."""
        return self._entry(self._find(request_id).survivor)

    def request_of(self, execution_id: str) -> Entry:
        """Tell which request an execution carried out; `KeyError` for an unknown one."""
        for execution in self.executions():
            if execution.id == execution_id:
                return self._entry(execution.request)
        raise KeyError(execution_id)

    def call_counts(self) -> Counter[tuple[str, str]]:
        """Count the calls by method and path template."""
        return Counter((call.method, call.path) for call in self.calls)

    def _find(self, request_id: str) -> Request:
        for request in self.requests():
            if request.id == request_id:
                return request
        raise KeyError(request_id)

    def _entry(self, request: Request) -> Entry:
        execution = next((each for each in self.executions() if each.request is request), None)
        return Entry(
            request_id=request.id,
            service_ids=request.order.service_ids,
            action=request.order.action,
            triggered_by=request.order.user,
            origin=request.order.origin,
            via_http=request.order.is_via_http,
            asked=request.order.versions,
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
            unchanged=request.departure == "UNCHANGED",
            canceled_by=request.canceled_by,
        )


def _final_state(request: Request, execution: Execution | None) -> str | None:
    if execution is None:
        return request.departure
    if execution.ended_at is None:
        return None
    return execution.state(at=execution.ended_at)
