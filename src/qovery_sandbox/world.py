"""The simulated Qovery, without HTTP."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Literal

from qovery_sandbox.clock import EPOCH, Calendar, Timeline
from qovery_sandbox.deployments import RequestSpec, Versions
from qovery_sandbox.dialect import Dialect
from qovery_sandbox.environment import Environment, EnvironmentContext
from qovery_sandbox.ids import COLLEAGUE, HELM_ID, STAGING_ID, IdGenerator
from qovery_sandbox.ledger import Ledger
from qovery_sandbox.services import DAY, ENVIRONMENTS, Commit, initial_services, numbered_service_ids
from qovery_sandbox.tokens import RateLimit, RateLimiter, Tokens

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from qovery_sandbox.deployments import DeploymentRequest, Execution, Origin
    from qovery_sandbox.plans import Action, Plan


class World:
    """All state of a simulated Qovery. There is no background task: reading the state brings it up to date.

    `clock` returns monotonic seconds from 0, as trio's `MockClock` does; `epoch` is the date at 0. A test may change:

    services: the services by id, with their settings.
    tokens: the valid API tokens.
    before_acceptance: functions to call with the content of each request over HTTP, before it is accepted.
    after_acceptance: functions to call with the id of each request over HTTP, after it was accepted.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        seed: int = 0,
        epoch: datetime = EPOCH,
        dialect: Dialect | None = None,
        rate_limit: RateLimit | None = None,
    ) -> None:
        self.calendar = Calendar(epoch)
        self.services = initial_services()
        self.tokens = Tokens()
        self.before_acceptance: list[Callable[[RequestSpec], object]] = []
        self.after_acceptance: list[Callable[[str], object]] = []
        self.rate_limiter = RateLimiter(limit=rate_limit or RateLimit(), calendar=self.calendar)
        self._timeline = Timeline(clock)
        self._context = EnvironmentContext(
            timeline=self._timeline,
            ids=IdGenerator(seed=seed),
            calendar=self.calendar,
            dialect=dialect or Dialect(),
            services=self.services,
        )
        self.environments = {each.id: Environment(each.id, self._context) for each in ENVIRONMENTS}
        self.ledger = Ledger(requests=self.requests, executions=self.executions)
        self._next_plans: dict[str, list[Plan]] = {}
        self._add_past_deployments()

    @property
    def now(self) -> float:
        """The simulated seconds since the start."""
        return self._timeline.now

    @property
    def dialect(self) -> Dialect:
        return self._context.dialect

    @dialect.setter
    def dialect(self, dialect: Dialect) -> None:
        self._context.dialect = dialect

    def at(self, seconds: float, action: Callable[[], object]) -> None:
        """Schedule an action for a time."""
        self._timeline.at(seconds, action)

    def after(self, seconds: float, action: Callable[[], object]) -> None:
        """Schedule an action for a number of seconds from now."""
        self._timeline.at(self.now + seconds, action)

    def requests(self) -> list[DeploymentRequest]:
        """Return all requests, in the order of acceptance."""
        _ = self.now
        every = chain.from_iterable(environment.requests for environment in self.environments.values())
        return sorted(every, key=lambda request: request.accepted_at)

    def request(self, request_id: str) -> DeploymentRequest:
        """Return a request by its id. Raises KeyError for an unknown id."""
        for request in self.requests():
            if request.id == request_id:
                return request
        raise KeyError(request_id)

    def executions(self) -> list[Execution]:
        """Return all executions, in the order in which they began."""
        _ = self.now
        every = chain.from_iterable(environment.executions for environment in self.environments.values())
        return sorted(every, key=lambda execution: execution.began_at)

    def deploy(
        self,
        *service_ids: str,
        user: str = COLLEAGUE,
        origin: Origin = "CONSOLE",
        versions: Versions | None = None,
        plan: Plan | None = None,
        force_event: Literal["DIFF"] | None = None,
    ) -> str:
        """Request a deployment without HTTP. `versions` and `plan` apply to each service. Returns the request id."""
        spec = RequestSpec(
            service_ids=service_ids,
            user=user,
            origin=origin,
            versions=dict.fromkeys(service_ids, versions) if versions else {},
            plans=dict.fromkeys(service_ids, plan) if plan else {},
            force_event=force_event,
        )
        return self.accept(spec).id

    def stop(self, service_id: str, *, user: str = COLLEAGUE) -> str:
        return self._request("STOP", service_id, user=user)

    def restart(self, service_id: str, *, user: str = COLLEAGUE) -> str:
        return self._request("RESTART", service_id, user=user)

    def push(self, service_id: str, *, user: str = COLLEAGUE, message: str = "Change the chart") -> str | None:
        """Add a commit. Returns the id of the request that auto-deploy makes, or None if auto-deploy is off."""
        service = self.services[service_id]
        commit = Commit(id=self._context.ids.next_commit_id(), message=message, author=user, at=self.now)
        service.commits.append(commit)
        service.has_difference = True
        if not service.auto_deploy:
            return None
        key = "git_commit_id" if service.is_from_git else "values_override_git_commit_id"
        return self.deploy(service_id, user=user, origin="GIT", versions=Versions(**{key: commit.id}))

    def cancel_request(self, request_id: str, *, user: str = COLLEAGUE) -> bool:
        """Remove a request from the queue. Returns False if it is not queued; raises KeyError for an unknown id."""
        request = self.request(request_id)
        return self.environments[request.environment_id].cancel_request(request, user=user)

    def cancel_running(
        self, environment_id: str = STAGING_ID, *, user: str = COLLEAGUE, grace: float | None = None
    ) -> bool:
        """Cancel the running execution. Returns False if there is none. `grace`: seconds until it has stopped."""
        return self.environments[environment_id].cancel_running(user=user, grace=grace)

    def plan_next(self, plan: Plan, *, service_id: str = HELM_ID) -> None:
        """Set the plan of the service's next deployment without a plan. Repeated calls set those of the following."""
        self._next_plans.setdefault(service_id, []).append(plan)

    def add_services(self, *, count: int, plan: Plan) -> None:
        """Have `count` services with this plan in the staging environment, with the ids of `numbered_service_ids`."""
        for number, service_id in enumerate(numbered_service_ids(count)):
            self.services[service_id] = replace(
                self.services[HELM_ID], id=service_id, name=f"service-{number}", plan=plan
            )

    def accept(self, spec: RequestSpec) -> DeploymentRequest:
        """Accept a request, as the endpoints do."""
        _ = self.now
        if spec.is_via_http:
            for before in self.before_acceptance:
                before(spec)
        spec = self._with_next_plans(spec)
        environment_id = self.services[spec.service_ids[0]].environment_id
        request = self.environments[environment_id].accept(spec)
        if spec.is_via_http:
            for after in self.after_acceptance:
                after(request.id)
        return request

    def clear_deployments(self) -> None:
        """Forget all deployments, as if no service had been deployed before."""
        for environment in self.environments.values():
            environment.clear()

    def _request(self, action: Action, service_id: str, *, user: str) -> str:
        return self.accept(RequestSpec(service_ids=(service_id,), action=action, user=user)).id

    def _with_next_plans(self, spec: RequestSpec) -> RequestSpec:
        if spec.action != "DEPLOY":
            return spec
        waiting = [each for each in spec.service_ids if each not in spec.plans and self._next_plans.get(each)]
        return replace(spec, plans={**spec.plans, **{each: self._next_plans[each].pop(0) for each in waiting}})

    def _add_past_deployments(self) -> None:
        for days, service in enumerate(self.services.values(), start=1):
            spec = RequestSpec(service_ids=(service.id,), user=COLLEAGUE)
            self.environments[service.environment_id].add_past_deployment(spec, at=(days - 5) * DAY)
