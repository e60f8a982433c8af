"""One deployment request of one or several services, from the first look at their environment to their reports."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio

from qovery_helm_deploy.deployment.expectation import usual_duration
from qovery_helm_deploy.deployment.next_look import Source
from qovery_helm_deploy.deployment.report import Report
from qovery_helm_deploy.deployment.sightings import OwnRequest
from qovery_helm_deploy.deployment.standing import Standing
from qovery_helm_deploy.deployment.verdict import Other, Outcome, Verdict, verdict_of
from qovery_helm_deploy.durations import human_duration
from qovery_helm_deploy.errors import ActionError, ConflictError, DefectError, QoveryError, RefusedError, unwrapped
from qovery_helm_deploy.run.cancelling import Canceller
from qovery_helm_deploy.run.deployment_log import DeploymentLog
from qovery_helm_deploy.run.following import Follower
from qovery_helm_deploy.run.narration import Log, Narrator
from qovery_helm_deploy.run.observer import Observer
from qovery_helm_deploy.run.pushes import Pushes
from qovery_helm_deploy.run.requesting import Requester
from qovery_helm_deploy.run.targets import Target, find_environment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qovery_helm_deploy.deployment.service import Environment, Service
    from qovery_helm_deploy.deployment.status import State
    from qovery_helm_deploy.inputs import Inputs
    from qovery_helm_deploy.qovery.client import Client

#: Seconds that an interruption leaves to a request on its way, and that a time-out leaves to canceling.
_INTERRUPTED_WITHIN = 2.5
_TIMED_OUT_WITHIN = 15.0
#: Of how many services the public link is fetched.
_MOST_LINKS = 10


@dataclass(frozen=True, kw_only=True)
class _Accepted:
    """What there is once Qovery has accepted the request."""

    follower: Follower
    log: DeploymentLog


class RequestRun:
    """Requests, follows and reports one deployment; `reports` holds at any moment what is known."""

    def __init__(self, services: Sequence[Service], *, inputs: Inputs, client: Client, log: Log) -> None:
        self._services = tuple(services)
        self._inputs = inputs
        self._client = client
        self._log = log
        self._environment_id = services[0].environment_id
        self._environment: Environment | None = None
        own = OwnRequest(services=frozenset(service.id for service in services), asked=inputs.asked)
        self._observer = Observer(client, environment_id=self._environment_id, own=own)
        self._narrator = Narrator(log, label=_label(services))
        self._requester = Requester(self._observer, asked=inputs.asked, post=self._post, say=self._narrator.say)
        self._accepted: _Accepted | None = None
        self._verdicts: dict[str, Verdict] = {}
        self._links: dict[str, str] = {}

    async def carry_out(self) -> None:
        """Deploy, and come to a verdict whatever Qovery answers, and whatever is wrong with this action."""
        try:
            await self._deploy()
        except QoveryError as error:
            self._conclude(self._verdict_of(error))
        except Exception as error:  # noqa: BLE001 - a defect of this action ends this run alone
            self._log.quote(traceback.format_exception(unwrapped(error)))
            self._conclude(self._verdict_of(DefectError(error)))

    def hurry(self) -> None:
        """Leave a request that is on its way little time to be answered, and wait for nothing else."""
        self._client.transport.is_hurried = True
        self._requester.hurry(seconds=_INTERRUPTED_WITHIN)

    async def abort(self, *, within: float) -> None:
        """Come to a verdict in so many seconds, and cancel the deployment where that is asked for and possible."""
        if self._is_concluded:
            return
        interrupted = Verdict(outcome=Outcome.INTERRUPTED, reason="The job was canceled before the deployment ended.")
        if not self._may_have_requested:
            self._conclude(interrupted.and_then("Nothing was requested from Qovery."))
        elif not self._inputs.cancel_on_interrupt:
            self._conclude(interrupted.and_then("The deployment goes on at Qovery (`cancel_on_interrupt` is false)."))
        else:
            self._conclude(interrupted.and_then("Whether Qovery canceled the deployment is not known."))
            self._conclude(interrupted.and_then(await self._cancel_safely(within=within)))

    @property
    def reports(self) -> Mapping[str, Report]:
        """The report on each service, by its id."""
        return {service.id: self._report(service) for service in self._services}

    async def _deploy(self) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(self._find_environment)
            if self._inputs.dry_run:
                self._conclude(
                    Verdict(
                        outcome=Outcome.UNCHANGED,
                        reason=f"Dry run: {self._inputs.asked} would be deployed. Nothing was sent.",
                    )
                )
                return
            error = await self._request()
        if error:
            raise error
        if self._accepted is None:
            self._conclude(self._never_accepted())
            return
        if not self._inputs.wait:
            await self._find_links()
            reason = "Qovery accepted the request. Its end was not waited for."
            self._conclude(Verdict(outcome=Outcome.REQUESTED, reason=reason))
            return
        await self._follow(self._accepted)

    async def _request(self) -> QoveryError | None:
        """Request the deployment; return the error that ended that, for a task group would wrap it."""
        inputs = self._inputs
        try:
            with anyio.move_on_after(inputs.timeout):
                await self._requester.request(
                    give_up_at=anyio.current_time() + inputs.timeout,
                    rest=self._client.transport.rest,
                    joins=inputs.join_on_rerun,
                )
        except QoveryError as error:
            return error
        if self._requester.is_accepted:
            self._accept()
        return None

    def _accept(self) -> None:
        observer, narrator = self._observer, self._narrator
        request_id = observer.record.own.id
        narrator.say(f"Qovery accepted the request{f' as {request_id}' if request_id else ''}.")
        narrator.expect(usual_duration(observer.past, services=observer.record.own.services))
        self._accepted = _Accepted(
            follower=Follower(
                observer,
                inputs=self._inputs,
                budget=self._client.transport.budget,
                narrator=narrator,
                pushes=Pushes(self._client, service_id=self._services[0].id),
            ),
            log=DeploymentLog(self._client, self._log, targets=self._targets),
        )

    async def _post(self) -> str | None:
        self._narrator.say(f"Deploying {self._inputs.asked}.")
        asked = self._inputs.asked
        if len(self._services) == 1:
            return await self._client.deploy_service(self._services[0].id, asked)
        return await self._client.deploy_services(
            self._environment_id, [service.id for service in self._services], asked
        )

    async def _follow(self, accepted: _Accepted) -> None:
        overdue: Verdict | QoveryError | None
        async with anyio.create_task_group() as group:
            group.start_soon(self._find_links)
            try:
                overdue = await self._followed(accepted)
            except QoveryError as error:
                overdue = error
            group.cancel_scope.cancel()
        if isinstance(overdue, QoveryError):
            raise overdue
        if overdue and overdue.outcome is Outcome.TIMED_OUT and self._inputs.cancel_on_timeout:
            overdue = overdue.and_then(await self._cancel_safely(within=_TIMED_OUT_WITHIN))
        self._conclude(overdue)
        if overdue is None:
            # A verdict on a service that ran nothing needs its state; a report on any other shows its steps.
            await self._observer.look({Source.STATUSES})
            self._conclude()
        await self._explain(accepted)

    async def _followed(self, accepted: _Accepted) -> Verdict | None:
        if self._inputs.logs != "live":
            return await accepted.follower.follow()
        # Imported here: most steps show a log when all is over.
        from qovery_helm_deploy.run import live  # noqa: PLC0415

        return await live.follow(
            accepted.follower, accepted.log, environment=self._environment, explain=self._log.debug
        )

    async def _explain(self, accepted: _Accepted) -> None:
        """Add to the verdicts that are not green what Qovery's log shows of our execution."""
        red = [service for service, verdict in self._verdicts.items() if not verdict.outcome.is_green]
        execution_id = accepted.follower.execution_id
        if not red or self._inputs.logs == "none" or execution_id is None:
            return
        causes = await accepted.log.show_failures(execution_id, service_ids=red)
        for service_id, entry in causes.items():
            self._verdicts[service_id] = self._verdicts[service_id].because_of(entry)

    def _conclude(self, verdict: Verdict | None = None) -> None:
        """Give every service this verdict, or the one that the judgement has for it."""
        for service in self._services:
            self._verdicts[service.id] = verdict or self._judged(service.id)

    def _judged(self, service_id: str) -> Verdict:
        follower = self._accepted.follower if self._accepted else None
        judgement = follower.judgement if follower else self._observer.judge()
        status, execution = self._observer.status_of(service_id), judgement.executions[-1:]
        is_of_execution = bool(status and execution and status.execution_id == execution[0].id)
        return verdict_of(
            judgement,
            service_id=service_id,
            state=self._state_of(service_id),
            is_of_execution=is_of_execution,
            other=self._other(),
        )

    def _other(self) -> Other | None:
        """Return what Qovery deployed or will deploy instead: what began since our request left the queue, or waits."""
        record = self._observer.record
        own, left = record.own.services, record.sighting.left
        for seen in record.requests.values():
            if own & seen.request.services and not seen.is_older and seen.is_waiting:
                return Other(id=seen.request.id, by=seen.request.by, is_waiting=True)
        begun = [
            seen.execution
            for seen in record.executions.values()
            if seen.is_new is not False and seen.began.until >= left.since
        ]
        known = next((each for each in reversed(begun) if own & set(each.services)), None)
        return Other(id=known.id, by=known.by) if known else None

    @property
    def _is_concluded(self) -> bool:
        return bool(self._verdicts)

    @property
    def _may_have_requested(self) -> bool:
        return self._requester.is_accepted or self._requester.may_be_accepted

    def _verdict_of(self, error: ActionError) -> Verdict:
        """Return a rejection for a refusal before anything was accepted, else a loss of contact."""
        is_rejected = isinstance(error, RefusedError) and not self._may_have_requested
        outcome = Outcome.REJECTED if is_rejected else Outcome.LOST_CONTACT
        return Verdict(outcome=outcome, reason=str(error), hint=error.hint)

    def _never_accepted(self) -> Verdict:
        error = self._requester.last_error or self._observer.last_error
        after = f"Qovery accepted no request within {human_duration(self._inputs.timeout)} (`timeout`)."
        is_busy = isinstance(error, ConflictError) and not self._may_have_requested
        return Verdict(
            outcome=Outcome.REJECTED if is_busy else Outcome.LOST_CONTACT,
            reason=f"{after} {error}" if error else after,
            hint=error.hint if error else "",
        )

    async def _cancel_safely(self, *, within: float) -> str:
        try:
            return await self._cancel(within=within)
        except Exception as error:  # noqa: BLE001 - as in carry_out
            self._log.quote(traceback.format_exception(unwrapped(error)))
            return str(DefectError(error))

    async def _cancel(self, *, within: float) -> str:
        deadline = anyio.current_time() + within
        if self._accepted is None:
            with anyio.move_on_after(within):
                await self._find_lost()
        if self._accepted is None:
            return "Nothing shows whether Qovery accepted the request; if it did, the deployment goes on."
        canceller = Canceller(
            self._client, self._observer, follower=self._accepted.follower, environment_id=self._environment_id
        )
        return await canceller.cancel_within(deadline - anyio.current_time())

    async def _find_lost(self) -> None:
        """Look for a request whose answer did not come in time."""
        while not self._requester.is_accepted:
            await self._requester.look_for_lost()
            if not self._requester.is_accepted:
                await anyio.sleep(1.0)
        self._accept()

    async def _find_environment(self) -> None:
        self._environment = await find_environment(self._client, self._environment_id)
        self._narrator.label = _label(self._services, self._environment)

    async def _find_links(self) -> None:
        for service in self._services[:_MOST_LINKS]:
            try:
                self._links[service.id] = await self._client.default_link(service.id) or ""
            except QoveryError as error:
                self._log.debug(f"The link of {service.name} cannot be read: {error}")

    @property
    def _targets(self) -> tuple[Target, ...]:
        return tuple(Target(service=service, environment=self._environment) for service in self._services)

    def _state_of(self, service_id: str) -> State | None:
        status = self._observer.status_of(service_id)
        return status.state if status else None

    def _report(self, service: Service) -> Report:
        record, target = self._observer.record, Target(service=service, environment=self._environment)
        follower = self._accepted.follower if self._accepted else None
        judgement = follower.judgement if follower else None
        result = judgement.services.get(service.id) if judgement and judgement.execution else None
        status = self._observer.status_of(service.id)
        is_own = bool(status and follower and status.execution_id and status.execution_id == follower.execution_id)
        state = self._state_in_report(service.id)
        return Report(
            service_id=service.id,
            asked=self._inputs.asked,
            verdict=self._verdicts.get(service.id)
            or Verdict(outcome=Outcome.INTERRUPTED, reason="The step ended early."),
            name=service.name,
            environment=self._environment.name if self._environment else "",
            request_id=record.own.id or (judgement.request_id if judgement else None) or "",
            state=str(state or ""),
            service_deployment_status=(status and status.service_deployment_status) or "",
            execution_id=(follower and follower.execution_id) or "",
            duration=self._duration(follower, service.id) if follower and self._inputs.wait else None,
            steps=status.steps if status and is_own else (),
            phases=follower.phases if follower else (),
            deployed=result,
            service_url=self._links.get(service.id, ""),
            console_url=target.console_url,
        )

    def _state_in_report(self, service_id: str) -> State | None:
        """Return the state in which our execution left the service, else that of the service, else of the request."""
        follower = self._accepted.follower if self._accepted else None
        if follower and not self._inputs.wait:
            return None  # What the statuses show is from before the request.
        if follower and follower.judgement.standing in {Standing.ENDED, Standing.RUNNING}:
            result = follower.judgement.services.get(service_id)
            return (result.state if result else None) or follower.state
        return self._state_of(service_id) or (follower.state if follower else None)

    def _duration(self, follower: Follower, service_id: str) -> float:
        """Return the seconds that our execution took by Qovery's account, else those since the acceptance."""
        status, execution = self._observer.status_of(service_id), follower.judgement.execution
        if status and status.execution_id == follower.execution_id and status.total_duration is not None:
            return status.total_duration
        if execution and execution.is_over and execution.duration is not None:
            return execution.duration
        return round(follower.elapsed, 1)


def _label(services: Sequence[Service], environment: Environment | None = None) -> str:
    if len(services) == 1:
        return Target(service=services[0], environment=environment).label
    place = f" ({environment.name})" if environment else ""
    return f"{len(services)} services{place}"
