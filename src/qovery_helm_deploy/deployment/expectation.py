"""What may be expected of a deployment, from those before it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING, Self

from qovery_helm_deploy.deployment.status import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qovery_helm_deploy.deployment.evidence import Execution

#: Fewer say nothing of what is usual; older ones say nothing of today, nor of what there is to expect.
_FEWEST = 3
_LATEST_USUAL, _LATEST = 10, 30
#: How far a deployment's duration strays from that of an earlier one, as the deviation of its logarithm: at least so
#: much, and more the fewer are known.
_LEAST_SPREAD = 0.03
_SPREAD_OF_ONE = 0.3
#: Where the earlier ones lie scattered, it is the way to the neighbour that is so great a part of them away.
_NEIGHBOURHOOD = 10
#: Less than a second is as good as none.
_SHORTEST = 1.0
#: So improbable that it says nothing any more.
_NEGLIGIBLE = 1e-12


def usual_duration(history: Sequence[Execution] | None) -> float | None:
    """Return the median, in seconds, of the latest deployments that worked, where there are enough of them."""
    durations = [
        known.duration for known in history or () if known.state is State.DEPLOYED and known.duration is not None
    ]
    return median(durations[:_LATEST_USUAL]) if len(durations) >= _FEWEST else None


@dataclass(frozen=True, kw_only=True)
class _Possibility:
    """A log-normal distribution with the weight that it has among others; `median` in seconds."""

    weight: float
    median: float
    spread: float

    def density(self, seconds: float) -> float:
        deviation = math.log(seconds / self.median) / self.spread
        return self.weight * math.exp(-deviation * deviation / 2) / (math.sqrt(2 * math.pi) * self.spread * seconds)

    def survival(self, seconds: float) -> float:
        return self.weight * math.erfc(math.log(seconds / self.median) / (self.spread * math.sqrt(2))) / 2


#: Of a service of which nothing is known: many are deployed in less than a minute, some take an hour.
_ANY = (_Possibility(weight=0.4, median=25, spread=1.0), _Possibility(weight=0.6, median=400, spread=1.8))


@dataclass(frozen=True)
class Expectation:
    """How long a deployment may take once it runs."""

    _possibilities: tuple[_Possibility, ...] = _ANY

    @classmethod
    def from_history(cls, history: Sequence[Execution] | None) -> Self:
        """Expect about what the earlier ones took, however they ended, and a little of anything.

        The density is estimated with a kernel of variable width (Breiman, Meisel and Purcell, "Variable kernel
        estimates of multivariate densities", Technometrics 19, 1977): narrow where durations crowd, wide where they are
        rare.
        """
        durations = [
            max(known.duration, _SHORTEST)
            for known in history or ()
            if known.duration is not None and known.state is not State.CANCELED and not known.state.is_busy
        ][:_LATEST]
        if not durations:
            return cls()
        share = 1 / (len(durations) + 1)
        known = (
            _Possibility(weight=share, median=duration, spread=_spread_around(duration, durations))
            for duration in durations
        )
        unknown = (replace(any_, weight=share * any_.weight) for any_ in _ANY)
        return cls((*known, *unknown))

    def survival(self, seconds: float) -> float:
        """Return how probable it is that the deployment takes longer."""
        return sum(possibility.survival(seconds) for possibility in self._possibilities)

    def hazard(self, seconds: float) -> float:
        """Return how probable it is, a second, that it ends now, given that it has not ended yet."""
        survival = self.survival(seconds)
        if survival < _NEGLIGIBLE:
            return 0.0
        return sum(possibility.density(seconds) for possibility in self._possibilities) / survival


def _spread_around(duration: float, durations: Sequence[float]) -> float:
    distances = sorted(abs(math.log(other / duration)) for other in durations)
    neighbour = distances[len(distances) // _NEIGHBOURHOOD]
    return max(_LEAST_SPREAD + _SPREAD_OF_ONE / len(durations), neighbour)
