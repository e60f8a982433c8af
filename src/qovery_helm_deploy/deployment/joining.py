"""Which deployment an earlier attempt of a job asked for, and may be joined instead of asking again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qovery_helm_deploy.deployment.contradiction import OUR_ORIGIN, has_told_versions

if TYPE_CHECKING:
    from qovery_helm_deploy.deployment.evidence import Asked, Baseline


@dataclass(frozen=True, kw_only=True)
class Joinable:
    """A request that waits, or an execution that runs; `baseline` is how the service was without it."""

    baseline: Baseline
    request_id: str | None = None
    execution_id: str | None = None


def find_joinable(baseline: Baseline, asked: Asked) -> Joinable | None:
    """Find what came through the API and has not ended, if there is one such thing alone.

    Qovery tells neither which workflow a request came from nor, of one that waits, its versions. So this is no proof,
    and done only where the user asks for it. An execution must tell the versions asked for; a request that waits is let
    go of again should its execution tell others.
    """
    waiting = [queued for queued in baseline.queue or () if queued.by.origin == OUR_ORIGIN]
    running = [
        known
        for known in baseline.history or ()
        if not known.state.is_terminal and known.by.origin == OUR_ORIGIN and has_told_versions(known, asked)
    ]
    if len(waiting) + len(running) != 1:
        return None
    if waiting:
        others = tuple(queued for queued in baseline.queue or () if queued != waiting[0])
        status = replace(baseline.status, request_id=None)
        return Joinable(baseline=replace(baseline, queue=others, status=status), request_id=waiting[0].id)
    older = tuple(known for known in baseline.history or () if known != running[0])
    status = replace(baseline.status, execution_id=None)
    without = replace(baseline, history=older, status=status, taken_at=None)
    return Joinable(baseline=without, execution_id=running[0].id)
