"""An environment: its requests, its queue and its executions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qovery_sandbox.deployments import Execution, Request, ServiceRun, Versions
from qovery_sandbox.plans import usual

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qovery_sandbox.clock import Calendar, Timeline
    from qovery_sandbox.deployments import Order
    from qovery_sandbox.dialect import Dialect
    from qovery_sandbox.ids import Ids
    from qovery_sandbox.plans import Plan
    from qovery_sandbox.services import Service


@dataclass(kw_only=True)
class Circumstances:
    """What all environments of a world share. `cancel_seconds`: how long a running step takes to stop."""

    timeline: Timeline
    ids: Ids
    calendar: Calendar
    dialect: Dialect
    services: Mapping[str, Service]
    cancel_seconds: float = 2.0


class Environment:
    """Keeps every request and execution there ever was, each with the times at which it changed."""

    def __init__(self, environment_id: str, circumstances: Circumstances) -> None:
        self.id = environment_id
        self.requests: list[Request] = []
        self.executions: list[Execution] = []
        self._around = circumstances
        self._last_number = 0

    @property
    def queue(self) -> list[Request]:
        """What waits, in the order in which it will begin."""
        return sorted((request for request in self.requests if request.left_at is None), key=lambda each: each.place)

    @property
    def running(self) -> Execution | None:
        latest = self.executions[-1] if self.executions else None
        return latest if latest and latest.ended_at is None else None

    def accept(self, order: Order) -> Request:
        now = self._around.timeline.now
        request = self._record(order, at=now)
        older = self._mergeable(request)
        if older:
            self._merge(older=older, newer=request)
        self._dispatch()
        return request

    def remember(self, order: Order, *, at: float) -> None:
        """Add a deployment that was over before the world began."""
        request = self._record(order, at=at)
        execution = self._execution(request, at=at)
        for run in execution.runs:
            run.complete()
        execution.ended_at = max(run.ended_at or at for run in execution.runs)

    def forget(self) -> None:
        """Make this an environment in which nothing was ever deployed."""
        self.requests.clear()
        self.executions.clear()
        self._last_number = 0

    def cancel_request(self, request: Request, *, user: str) -> bool:
        """Take a request out of the queue; false when it is not in there."""
        now = self._around.timeline.now
        if not request.is_listed(at=now):
            return False
        request.canceled_by = user
        request.leave("CANCELED", at=now)
        return True

    def cancel_running(self, *, user: str, grace: float | None = None) -> bool:
        """Cancel what is running; false when nothing is. `grace`: seconds until the running step has stopped."""
        now = self._around.timeline.now
        if self.running is None:
            return False
        self.running.request.canceled_by = self.running.request.canceled_by or user
        self.running.cancel(at=now, grace=self._around.cancel_seconds if grace is None else grace)
        return True

    def _record(self, order: Order, *, at: float) -> Request:
        request_id = self._around.ids.next_request_id(timestamp=self._around.calendar.timestamp(at))
        request = Request(
            id=request_id,
            order=order,
            effective=order,
            environment_id=self.id,
            accepted_at=at,
            place=float(len(self.requests)),
            number=self._next_number() if self._around.dialect.execution_numbers == "queued" else None,
        )
        self.requests.append(request)
        return request

    def _mergeable(self, newer: Request) -> Request | None:
        services, is_any = set(newer.order.service_ids), self._around.dialect.merges == "environment"
        waiting = [each for each in self.queue if each.picked_at is None and each is not newer]
        before = [each for each in waiting if is_any or services & set(each.effective.service_ids)]
        if not before or not before[-1].effective.is_merged_with(newer.order):
            return None
        return before[-1] if is_any or services == set(before[-1].effective.service_ids) else None

    def _merge(self, *, older: Request, newer: Request) -> None:
        merged = _merged_order(older.effective, newer.order)
        survivor, gone = (older, newer) if self._around.dialect.merge_survivor == "older" else (newer, older)
        survivor.effective, survivor.place, survivor.number = merged, older.place, older.number
        gone.merged_into = survivor
        gone.leave("MERGED", at=newer.accepted_at)

    def _dispatch(self) -> None:
        now = self._around.timeline.now
        while self.running is None and self.queue:
            head = self.queue[0]
            due = self._due(head, at=now)
            if now < due:
                self._around.timeline.at(due, self._dispatch)
                return
            self._begin(head, at=now)

    def _due(self, head: Request, *, at: float) -> float:
        """Tell when a request begins that is the next one, or is looked at again; picks it where it is time to."""
        listed_until = head.accepted_at + self._around.dialect.dispatch_delay
        if at >= listed_until and head.picked_at is None:
            head.picked_at = at
        return listed_until if head.picked_at is None else head.picked_at + self._around.dialect.pickup_delay

    def _begin(self, request: Request, *, at: float) -> None:
        if request.effective.force_event == "DIFF" and not self._to_deploy(request):
            request.leave("UNCHANGED", at=at)
            return
        self._execution(request, at=at).begin()

    def _execution(self, request: Request, *, at: float) -> Execution:
        request.leave("BEGAN", at=at)
        request.execution_id = self._execution_id(request, at=at)
        execution = Execution(
            id=request.execution_id,
            request=request,
            began_at=at,
            never_began=self._around.dialect.never_began,
            timeline=self._around.timeline,
            on_end=self._dispatch,
        )
        runs = [self._run(service_id, execution) for service_id in self._to_deploy(request)]
        execution.runs = sorted(runs, key=lambda run: run.stage)
        self.executions.append(execution)
        return execution

    def _execution_id(self, request: Request, *, at: float) -> str:
        dialect = self._around.dialect
        if dialect.execution_numbers == "none":
            return self._around.ids.next_execution_id()
        number = request.number or self._next_number()
        if dialect.execution_id_form == "number":
            return f"{self.id}-{number}"
        return f"{self.id}-{number}-{int(self._around.calendar.timestamp(at))}"

    def _next_number(self) -> int:
        self._last_number += 1
        return self._last_number

    def _to_deploy(self, request: Request) -> list[str]:
        is_selective = request.effective.force_event == "DIFF"
        services = [self._around.services[service_id] for service_id in request.effective.service_ids]
        return [service.id for service in services if service.has_difference or not is_selective]

    def _run(self, service_id: str, execution: Execution) -> ServiceRun:
        order = execution.request.effective
        service = self._around.services[service_id]
        versions = service.resolve(order.versions.get(service_id, Versions()))
        return ServiceRun(
            service_id=service_id,
            execution=execution,
            plan=_plan_for(order, service),
            versions=versions,
            stage=service.stage,
            is_skipped=service.is_skipped,
        )


def _plan_for(order: Order, service: Service) -> Plan:
    chosen = order.plans.get(service.id)
    return chosen or (service.plan if order.action == "DEPLOY" else usual(order.action))


def _merged_order(older: Order, newer: Order) -> Order:
    """Let the newer one's versions and plans win; only two `DIFF` make a `DIFF`."""
    force_event = newer.force_event if older.force_event == newer.force_event else None
    return replace(
        newer,
        service_ids=tuple(dict.fromkeys((*older.service_ids, *newer.service_ids))),
        versions={**older.versions, **newer.versions},
        plans={**older.plans, **newer.plans},
        force_event=force_event,
    )


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """Looks at `environment` as of `at`, in the world's seconds."""

    environment: Environment
    at: float

    def waiting(self, service_id: str | None = None) -> list[Request]:
        """Tell what waits, for one service or for all, next one first."""
        waiting = [request for request in self.environment.requests if request.is_waiting(at=self.at)]
        if service_id is not None:
            waiting = [request for request in waiting if request.is_for(service_id)]
        return sorted(waiting, key=lambda request: request.place)

    def listed(self, service_id: str | None = None) -> list[Request]:
        """Tell what the queue lists of that."""
        return [request for request in self.waiting(service_id) if request.is_listed(at=self.at)]

    def executions(self) -> list[Execution]:
        """Tell what has begun, oldest first."""
        return [execution for execution in self.environment.executions if execution.began_at <= self.at]

    def runs(self, service_id: str) -> list[ServiceRun]:
        """Tell what has begun for one service, oldest first."""
        runs = (execution.run_of(service_id) for execution in self.executions())
        return [run for run in runs if run is not None]

    def latest_run(self, service_id: str) -> ServiceRun | None:
        runs = self.runs(service_id)
        return runs[-1] if runs else None

    def latest_execution(self) -> Execution | None:
        executions = self.executions()
        return executions[-1] if executions else None
