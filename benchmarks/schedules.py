"""The lag of a schedule of polls: integrated over the durations of deployments, not drawn."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from statistics import mean
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.durations import Durations

#: Enough for thousandths of a second.
_HALVINGS = 20


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """When a deployment that never ends is polled, in seconds since it began."""

    polls: tuple[float, ...]

    def share_within(self, lag: float, durations: Durations) -> float:
        """Return the probability that the end is seen within so many seconds."""
        intervals = pairwise((0.0, *self.polls))
        return sum(durations.survival(max(first, last - lag)) - durations.survival(last) for first, last in intervals)


def lag_of_share(schedules: Sequence[Schedule], durations: Durations, *, share: float) -> float:
    """Return the seconds within which such a share of the ends is seen, whichever of the schedules is followed."""
    least, most = 0.0, max(last - first for each in schedules for first, last in pairwise((0.0, *each.polls)))
    for _ in range(_HALVINGS):
        middle = (least + most) / 2
        is_less = mean(each.share_within(middle, durations) for each in schedules) < share
        least, most = (middle, most) if is_less else (least, middle)
    return most
