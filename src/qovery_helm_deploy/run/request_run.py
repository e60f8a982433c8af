"""One deployment request, from the first observation of the environment to the reports on its services."""

from __future__ import annotations

import re
import traceback
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import anyio

from qovery_helm_deploy.deployment.next_poll import Source
from qovery_helm_deploy.deployment.observations import OwnRequest
from qovery_helm_deploy.deployment.past_durations import usual_duration
from qovery_helm_deploy.deployment.service import labelled
from qovery_helm_deploy.deployment.verdict import NEVER_REQUESTED, Outcome, Verdict, verdict_of_error
from qovery_helm_deploy.durations import human_duration
from qovery_helm_deploy.errors import (
    ActionError,
    ConflictError,
    DefectError,
    DeniedError,
    QoveryError,
    RefusedError,
    unwrapped,
)
from qovery_helm_deploy.run.cancelling import Canceller
from qovery_helm_deploy.run.deployment_log import DeploymentLog
from qovery_helm_deploy.run.following import Follower
from qovery_helm_deploy.run.narration import Log, Narrator
from qovery_helm_deploy.run.observer import Observer
from qovery_helm_deploy.run.pushes import Pushes
from qovery_helm_deploy.run.reports import judged, report_after_acceptance, report_before_acceptance
from qovery_helm_deploy.run.requesting import Requester
from qovery_helm_deploy.run.targets import Target

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qovery_helm_deploy.deployment.report import Report
    from qovery_helm_deploy.deployment.service import Environment, Service
    from qovery_helm_deploy.inputs import Inputs
    from qovery_helm_deploy.qovery.client import Client

#: Seconds that an interruption leaves to a request on its way, and that a time-out leaves to canceling.
_INTERRUPTED_WITHIN = 2.5
_TIMED_OUT_WITHIN = 15.0
#: Of how many services the public link is fetched, and how many the log lists by name.
_MOST_LINKS, _MOST_NAMES = 10, 5
#: Seconds for which the request waits for the environment's name, which the log shows first.
_ENVIRONMENT_WITHIN = 2.0
#: The statuses with which Qovery may refuse a version that does not exist, and the words of such an error in its log.
_REFUSED_VERSION = {400, 404, 422}
_NO_VERSION = re.compile("version|not found", re.IGNORECASE)
_MAY_CONTINUE = "The deployment may continue: open the service's deployments in the Qovery console."


@dataclass(frozen=True, kw_only=True)
class _Accepted:
    """What there is once Qovery has accepted the request."""

    follower: Follower
    log: DeploymentLog


