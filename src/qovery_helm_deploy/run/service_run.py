"""One service's deployment, from the first look at it to its report."""

from __future__ import annotations

import contextlib
import traceback
from typing import TYPE_CHECKING

import anyio

from qovery_helm_deploy.deployment.claim import Claim
from qovery_helm_deploy.deployment.expectation import usual_duration
from qovery_helm_deploy.deployment.report import Report
from qovery_helm_deploy.deployment.service import misfit
from qovery_helm_deploy.deployment.verdict import Outcome, Verdict
from qovery_helm_deploy.errors import ActionError, ConflictError, DefectError, QoveryError, RefusedError
from qovery_helm_deploy.run.cancelling import Cancelling
from qovery_helm_deploy.run.deployment_log import DeploymentLog
from qovery_helm_deploy.run.following import Follower
from qovery_helm_deploy.run.narration import Log, Narrator
from qovery_helm_deploy.run.requesting import Requester

if TYPE_CHECKING:
    from qovery_helm_deploy.deployment.service import Service
    from qovery_helm_deploy.deployment.status import State
    from qovery_helm_deploy.inputs import Inputs
    from qovery_helm_deploy.qovery.client import Client
    from qovery_helm_deploy.run.preparing import Subject, Subjects
    from qovery_helm_deploy.run.statuses import Statuses

#: Seconds that an interruption leaves to a request on its way, and that a time-out leaves to canceling.
_INTERRUPTED_WITHIN = 2.5
_TIMED_OUT_WITHIN = 15.0


