"""When to look next.

What is wanted is the least lag between a deployment's end and the look that sees it, for the looks that it takes. With
a density n(t) of looks, the lag of an end at t is 1/2n(t), and what is to be made small is the expected lag plus a
price for each expected look. With the hazard h(t), the probability that the deployment ends now if it has not ended
yet, the best density is n(t) = √(h(t) / 2·price): J. B. Keller, "Optimum checking schedules for systems subject to
random failure", Management Science 21 (1974). So the hour before a usual end costs little, and the end is seen at once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property

from qovery_helm_deploy.deployment.expectation import Expectation

_SHORTEST_WAITING, _LONGEST_WAITING = 2.0, 45.0
#: While ours waits for its turn, or nothing shows whose turn it is, a change is seen late by so much of what it took.
_SHARE = 0.07
_SHORTEST_RUNNING, LONGEST_RUNNING = 2.0, 60.0
#: The price of a look, in seconds of lag; more where an hour's looks would cost more than their share of the limit.
_PRICE = 0.033
_LOOKS_AN_HOUR = 225
_HOUR = 3600.0
#: Into so many steps is an interval divided where the density of looks is summed up.
_FINENESS = 16
#: What is less probable does not raise the price.
_IMPROBABLE = 0.03
#: Where it was so improbable to come, a look costs so many times as much: a deployment that hangs may do so for hours.
_BEYOND = 0.01
_PRICE_BEYOND = 4.0


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Tells the seconds until the next look; with `fixed`, always those."""

    fixed: float | None = None
    expectation: Expectation = field(default_factory=Expectation)

    def while_waiting(self, *, since_change: float) -> float:
        """For as long as it is not our execution that runs."""
        return self.fixed or min(max(_SHARE * since_change, _SHORTEST_WAITING), _LONGEST_WAITING)

    def while_running(self, *, elapsed: float) -> float:
        """Once ours has run for `elapsed` seconds."""
        if self.fixed:
            return self.fixed
        share, until = 0.0, elapsed
        while share < 1.0 and until - elapsed < LONGEST_RUNNING:
            step = max(_SHORTEST_RUNNING, until - elapsed) / _FINENESS
            until += step
            share += self._density(until, price=self._price) * step
        return max(until - elapsed, _SHORTEST_RUNNING)

    @cached_property
    def _price(self) -> float:
        looks, until = 0.0, _SHORTEST_RUNNING
        while until < _HOUR and self.expectation.at(until).survival > _IMPROBABLE:
            step = until / 20
            looks += self._density(until, price=_PRICE) * step
            until += step
        return _PRICE * max(1.0, looks / _LOOKS_AN_HOUR) ** 2

    def _density(self, at: float, *, price: float) -> float:
        survival, hazard = self.expectation.at(at)
        return math.sqrt(hazard / (2 * price * (_PRICE_BEYOND if survival < _BEYOND else 1.0)))
