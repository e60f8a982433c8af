"""How long deployments take, as they do in a cluster: drawn from distributions whose shape is known."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random


#: Deviations from a mode that it is improbable to stray.
_IMPROBABLE = 3.0


@dataclass(frozen=True, kw_only=True)
class Mode:
    """A log-normal part of a distribution; `median` in seconds, `spread` the deviation of the logarithm."""

    weight: float
    median: float
    spread: float


@dataclass(frozen=True, kw_only=True)
class Durations:
    name: str
    modes: tuple[Mode, ...]

    def draw(self, generator: random.Random) -> float:
        [mode] = generator.choices(self.modes, [mode.weight for mode in self.modes])
        return mode.median * math.exp(generator.gauss(0.0, mode.spread))

    def survival(self, seconds: float) -> float:
        if seconds <= 0.0:
            return 1.0
        return sum(
            mode.weight * math.erfc(math.log(seconds / mode.median) / (mode.spread * math.sqrt(2))) / 2
            for mode in self.modes
        )

    @property
    def longest(self) -> float:
        """As good as all deployments end before this."""
        return max(mode.median * math.exp(_IMPROBABLE * mode.spread) for mode in self.modes)


def usual(name: str, seconds: float) -> Durations:
    """Most take about the same, some fail early, some take almost twice as long."""
    return Durations(
        name=name,
        modes=(
            Mode(weight=0.9, median=seconds, spread=0.1),
            Mode(weight=0.05, median=0.3 * seconds, spread=0.3),
            Mode(weight=0.05, median=1.8 * seconds, spread=0.3),
        ),
    )