class ServiceRun:
    """Checks, requests and follows; `report` tells at any moment what is known."""

    def __init__(
        self, service_id: str, *, inputs: Inputs, client: Client, subjects: Subjects, statuses: Statuses, log: Log
    ) -> None:
        self._id = service_id
        self._subjects = subjects
        self._statuses = statuses
        self._inputs = inputs
        self._client = client
        self._log = log
        self._narrator = Narrator(log, label=service_id)
        self._subject: Subject | None = None
        self._deployment_log: DeploymentLog | None = None
        self._requester: Requester | None = None
        self._follower: Follower | None = None
        self._verdict: Verdict | None = None
        self._service_url = ""

    async def carry_out(self) -> None:
        """Deploy, and come to a verdict whatever Qovery answers, and whatever is wrong with this action."""
        try:
            verdict = await self._deploy()
        except QoveryError as error:
            verdict = self._verdict_of(error)
        except Exception as error:  # noqa: BLE001 - a defect of ours; the other services go on, and what is known is told
            self._log.quote(traceback.format_exception(error))
            verdict = self._verdict_of(DefectError(error))
        if verdict.outcome is Outcome.TIMED_OUT and self._inputs.cancel_on_timeout:
            verdict = verdict.and_then(await self._cancel(within=_TIMED_OUT_WITHIN))
        self._verdict = verdict
        if not verdict.outcome.is_green:
            await self._explain(verdict)
        if self._may_have_requested:
            self._service_url = await self._find_link()

    async def _explain(self, verdict: Verdict) -> None:
        """Add to a verdict what Qovery's log tells of the execution that is ours."""
        execution_id = self._follower.claim.execution_id if self._follower else None
        if self._inputs.logs == "none" or self._deployment_log is None or execution_id is None:
            return
        entry = await self._deployment_log.show_failure(execution_id)
        self._verdict = verdict.because_of(entry) if entry else verdict

    def hurry(self) -> None:
        """Leave a request that is on its way little time to be answered, and wait for nothing else."""
        self._client.transport.is_hurried = True
        if self._requester:
            self._requester.hurry(seconds=_INTERRUPTED_WITHIN)

    async def abort(self, *, within: float) -> None:
        """Come to a verdict in so many seconds, and cancel the deployment where that is asked for and possible."""
        if self._verdict:
            return
        interrupted = Verdict(outcome=Outcome.INTERRUPTED, reason="The job was canceled before the deployment ended.")
        if not self._may_have_requested:
            self._verdict = interrupted.and_then("Nothing had been requested from Qovery.")
        elif not self._inputs.cancel_on_interrupt:
            self._verdict = interrupted.and_then("It goes on at Qovery (`cancel_on_interrupt` is false).")
        else:
            self._verdict = interrupted.and_then("Whether it could be canceled is not known.")
            self._verdict = interrupted.and_then(await self._cancel(within=within))

    @property
    def report(self) -> Report:
        subject, follower = self._subject, self._follower
        status = follower.status if follower else None
        steps = status.steps if status and follower and follower.claim.has_on_it(status) else ()
        return Report(
            service_id=self._id,
            asked=self._inputs.asked,
            verdict=self._verdict or Verdict(outcome=Outcome.INTERRUPTED, reason="The step ended early."),
            name=subject.service.name if subject else "",
            environment=subject.environment.name if subject and subject.environment else "",
            request_id=self._request_id or "",
            state=str(self._state or ""),
            service_deployment_status=(status and status.service_deployment_status) or "",
            execution_id=(follower and follower.claim.execution_id) or "",
            duration=follower.duration if follower and self._inputs.wait else None,
            steps=steps,
            phases=follower.phases if follower else (),
            deployed=follower.deployed if follower else None,
            service_url=self._service_url,
            console_url=subject.console_url if subject else "",
        )

    async def _deploy(self) -> Verdict:
        self._subject = await self._subjects.find(self._id)
        self._statuses.expect(self._id, environment_id=self._subject.service.environment_id)
        self._narrator.label = self._subject.label
        self._deployment_log = DeploymentLog(self._client, self._log, subject=self._subject)
        if self._subject.service.is_deployed_on_push:
            self._log.warn(
                f"{self._subject.label}: auto-deploy is on in Qovery, so that a push deploys this service as well as"
                " this job does. Switch it off there, or do without this job.",
                title="Deployed twice",
            )
        problem = misfit(self._subject.service, self._inputs.asked)
        if problem:
            return Verdict(
                outcome=Outcome.REJECTED, reason=problem, hint="Correct the step's inputs; nothing was sent."
            )
        if self._inputs.dry_run:
            reason = f"Dry run: {self._inputs.asked} would be deployed. Nothing was sent."
            return Verdict(outcome=Outcome.UNCHANGED, reason=reason)
        self._follower = await self._request(self._subject.service)
        if self._follower is None:
            return self._never_accepted()
        if not self._inputs.wait:
            return Verdict(outcome=Outcome.REQUESTED, reason="Qovery accepted the request; its end was not waited for.")
        return await self._follow(self._follower)

    async def _follow(self, follower: Follower) -> Verdict:
        if self._inputs.logs != "live" or self._deployment_log is None or self._subject is None:
            return await follower.follow()
        # Imported here: most steps show a log when all is over.
        from qovery_helm_deploy.run import live  # noqa: PLC0415

        return await live.follow(
            follower,
            self._deployment_log,
            environment=self._subject.environment,
            services=lambda: self._statuses.count,
            explain=self._log.debug,
        )

    async def _request(self, service: Service) -> Follower | None:
        """Ask for the deployment; `None` when the time ran out before Qovery accepted it."""
        asked, say = self._inputs.asked, self._narrator.say
        say(f"deploying {asked}.")
        self._requester = requester = Requester(
            self._client, self._statuses, service=service, asked=asked, joins=self._inputs.join_on_rerun, say=say
        )
        with anyio.move_on_after(self._inputs.timeout):
            await requester.request(give_up_at=anyio.current_time() + self._inputs.timeout)
        follower = self._follower_of(requester)
        if follower:
            if follower.claim.request_id:
                self._statuses.requested.add(follower.claim.request_id)
            known_id = follower.claim.known_id
            say(f"Qovery accepted the request{f' as {known_id}' if known_id else ''}.")
            self._narrator.expect(usual_duration(follower.claim.baseline.history))
        return follower

    def _follower_of(self, requester: Requester) -> Follower | None:
        if requester.accepted is None or requester.baseline is None or self._subject is None:
            return None
        claim = Claim.from_acceptance(
            asked=self._inputs.asked,
            baseline=requester.baseline,
            accepted=requester.accepted.status,
            execution_id=requester.accepted.execution_id,
        )
        return Follower(
            self._statuses,
            self._client,
            service=self._subject.service,
            claim=claim,
            inputs=self._inputs,
            narrator=self._narrator,
        )

    def _verdict_of(self, error: ActionError) -> Verdict:
        """Call a refusal before anything was accepted a rejection, and whatever comes later a loss of contact."""
        is_rejected = isinstance(error, RefusedError) and not self._may_have_requested
        outcome = Outcome.REJECTED if is_rejected else Outcome.LOST_CONTACT
        return Verdict(outcome=outcome, reason=str(error), hint=error.hint)

    def _never_accepted(self) -> Verdict:
        error = (self._requester.last_error if self._requester else None) or self._client.transport.last_error
        after = f"Qovery accepted no request within {self._inputs.timeout:.0f} s (`timeout`)."
        is_busy = isinstance(error, ConflictError) and not self._may_have_requested
        return Verdict(
            outcome=Outcome.REJECTED if is_busy else Outcome.LOST_CONTACT,
            reason=f"{after} {error}" if error else after,
            hint=error.hint if error else "",
        )

    async def _cancel(self, *, within: float) -> str:
        deadline = anyio.current_time() + within
        if self._requester and not self._follower:
            with anyio.move_on_after(within):
                self._follower = await self._find_lost(self._requester)
        if self._follower is None or self._subject is None:
            return "Nothing shows whether Qovery accepted the request; if it did, the deployment goes on."
        environment_id = self._subject.service.environment_id
        cancelling = Cancelling(self._client, self._statuses, follower=self._follower, environment_id=environment_id)
        return await cancelling.cancel_within(deadline - anyio.current_time())

    async def _find_lost(self, requester: Requester) -> Follower | None:
        """Look once for a request whose answer did not come in time."""
        with contextlib.suppress(QoveryError):
            await requester.look_for_traces()
        return self._follower_of(requester)

    async def _find_link(self) -> str:
        try:
            return await self._client.default_link(self._id) or ""
        except QoveryError:
            return ""

    @property
    def _may_have_requested(self) -> bool:
        return self._requester is not None and (self._requester.accepted is not None or self._requester.may_be_accepted)

    @property
    def _request_id(self) -> str | None:
        return self._follower.claim.known_id if self._follower else None

    @property
    def _state(self) -> State | None:
        if self._follower and self._follower.judgement:
            return self._follower.judgement.state
        accepted = self._requester.accepted if self._requester else None
        return accepted.status.state if accepted and accepted.status else None
