"""Follows a deployment and its log at once, and receives what Qovery pushes of both."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import anyio

from qovery_helm_deploy.errors import QoveryError

if TYPE_CHECKING:
    from collections.abc import Callable

    from qovery_helm_deploy.deployment.service import Environment
    from qovery_helm_deploy.deployment.verdict import Verdict
    from qovery_helm_deploy.run.deployment_log import DeploymentLog
    from qovery_helm_deploy.run.following import Follower

#: Seconds between two checks whether the execution is identified.
_IDENTIFIED_WITHIN = 1.0


async def follow(
    follower: Follower, log: DeploymentLog, *, environment: Environment | None, explain: Callable[[str], None]
) -> Verdict | None:
    """Follow the deployment to its end and log all of Qovery's log. Raises `RefusedError` as the follower does."""
    ended: Verdict | QoveryError | None
    async with anyio.create_task_group() as group:
        group.start_soon(log.follow, lambda: follower.execution_id)
        if environment and environment.cluster_id:
            group.start_soon(partial(_listen, environment, follower=follower, log=log, explain=explain))
        try:
            ended = await follower.follow()
        except QoveryError as error:
            # Raised here, a task group would wrap it into a group.
            ended = error
        group.cancel_scope.cancel()
    if isinstance(ended, QoveryError):
        raise ended
    await log.show_news(follower.execution_id)
    return ended


async def _listen(
    environment: Environment, *, follower: Follower, log: DeploymentLog, explain: Callable[[str], None]
) -> None:
    """Receive what Qovery pushes, once the execution is identified."""
    while (execution_id := follower.execution_id) is None:  # noqa: ASYNC110 - the polls set it
        await anyio.sleep(_IDENTIFIED_WITHIN)
    async with anyio.create_task_group() as group:
        group.start_soon(log.listen, environment, execution_id)
        if follower.uses_pushes:
            group.start_soon(partial(follower.pushes.listen, environment, execution_id, explain=explain))
