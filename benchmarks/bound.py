"""The least lag that is possible: that of somebody who knows how durations are distributed, but not the next one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.durations import Durations

_STEPS = 4000
_NEGLIGIBLE = 1e-6


def least_mean_lag(durations: Durations, *, looks: float) -> float:
    """Return the least expected lag, in seconds, of so many expected looks at one deployment.

    With the density of looks √(f / 2pS), f being the density of the ends and S the probability of taking longer, the
    expected looks are ∫√(fS / 2p) and the expected lag is ∫f / 2n; eliminating the price p gives (∫√(fS))² / 2·looks.
    """
    first = min(mode.median * math.exp(-5 * mode.spread) for mode in durations.modes)
    last = max(mode.median * math.exp(5 * mode.spread) for mode in durations.modes)
    growth = (last / first) ** (1 / _STEPS)
    integral, at = 0.0, first
    for _ in range(_STEPS):
        survival = durations.survival(at)
        if survival < _NEGLIGIBLE:
            break
        integral += math.sqrt(durations.density(at) * survival) * at * (growth - 1)
        at *= growth
    return integral**2 / (2 * looks)