class RequestRun:
    """Requests, follows and reports one deployment; `reports` is complete at any moment.

    `is_only` says that the step makes no other request, so that the log needs no labels.
    """

    def __init__(
        self, services: Sequence[Service], *, inputs: Inputs, client: Client, log: Log, is_only: bool = True
    ) -> None:
        self._services = tuple(services)
        self._is_only = is_only
        self._is_announced = False
        self._inputs = inputs
        self._client = client
        self._log = log
        self._environment_id = services[0].environment_id
        self._environment: Environment | None = None
        self._environment_read = anyio.Event()
        own = OwnRequest(services=frozenset(service.id for service in services), asked=inputs.asked)
        self._narrator = Narrator(log)
        self._observer = Observer(client, environment_id=self._environment_id, own=own, on_denial=self._report_denial)
        self._denied: set[str] = set()
        self._requester = Requester(self._observer, asked=inputs.asked, post=self._post, say=self._narrator.say)
        self._accepted: _Accepted | None = None
        self._verdicts: dict[str, Verdict] = {}
        self._links: dict[str, str] = {}
        self._logs: dict[str, tuple[str, ...]] = {}

    async def carry_out(self) -> None:
        """Deploy to a verdict, whatever Qovery answers, and even if this action has a defect."""
        try:
            await self._deploy()
        except QoveryError as error:
            self._conclude(self._verdict_of(error))
        except Exception as error:  # noqa: BLE001 - a defect of this action ends this run alone
            self._log.quote(traceback.format_exception(unwrapped(error)))
            self._conclude(self._verdict_of(DefectError(error)))

    def hurry(self) -> None:
        """Give a request on its way a few seconds to be answered, and do not retry calls."""
        self._client.transport.is_hurried = True
        self._requester.hurry(seconds=_INTERRUPTED_WITHIN)

    async def abort(self, *, within: float) -> None:
        """Conclude within so many seconds, and cancel the deployment if the inputs ask for that."""
        if self._accepted and not self._is_concluded:
            self._accepted.follower.judge()
            if self._accepted.follower.judgement.standing.is_final:
                self._conclude()
        if self._is_concluded:
            return
        interrupted = Verdict(outcome=Outcome.INTERRUPTED, reason="The job was canceled before the deployment ended.")
        if not self._may_have_requested:
            self._conclude(NEVER_REQUESTED)
        elif not self._inputs.cancel_on_interrupt:
            self._conclude(interrupted.and_then("The deployment continues (`cancel_on_interrupt` is false)."))
        else:
            self._conclude(interrupted.and_then("The step ended before Qovery confirmed the cancellation."))
            await self._cancel_and_conclude(interrupted, within=within)

    @property
    def reports(self) -> Mapping[str, Report]:
        """The report on each service, by its id."""
        return {target.service.id: self._report(target) for target in self._targets}

    async def _deploy(self) -> None:
        if self._inputs.dry_run:
            await self._try_calls()
            return
        async with anyio.create_task_group() as group:
            group.start_soon(self._find_environment)
            error = await self._request()
        if error:
            raise error
        if self._accepted is None:
            self._conclude(self._never_accepted())
            return
        if not self._inputs.wait:
            await self._find_links()
            reason = "Qovery accepted the request. The step did not wait for the deployment (`wait` is false)."
            self._conclude(Verdict(outcome=Outcome.REQUESTED, reason=reason))
            return
        await self._follow(self._accepted)

    async def _try_calls(self) -> None:
        """Deploy nothing, and say which of the reading calls the token may not make."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._find_environment)
            group.start_soon(self._find_links)
            await self._observer.try_calls()
            for execution in self._observer.past[:1]:
                await self._try_log(execution.id)
        verdict = Verdict(
            outcome=Outcome.UNCHANGED,
            reason=f"Dry run: nothing was deployed. The step would deploy {self._inputs.asked.of(self._label)}.",
        )
        denied = ", ".join(f"`{call}`" for call in sorted(self._denied))
        self._conclude(
            verdict.and_then(f"Qovery does not allow the token to make these calls: {denied}.") if denied else verdict
        )

    async def _try_log(self, execution_id: str) -> None:
        try:
            await self._client.logs(self._environment_id, execution_id=execution_id)
        except QoveryError as error:
            self._report_unread("the deployment log", error)

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
        self._announce()
        observer, narrator = self._observer, self._narrator
        own = observer.record.own
        if own.is_joined:
            narrator.say(f"Following the deployment of an earlier attempt of this job: {own.id or own.execution_id}")
        else:
            narrator.say(f"Request{f' {own.id}' if own.id else ''} accepted")
        narrator.expect(usual_duration(observer.past, services=own.services))
        self._accepted = _Accepted(
            follower=Follower(
                observer,
                inputs=self._inputs,
                budget=self._client.transport.budget,
                narrator=narrator,
                pushes=Pushes(self._client, service_id=self._services[0].id),
            ),
            log=DeploymentLog(
                self._client,
                self._log,
                environment_id=self._environment_id,
                service_ids=own.services,
            ),
        )

    async def _post(self) -> str | None:
        with anyio.move_on_after(_ENVIRONMENT_WITHIN):
            await self._environment_read.wait()
        self._announce()
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
            await self._cancel_and_conclude(overdue, within=_TIMED_OUT_WITHIN)
        else:
            self._conclude(overdue)
        if overdue is None and not accepted.follower.has_statuses:
            # A verdict on a service that ran nothing needs its state; a report on any other shows its steps.
            await self._observer.observe({Source.STATUSES})
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
        """Add to each verdict that is not green what Qovery logged of the execution."""
        red = [service for service, verdict in self._verdicts.items() if not verdict.outcome.is_green]
        execution_id = accepted.follower.execution_id
        if not red or self._inputs.logs == "none" or execution_id is None:
            return
        failures = await accepted.log.failures(execution_id, service_ids=red)
        for service_id, failure in failures.items():
            if failure.error:
                advice = self._inputs.asked.quoting_hint if _NO_VERSION.search(failure.error.cause) else ""
                verdict = self._verdicts[service_id].because_of(failure.error)
                self._verdicts[service_id] = verdict.advising(advice)
            if self._inputs.logs == "failure":
                self._logs[service_id] = failure.lines

    def _conclude(self, verdict: Verdict | None = None) -> None:
        """Give every service this verdict, or the one that follows from the judgement."""
        judgement = self._accepted.follower.judgement if self._accepted else self._observer.judge()
        for service in self._services:
            self._verdicts[service.id] = verdict or judged(service.id, self._observer, judgement)

    @property
    def _is_concluded(self) -> bool:
        return bool(self._verdicts)

    @property
    def _may_have_requested(self) -> bool:
        return self._requester.is_accepted or self._requester.may_be_accepted

    def _verdict_of(self, error: ActionError) -> Verdict:
        """Return a rejection for a refusal before anything was accepted, else a loss of contact."""
        verdict = verdict_of_error(error)
        if not isinstance(error, RefusedError):
            return verdict
        if self._may_have_requested:
            reason = f"Qovery refuses to show the deployment: {error}"
            return Verdict(outcome=Outcome.LOST_CONTACT, reason=reason, hint=_MAY_CONTINUE)
        return verdict.advising(self._inputs.asked.quoting_hint) if error.status in _REFUSED_VERSION else verdict

    def _never_accepted(self) -> Verdict:
        error = self._requester.last_error or self._observer.last_error
        after = f"Qovery accepted no request within {human_duration(self._inputs.timeout)} (`timeout`)."
        is_busy = isinstance(error, ConflictError) and not self._may_have_requested
        return Verdict(
            outcome=Outcome.REJECTED if is_busy else Outcome.LOST_CONTACT,
            reason=f"{after} {error}" if error else after,
            hint=error.hint if error else "",
        )

    async def _cancel_and_conclude(self, verdict: Verdict, *, within: float) -> None:
        """Cancel, and conclude with this verdict, unless the deployment turns out to have ended before."""
        canceled = await self._cancel_safely(within=within)
        has_ended = self._accepted is not None and self._accepted.follower.judgement.standing.is_final
        self._conclude(None if has_ended else verdict.and_then(canceled))

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
            return "Qovery's answer was lost: if Qovery accepted the request, the deployment continues."
        canceller = Canceller(
            self._client, self._observer, follower=self._accepted.follower, environment_id=self._environment_id
        )
        return await canceller.cancel_within(deadline - anyio.current_time())

    async def _find_lost(self) -> None:
        """Find out whether Qovery accepted a request whose answer did not come in time."""
        while not self._requester.is_accepted:
            await self._requester.observe_lost()
            if not self._requester.is_accepted:
                await anyio.sleep(1.0)
        self._accept()

    async def _find_environment(self) -> None:
        try:
            self._environment = await self._client.environment(self._environment_id)
        except QoveryError as error:
            self._report_unread("the environment", error)
        self._environment_read.set()

    async def _find_links(self) -> None:
        for service in self._services[:_MOST_LINKS]:
            try:
                self._links[service.id] = await self._client.default_link(service.id) or ""
            except QoveryError as error:
                self._report_unread(f"the link of {service.name}", error)

    def _report_unread(self, what: str, error: QoveryError) -> None:
        if isinstance(error, DeniedError):
            self._report_denial(error)
        else:
            self._log.debug(f"Cannot read {what}: {error}")

    def _report_denial(self, error: DeniedError) -> None:
        """Log once that the token may not make a call that the step can do without; a dry run has its own words."""
        if error.call not in self._denied and not self._inputs.dry_run:
            self._narrator.say(
                f"Qovery does not allow the token to make the call {error.call} ({error.status}); continuing without it"
            )
        self._denied.add(error.call)

    @property
    def _targets(self) -> tuple[Target, ...]:
        return tuple(Target(service=service, environment=self._environment) for service in self._services)

    def _report(self, target: Target) -> Report:
        service_id = target.service.id
        verdict = self._verdicts.get(service_id) or Verdict(outcome=Outcome.INTERRUPTED, reason="The step ended early.")
        if self._accepted is None:
            report = report_before_acceptance(target, verdict, inputs=self._inputs, observer=self._observer)
        else:
            report = report_after_acceptance(
                target, verdict, inputs=self._inputs, observer=self._observer, follower=self._accepted.follower
            )
        return replace(report, log=self._logs.get(service_id, ()), service_url=self._links.get(service_id, ""))

    def _announce(self) -> None:
        """Log what is deployed and where to watch it, once."""
        if self._is_announced:
            return
        self._is_announced = True
        if not self._is_only:
            self._narrator.prefix = f"{self._label}: "
        self._narrator.say(
            f"Deploying {self._inputs.asked if self._narrator.prefix else self._inputs.asked.of(self._label)}"
        )
        address = self._targets[0].console_url
        if address:
            self._narrator.say(address)

    @property
    def _label(self) -> str:
        names = [service.name for service in self._services]
        what = ", ".join(names) if len(names) <= _MOST_NAMES else f"{len(names)} services"
        return labelled(what, self._environment.name if self._environment else "")
