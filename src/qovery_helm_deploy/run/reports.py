"""Builds the verdict and the report on one service from the observations."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from qovery_helm_deploy.deployment.report import Report
from qovery_helm_deploy.deployment.standing import Standing
from qovery_helm_deploy.deployment.verdict import Other, Outcome, Verdict, verdict_of

if TYPE_CHECKING:
    from qovery_helm_deploy.deployment.judgement import Judgement
    from qovery_helm_deploy.deployment.record import Record
    from qovery_helm_deploy.deployment.status import State
    from qovery_helm_deploy.inputs import Inputs
    from qovery_helm_deploy.run.following import Follower
    from qovery_helm_deploy.run.observer import Observer
    from qovery_helm_deploy.run.targets import Target


def judged(service_id: str, observer: Observer, judgement: Judgement) -> Verdict:
    """Return the verdict on one service from a final judgement."""
    status, execution = observer.status_of(service_id), judgement.executions[-1:]
    return verdict_of(
        judgement,
        service_id=service_id,
        state=status.state if status else None,
        is_of_execution=bool(status and execution and status.execution_id == execution[0].id),
        other=_other(observer.record),
    )


def report_before_acceptance(target: Target, verdict: Verdict, *, inputs: Inputs, observer: Observer) -> Report:
    """Return the report on a service whose deployment Qovery has not accepted.

    Only a dry run reports the service's state: otherwise it would be that of an earlier deployment.
    """
    status = observer.status_of(target.service.id) if inputs.dry_run else None
    return Report(
        service_id=target.service.id,
        asked=inputs.asked,
        verdict=verdict,
        name=target.service.name,
        environment=target.environment.name if target.environment else "",
        state=str(status.state) if status else "",
        service_deployment_status=(status and status.service_deployment_status) or "",
        console_url=target.console_url,
    )


def report_after_acceptance(
    target: Target, verdict: Verdict, *, inputs: Inputs, observer: Observer, follower: Follower
) -> Report:
    """Return the report on a service whose deployment Qovery accepted."""
    report = report_before_acceptance(target, verdict, inputs=inputs, observer=observer)
    judgement, request_id = follower.judgement, observer.record.own.id
    report = replace(report, request_id=request_id or judgement.request_id or "")
    if not inputs.wait:
        return report
    status, execution_id = observer.status_of(target.service.id), follower.execution_id
    is_of_execution = bool(status and execution_id and status.execution_id == execution_id)
    # Before the end, the statuses may be those of an earlier deployment.
    is_latest = is_of_execution or judgement.standing.is_final
    has_run = verdict.outcome is not Outcome.SKIPPED
    return replace(
        report,
        state=_state(target.service.id, status.state if status and is_latest else None, follower),
        service_deployment_status=(status and is_latest and status.service_deployment_status) or "",
        execution_id=execution_id or "",
        duration=_duration(status.total_duration if status and is_of_execution else None, follower)
        if has_run
        else None,
        steps=status.steps if status and is_of_execution else (),
        phases=follower.phases if has_run else (),
        deployed=judgement.services.get(target.service.id) if judgement.execution else None,
    )


def _state(service_id: str, latest: State | None, follower: Follower) -> str:
    """Return the service's state in the execution, else its latest state, else the state of the request."""
    judgement = follower.judgement
    if judgement.standing in {Standing.ENDED, Standing.RUNNING}:
        result = judgement.services.get(service_id)
        latest = result.state if result else None
    return str(latest or follower.state or "")


def _duration(in_status: float | None, follower: Follower) -> float:
    """Return the seconds that Qovery reports for the execution, else the seconds since the acceptance."""
    execution = follower.judgement.execution
    if in_status is not None:
        return in_status
    if execution and execution.is_over and execution.duration is not None:
        return execution.duration
    return round(follower.elapsed, 1)


def _other(record: Record) -> Other | None:
    """Return the request that is queued instead, or the execution that began since our request left the queue."""
    own, left = record.own.services, record.own_observed.left
    for seen in record.requests.values():
        if own & seen.request.services and not seen.is_older and seen.is_waiting:
            return Other(id=seen.request.id, by=seen.request.by, is_queued=True)
    begun = [
        seen.execution
        for seen in record.executions.values()
        if seen.is_new is not False and seen.began.until >= left.since
    ]
    known = next((each for each in reversed(begun) if own & set(each.services)), None)
    return Other(id=known.id, by=known.by) if known else None
