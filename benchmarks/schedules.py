"""What lag is to be expected of when somebody looks: integrated over how long deployments take, not drawn."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from statistics import mean
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.durations import Durations

_STEPS = 32
#: Enough to tell thousandths of a second.
_HALVINGS = 20


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """When a deployment is looked at that goes on and on, in seconds since it began; one that ends is so until then."""

    looks: tuple[float, ...]

    def mean_looks(self, durations: Durations) -> float:
        """Return the expected number of looks, the one that sees the end among them."""
        return 1.0 + sum(durations.survival(at) for at in self.looks[:-1])

    def mean_lag(self, durations: Durations) -> float:
        """Return the expected seconds from the end to the look that sees it."""
        return sum(_mean_lag_between(durations, *both) for both in pairwise((0.0, *self.looks)))

    def share_within(self, lag: float, durations: Durations) -> float:
        """Return how probable it is that the end is seen within so many seconds."""
        intervals = pairwise((0.0, *self.looks))
        return sum(durations.survival(max(first, last - lag)) - durations.survival(last) for first, last in intervals)


def lag_of_share(schedules: Sequence[Schedule], durations: Durations, *, share: float) -> float:
    """Return the seconds within which such a share of the ends is seen, whichever of the schedules is followed."""
    least, most = 0.0, max(last - first for each in schedules for first, last in pairwise((0.0, *each.looks)))
    for _ in range(_HALVINGS):
        middle = (least + most) / 2
        is_less = mean(each.share_within(middle, durations) for each in schedules) < share
        least, most = (middle, most) if is_less else (least, middle)
    return most


def _mean_lag_between(durations: Durations, first: float, last: float) -> float:
    """Integrate (last - t) · f(t), which is S(first) - S(t), f being the density of the ends and S its survival."""
    step = (last - first) / _STEPS
    before = durations.survival(first)
    return sum(before - durations.survival(first + (number + 0.5) * step) for number in range(_STEPS)) * step
