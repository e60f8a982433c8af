"""How long the earlier deployments of the same services took."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from qovery_helm_deploy.deployment.status import State

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from qovery_helm_deploy.deployment.execution import Execution

#: Fewer deployments than this have no usual duration. Of more, only the latest count.
_FEWEST, _LATEST_USUAL, _LATEST = 3, 10, 20


def usual_duration(history: Sequence[Execution], *, services: Collection[str]) -> float | None:
    """Return the median, in seconds, of the latest successful deployments of these services, if there are enough."""
    durations = [duration for state, duration in _ended(history, services) if state is State.DEPLOYED]
    return median(durations[:_LATEST_USUAL]) if len(durations) >= _FEWEST else None


def past_durations(history: Sequence[Execution], *, services: Collection[str]) -> tuple[float, ...]:
    """Return the seconds that the latest deployments of these services took, without canceled ones."""
    durations = [duration for state, duration in _ended(history, services) if state is not State.CANCELED]
    return tuple(durations[:_LATEST])


def _ended(history: Sequence[Execution], services: Collection[str]) -> Iterator[tuple[State, float]]:
    """Yield the final state and the seconds of each execution that included these services.

    The duration of a single service is its own, where Qovery shows it; else it is that of the execution.
    """
    for execution in history:
        if not execution.is_over or not execution.services or not set(services) <= set(execution.services):
            continue
        results = [execution.services[service] for service in services]
        own = results[0] if len(results) == 1 else None
        state = own.state if own else execution.state
        duration = own.duration if own and own.duration is not None else execution.duration
        if duration is not None and state.is_terminal:
            yield state, duration
