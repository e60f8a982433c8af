"""An environment: its deployment requests, its queue and its executions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qovery_sandbox.deployments import DeploymentRequest, Execution, ServiceRun, Versions
from qovery_sandbox.plans import default_plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qovery_sandbox.clock import Calendar, Timeline
    from qovery_sandbox.deployments import RequestSpec
    from qovery_sandbox.dialect import Dialect
    from qovery_sandbox.ids import IdGenerator
    from qovery_sandbox.plans import Plan
    from qovery_sandbox.services import Service

#: Seconds until a cancelled execution has stopped.
_CANCEL_SECONDS = 2.0


@dataclass(kw_only=True)
class EnvironmentContext:
    """What all environments of a world share."""

    timeline: Timeline
    ids: IdGenerator
    calendar: Calendar
    dialect: Dialect
    services: Mapping[str, Service]


class Environment:
    """All requests and executions, with the time of each change. One execution runs at a time."""

    def __init__(self, environment_id: str, context: EnvironmentContext) -> None:
        self.id = environment_id
        self.requests: list[DeploymentRequest] = []
        self.executions: list[Execution] = []
        self._context = context
        self._last_number = 0

    @property
    def queue(self) -> list[DeploymentRequest]:
        """The requests whose execution has not begun, next one first."""
        waiting = [request for request in self.requests if request.left_at is None]
        return sorted(waiting, key=lambda request: request.position)

    @property
    def running(self) -> Execution | None:
        latest = self.executions[-1] if self.executions else None
        return latest if latest and latest.ended_at is None else None

    def accept(self, spec: RequestSpec) -> DeploymentRequest:
        """Add a request, and merge it or start its execution if possible."""
        request = self._add_request(spec, at=self._context.timeline.now)
        older = self._mergeable(request)
        if older:
            self._merge(older=older, newer=request)
        self._dispatch()
        return request

    def add_past_deployment(self, spec: RequestSpec, *, at: float) -> None:
        """Add a deployment that ended before the start of the world."""
        request = self._add_request(spec, at=at)
        execution = self._add_execution(request, at=at)
        for run in execution.runs:
            run.complete()
        execution.ended_at = max(run.ended_at or at for run in execution.runs)

    def clear(self) -> None:
        """Forget all requests and executions."""
        self.requests.clear()
        self.executions.clear()
        self._last_number = 0

    def cancel_request(self, request: DeploymentRequest, *, user: str) -> bool:
        """Remove a request from the queue. Returns False if the queue does not list it."""
        now = self._context.timeline.now
        if not request.is_listed(at=now):
            return False
        request.canceled_by = user
        request.leave("CANCELED", at=now)
        return True

    def cancel_running(self, *, user: str, grace: float | None = None) -> bool:
        """Cancel the running execution. Returns False if there is none. `grace`: seconds until it has stopped."""
        now = self._context.timeline.now
        if self.running is None:
            return False
        self.running.request.canceled_by = self.running.request.canceled_by or user
        self.running.cancel(at=now, grace=_CANCEL_SECONDS if grace is None else grace)
        return True

    def _add_request(self, spec: RequestSpec, *, at: float) -> DeploymentRequest:
        request_id = self._context.ids.next_request_id(timestamp=self._context.calendar.timestamp(at))
        request = DeploymentRequest(
            id=request_id,
            spec=spec,
            effective=spec,
            environment_id=self.id,
            accepted_at=at,
            position=float(len(self.requests)),
            number=self._next_number() if self._context.dialect.execution_numbers == "queued" else None,
        )
        self.requests.append(request)
        return request

    def _mergeable(self, newer: DeploymentRequest) -> DeploymentRequest | None:
        services, is_any = set(newer.spec.service_ids), self._context.dialect.merges == "environment"
        waiting = [each for each in self.queue if each.picked_at is None and each is not newer]
        before = [each for each in waiting if is_any or services & set(each.effective.service_ids)]
        if not before or not before[-1].effective.is_mergeable_with(newer.spec):
            return None
        return before[-1] if is_any or services == set(before[-1].effective.service_ids) else None

    def _merge(self, *, older: DeploymentRequest, newer: DeploymentRequest) -> None:
        merged = _merged_spec(older.effective, newer.spec)
        is_older_kept = self._context.dialect.merge_survivor == "older"
        survivor, other = (older, newer) if is_older_kept else (newer, older)
        survivor.effective, survivor.position, survivor.number = merged, older.position, older.number
        other.merged_into = survivor
        other.leave("MERGED", at=newer.accepted_at)

    def _dispatch(self) -> None:
        now = self._context.timeline.now
        while self.running is None and self.queue:
            request = self.queue[0]
            due = self._due(request, at=now)
            if now < due:
                self._context.timeline.at(due, self._dispatch)
                return
            self._begin(request, at=now)

    def _due(self, request: DeploymentRequest, *, at: float) -> float:
        """Return the next time to look at the first request in the queue. Removes the request from the queue if due."""
        listed_until = request.accepted_at + self._context.dialect.dispatch_delay
        if at >= listed_until and request.picked_at is None:
            request.picked_at = at
        return listed_until if request.picked_at is None else request.picked_at + self._context.dialect.pickup_delay

    def _begin(self, request: DeploymentRequest, *, at: float) -> None:
        if request.effective.force_event == "DIFF" and not self._services_to_deploy(request):
            request.leave("UNCHANGED", at=at)
            return
        self._add_execution(request, at=at).begin()

    def _add_execution(self, request: DeploymentRequest, *, at: float) -> Execution:
        request.leave("BEGAN", at=at)
        execution = Execution(
            id=self._execution_id(request, at=at),
            request=request,
            began_at=at,
            never_began=self._context.dialect.never_began,
            timeline=self._context.timeline,
            on_end=self._dispatch,
        )
        runs = [self._run(service, execution) for service in self._services_to_deploy(request)]
        execution.runs = sorted(runs, key=lambda run: run.stage)
        self.executions.append(execution)
        return execution

    def _execution_id(self, request: DeploymentRequest, *, at: float) -> str:
        dialect = self._context.dialect
        if dialect.execution_numbers == "none":
            return self._context.ids.next_execution_id()
        number = request.number or self._next_number()
        if dialect.execution_id_form == "number":
            return f"{self.id}-{number}"
        return f"{self.id}-{number}-{int(self._context.calendar.timestamp(at))}"

    def _next_number(self) -> int:
        self._last_number += 1
        return self._last_number

    def _services_to_deploy(self, request: DeploymentRequest) -> list[Service]:
        is_selective = request.effective.force_event == "DIFF"
        services = [self._context.services[service_id] for service_id in request.effective.service_ids]
        return [service for service in services if service.has_difference or not is_selective]

    def _run(self, service: Service, execution: Execution) -> ServiceRun:
        spec = execution.request.effective
        return ServiceRun(
            service_id=service.id,
            execution=execution,
            plan=_plan_for(spec, service),
            versions=service.resolve(spec.versions.get(service.id, Versions())),
            stage=service.stage,
            is_skipped=service.is_skipped,
        )


def _plan_for(spec: RequestSpec, service: Service) -> Plan:
    chosen = spec.plans.get(service.id)
    return chosen or (service.plan if spec.action == "DEPLOY" else default_plan(spec.action))


def _merged_spec(older: RequestSpec, newer: RequestSpec) -> RequestSpec:
    """Combine two requests. The newer one's versions and plans win; `DIFF` remains if both have it."""
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
    """An environment as it was at a time, `at` in simulated seconds. Every response is made from a snapshot."""

    environment: Environment
    at: float

    def waiting(self, service_id: str | None = None) -> list[DeploymentRequest]:
        """Return the requests whose execution has not begun, for one service or for all, next one first."""
        waiting = [request for request in self.environment.requests if request.is_waiting(at=self.at)]
        if service_id is not None:
            waiting = [request for request in waiting if request.is_for(service_id)]
        return sorted(waiting, key=lambda request: request.position)

    def listed(self, service_id: str | None = None) -> list[DeploymentRequest]:
        """Return the waiting requests that the queue lists."""
        return [request for request in self.waiting(service_id) if request.is_listed(at=self.at)]

    def executions(self) -> list[Execution]:
        """Return the executions that have begun, oldest first."""
        return [execution for execution in self.environment.executions if execution.began_at <= self.at]

    def runs(self, service_id: str) -> list[ServiceRun]:
        """Return one service's parts of the executions that have begun, oldest first."""
        runs = (execution.run_of(service_id) for execution in self.executions())
        return [run for run in runs if run is not None]

    def latest_run(self, service_id: str) -> ServiceRun | None:
        runs = self.runs(service_id)
        return runs[-1] if runs else None

    def latest_execution(self) -> Execution | None:
        executions = self.executions()
        return executions[-1] if executions else None
