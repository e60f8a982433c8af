"""What may be expected of a deployment, from those before it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from statistics import median
from typing import TYPE_CHECKING, NamedTuple, Self

from qovery_helm_deploy.deployment.status import State

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from qovery_helm_deploy.deployment.execution import Execution

#: Fewer say nothing of what is usual; older ones say nothing of today, nor of what there is to expect.
_FEWEST = 3
_LATEST_USUAL, _LATEST = 10, 50
#: After so many deployments, one counts half of what it did.
_HALF_LIFE = 20
#: How far a deployment's duration strays from that of an earlier one, as the deviation of its logarithm: at least so
#: much, and more the fewer are known.
_LEAST_SPREAD = 0.03
_SPREAD_OF_ONE = 0.3
#: So improbable that it says nothing any more.
_NEGLIGIBLE = 1e-12
_SQRT_2, _SQRT_2_PI = math.sqrt(2), math.sqrt(2 * math.pi)
#: Less than a second is as good as none.
_SHORTEST = 1.0


def usual_duration(history: Sequence[Execution], *, services: Collection[str]) -> float | None:
    """Return the median, in seconds, of the latest successful deployments of these services, if there are enough."""
    durations = [duration for state, duration in _past(history, services) if state is State.DEPLOYED]
    return median(durations[:_LATEST_USUAL]) if len(durations) >= _FEWEST else None


def _past(history: Sequence[Execution], services: Collection[str]) -> Iterator[tuple[State, float]]:
    """Yield how the past deployments ended that included these services, and their seconds.

    The duration of a single service is its own, where Qovery shows it; else it is that of the execution.
    """
    for known in history:
        if not known.is_over or not known.services or not set(services) <= set(known.services):
            continue
        results = [known.services[service] for service in services]
        duration = results[0].duration if len(results) == 1 and results[0].duration is not None else known.duration
        if duration is not None:
            yield (results[0].state if len(results) == 1 else known.state), duration


class _Possibility(NamedTuple):
    """A log-normal distribution with the weight that it has among others; `median` in seconds."""

    weight: float
    median: float
    spread: float


class Outlook(NamedTuple):
    """What may be expected at a time: `survival`, how probable it is that the deployment takes longer.

    `hazard` is how probable it is, a second, that it ends now, given that it has not ended yet.
    """

    survival: float
    hazard: float


#: Of a service of which nothing is known: many are deployed in less than a minute, some take an hour.
_ANY = (_Possibility(weight=0.4, median=25, spread=1.0), _Possibility(weight=0.6, median=400, spread=1.8))


@dataclass(frozen=True)
class Expectation:
    """How long a deployment may take once it runs."""

    _possibilities: tuple[_Possibility, ...] = _ANY

    @classmethod
    def from_history(cls, history: Sequence[Execution], *, services: Collection[str]) -> Self:
        """Expect about what the earlier ones took, the latest above all, however they ended, and a little of anything.

        The density is estimated with a kernel of variable width (Breiman, Meisel and Purcell, "Variable kernel
        estimates of multivariate densities", Technometrics 19, 1977): narrow where durations crowd, wide where they are
        rare.
        """
        durations = [
            max(duration, _SHORTEST)
            for state, duration in _past(history, services)
            if state.is_terminal and state is not State.CANCELED
        ][:_LATEST]
        if not durations:
            return cls()
        unheard_of = 1 / (len(durations) + 1)
        weights = [0.5 ** (age / _HALF_LIFE) for age in range(len(durations))]
        share = (1 - unheard_of) / sum(weights)
        known = (
            _Possibility(weight=share * weight, median=duration, spread=_spread_around(duration, durations))
            for weight, duration in zip(weights, durations, strict=True)
        )
        unknown = (any_._replace(weight=unheard_of * any_.weight) for any_ in _ANY)
        return cls((*known, *unknown))

    def at(self, seconds: float) -> Outlook:
        """Tell what may be expected so long after the beginning."""
        logarithm, survival, density = math.log(seconds), 0.0, 0.0
        for weight, center, spread in self._by_logarithm:
            deviation = (logarithm - center) / spread
            survival += weight * math.erfc(deviation / _SQRT_2) / 2
            density += weight * math.exp(-deviation * deviation / 2) / spread
        if survival < _NEGLIGIBLE:
            return Outlook(survival=0.0, hazard=0.0)
        return Outlook(survival=survival, hazard=density / (_SQRT_2_PI * seconds * survival))

    @cached_property
    def _by_logarithm(self) -> tuple[tuple[float, float, float], ...]:
        return tuple((weight, math.log(median), spread) for weight, median, spread in self._possibilities)


def _spread_around(duration: float, durations: Sequence[float]) -> float:
    """Take the way to a near neighbour: the more are known, the more of them lie nearer."""
    distances = sorted(abs(math.log(other / duration)) for other in durations)
    neighbour = distances[math.isqrt(len(distances)) // 2]
    return max(_LEAST_SPREAD + _SPREAD_OF_ONE / len(durations), neighbour)
