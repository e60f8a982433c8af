"""How long to wait until the next poll.

Without the durations of earlier deployments, the interval is fixed. With them, polls are frequent when this deployment
is likely to end. If h(t) is the probability per second of an end at t, given that there was none before, the shortest
expected lag for a number of polls takes √(h(t) / 2·price) polls per second: J. B. Keller, "Optimum checking schedules
for systems subject to random failure", Management Science 21 (1974).
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_HOUR, _DAY = 3600.0, 86_400.0
_SHORTEST, LONGEST = 2.0, 60.0
#: While the request is queued: the interval's share of the time since the last change, and its limit in seconds.
_SHARE_QUEUED, _LONGEST_QUEUED = 0.07, 45.0
#: Without earlier durations: the interval until almost ten minutes, its growth per second after that, and its limit. An
#: hour takes 225 polls; with the other calls of a step, that is a quarter of the limit.
_UNKNOWN, _UNKNOWN_UNTIL, _GROWTH, _LONGEST_UNKNOWN = 3.0, 580.0, 0.25, 200.0
#: With earlier durations: the price of a poll in seconds of lag. It rises by this factor until no hour has more polls.
_PRICE, _DEARER, _MOST_POLLS = 0.0125, 1.25, 215
#: The deviation of a duration's logarithm from that of an earlier one: with many earlier ones, and more with only one.
_SPREAD, _SPREAD_OF_ONE = 0.06, 0.15
#: Once all but this share of the earlier durations is exceeded, another one is no more likely than any time.
_EXCEEDED = 0.05
#: An end at any other time is seen late by at most this share of the elapsed time, or these seconds.
_SHARE_RUNNING, _SHORTEST_ELSEWHERE = 0.05, 4.0
#: Into how many parts an interval is divided to sum up the polls per second.
_PARTS = 16
_SQRT_2, _SQRT_2_PI = math.sqrt(2), math.sqrt(2 * math.pi)


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Returns the seconds until the next poll: always `fixed`, if it is given.

    `durations` are the seconds that earlier deployments took.
    """

    fixed: float | None = None
    durations: Sequence[float] = ()

    def while_waiting(self, *, since_change: float) -> float:
        """Return the interval while the request is queued, so many seconds after the last change."""
        return self.fixed or min(max(_SHARE_QUEUED * since_change, _SHORTEST), _LONGEST_QUEUED)

    def while_running(self, *, elapsed: float) -> float:
        """Return the interval after the execution has run for `elapsed` seconds."""
        if self.fixed:
            return self.fixed
        if not self.durations:
            return min(_UNKNOWN + _GROWTH * max(0.0, elapsed - _UNKNOWN_UNTIL), _LONGEST_UNKNOWN)
        polls, until = 0.0, elapsed
        while polls < 1.0:
            part = max(_SHORTEST, until - elapsed) / _PARTS
            until += part
            polls += self._polls_per_second(until, price=self._price) * part
        return max(until - elapsed, _SHORTEST)

    @cached_property
    def _price(self) -> float:
        price = _PRICE
        while self._busiest_hour(price) > _MOST_POLLS:
            price *= _DEARER
        return price

    def _busiest_hour(self, price: float) -> float:
        """Return the most polls in an hour."""
        times, polls = [1.0], [0.0]
        while times[-1] < min(1.5 * max(self.durations) + _HOUR, _DAY):
            part = min(times[-1], _HOUR) / _PARTS
            times.append(times[-1] + part)
            polls.append(polls[-1] + self._polls_per_second(times[-1], price=price) * part)
        return max(sum_ - polls[bisect_left(times, time - _HOUR)] for time, sum_ in zip(times, polls, strict=True))

    def _polls_per_second(self, at: float, *, price: float) -> float:
        longest = min(max(_SHARE_RUNNING * at, _SHORTEST_ELSEWHERE), LONGEST)
        return max(self._rate(at, price=price), 1 / longest)

    def _rate(self, at: float, *, price: float) -> float:
        """Return the best polls per second if this deployment takes about as long as an earlier one."""
        spread = _SPREAD + _SPREAD_OF_ONE / len(self.durations)
        longer, ending = 0.0, 0.0
        for duration in self.durations:
            deviation = math.log(at / max(duration, 1.0)) / spread
            longer += math.erfc(deviation / _SQRT_2) / 2
            ending += math.exp(-deviation * deviation / 2) / (_SQRT_2_PI * spread * at)
        if longer < _EXCEEDED * len(self.durations):
            return 0.0
        # One more deployment may take any time.
        return min(math.sqrt(ending / (longer + 1) / (2 * price)), 1 / _SHORTEST)
