"""What may be expected of a deployment, from those before it."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from qovery_helm_deploy.deployment.status import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qovery_helm_deploy.deployment.evidence import Execution

#: Fewer say nothing of what is usual; older ones say nothing of today.
_FEWEST = 3
_LATEST = 10


def usual_duration(history: Sequence[Execution] | None) -> float | None:
    """Return the median, in seconds, of the latest deployments that worked, where there are enough of them."""
    durations = [
        known.duration for known in history or () if known.state is State.DEPLOYED and known.duration is not None
    ]
    return median(durations[:_LATEST]) if len(durations) >= _FEWEST else None
