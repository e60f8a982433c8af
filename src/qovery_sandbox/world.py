"""The simulated Qovery, without HTTP."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from qovery_sandbox.clock import EPOCH, Calendar, Timeline
from qovery_sandbox.deployments import Order, Versions
from qovery_sandbox.dialect import Dialect
from qovery_sandbox.environment import Circumstances, Environment
from qovery_sandbox.ids import COLLEAGUE, HELM_ID, STAGING_ID, Ids
from qovery_sandbox.ledger import Ledger
from qovery_sandbox.services import DAY, PLACES, Commit, fresh_services
from qovery_sandbox.tokens import Access, RateLimit, RateLimiter

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from qovery_sandbox.deployments import Execution, Origin, Request
    from qovery_sandbox.plans import Action, Plan


class World:
    """A Qovery that nobody has to keep running: it catches up with `clock` whenever it is asked something.

    `clock` tells monotonic seconds that begin at 0, as trio's `MockClock` does; `epoch` is the date at 0. To be had for
    tests: `services`, whose settings may be changed; `access`, the tokens; `refuses`, with which every command is
    answered 409; and functions that each order over HTTP, or the id of its request, is passed to.
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
        self.services = fresh_services()
        self.access = Access()
        self.refuses = False
        self.before_acceptance: list[Callable[[Order], object]] = []
        self.after_acceptance: list[Callable[[str], object]] = []
        self.rate_limiter = RateLimiter(limit=rate_limit or RateLimit(), calendar=self.calendar)
        self._timeline = Timeline(clock)
        self._around = Circumstances(
            timeline=self._timeline,
            ids=Ids(seed=seed),
            calendar=self.calendar,
            dialect=dialect or Dialect(),
            services=self.services,
        )
        self.environments = {place.id: Environment(place.id, self._around) for place in PLACES}
        self.ledger = Ledger(requests=self.requests, executions=self.executions)
        self._next_plans: dict[str, list[Plan]] = {}
        self._remember_earlier_deployments()

    @property
    def now(self) -> float:
        return self._timeline.now

    @property
    def dialect(self) -> Dialect:
        return self._around.dialect

    @dialect.setter
    def dialect(self, dialect: Dialect) -> None:
        self._around.dialect = dialect

    @property
    def cancel_seconds(self) -> float:
        """How long a running step takes to stop once it is cancelled."""
        return self._around.cancel_seconds

    @cancel_seconds.setter
    def cancel_seconds(self, seconds: float) -> None:
        self._around.cancel_seconds = seconds

    def at(self, seconds: float, happen: Callable[[], object]) -> None:
        """Let something happen at a time of this world."""
        self._timeline.at(seconds, happen)

    def after(self, seconds: float, happen: Callable[[], object]) -> None:
        """Let something happen so many seconds from now."""
        self._timeline.at(self.now + seconds, happen)

    def requests(self) -> list[Request]:
        """Tell every request, in the order of acceptance."""
        _ = self.now
        every = chain.from_iterable(environment.requests for environment in self.environments.values())
        return sorted(every, key=lambda request: request.accepted_at)

    def request(self, request_id: str) -> Request:
        """Find a request by its id; `KeyError` when there never was one."""
        for request in self.requests():
            if request.id == request_id:
                return request
        raise KeyError(request_id)

    def executions(self) -> list[Execution]:
        """Tell every execution, in the order of beginning."""
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
        """Request a deployment, past HTTP; `versions` and `plan` apply to each service. Returns the request's id."""
        order = Order(
            service_ids=service_ids,
            user=user,
            origin=origin,
            versions=dict.fromkeys(service_ids, versions) if versions else {},
            plans=dict.fromkeys(service_ids, plan) if plan else {},
            force_event=force_event,
        )
        return self.accept(order).id

    def stop(self, service_id: str, *, user: str = COLLEAGUE) -> str:
        return self._do("STOP", service_id, user=user)

    def restart(self, service_id: str, *, user: str = COLLEAGUE) -> str:
        return self._do("RESTART", service_id, user=user)

    def delete(self, service_id: str, *, user: str = COLLEAGUE) -> str:
        return self._do("DELETE", service_id, user=user)

    def push(self, service_id: str, *, user: str = COLLEAGUE, message: str = "Change the chart") -> str | None:
        """Add a commit; returns the id of the request that a service on auto-deploy makes of it."""
        service = self.services[service_id]
        commit = Commit(id=self._around.ids.next_commit_id(), message=message, author=user, at=self.now)
        service.commits.append(commit)
        service.has_difference = True
        if not service.auto_deploy:
            return None
        key = "git_commit_id" if service.is_from_git else "values_override_git_commit_id"
        return self.deploy(service_id, user=user, origin="GIT", versions=Versions(**{key: commit.id}))

    def cancel_request(self, request_id: str, *, user: str = COLLEAGUE) -> bool:
        """Take a request out of the queue; false when it does not wait, `KeyError` when there never was one."""
        request = self.request(request_id)
        return self.environments[request.environment_id].cancel_request(request, user=user)

    def cancel_running(
        self, environment_id: str = STAGING_ID, *, user: str = COLLEAGUE, grace: float | None = None
    ) -> bool:
        """Cancel what runs in an environment; false when nothing does. `grace` instead of `cancel_seconds`."""
        return self.environments[environment_id].cancel_running(user=user, grace=grace)

    def plan_next(self, plan: Plan, *, service_id: str = HELM_ID) -> None:
        """Choose the plan of the service's next accepted deployment that brings none; several queue up."""
        self._next_plans.setdefault(service_id, []).append(plan)

    def accept(self, order: Order) -> Request:
        """Accept an order, as the calls over HTTP do."""
        _ = self.now
        if order.is_via_http:
            for hook in self.before_acceptance:
                hook(order)
        order = self._with_next_plans(order)
        environment_id = self.services[order.service_ids[0]].environment_id
        request = self.environments[environment_id].accept(order)
        if order.is_via_http:
            for after in self.after_acceptance:
                after(request.id)
        return request

    def forget_deployments(self) -> None:
        """Make every service one that was never deployed."""
        for environment in self.environments.values():
            environment.forget()

    def _do(self, action: Action, service_id: str, *, user: str) -> str:
        return self.accept(Order(service_ids=(service_id,), action=action, user=user)).id

    def _with_next_plans(self, order: Order) -> Order:
        if order.action != "DEPLOY":
            return order
        waiting = [each for each in order.service_ids if each not in order.plans and self._next_plans.get(each)]
        return replace(order, plans={**order.plans, **{each: self._next_plans[each].pop(0) for each in waiting}})

    def _remember_earlier_deployments(self) -> None:
        for days, service in enumerate(self.services.values(), start=1):
            order = Order(service_ids=(service.id,), user=COLLEAGUE)
            self.environments[service.environment_id].remember(order, at=(days - 5) * DAY)


_OFFSET = 0x1000


def crowd_ids(count: int) -> list[str]:
    """Name so many services; the first is the one that is there anyway."""
    return [HELM_ID, *(str(UUID(int=UUID(HELM_ID).int + _OFFSET + each)) for each in range(1, count))]


def populate(world: World, *, count: int, plan: Plan) -> None:
    """Let there be so many services that are deployed by this plan."""
    for number, service_id in enumerate(crowd_ids(count)):
        world.services[service_id] = replace(
            world.services[HELM_ID], id=service_id, name=f"service-{number}", plan=plan
        )
