"""A sandbox for one run in one situation, whose clock can be advanced."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from qovery_sandbox import Faults, World
from qovery_sandbox.server import RunningSandbox
from tests.world.comparison.run import fate_of
from tests.world.comparison.situations import Scene

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.world.comparison.run import Fate
    from tests.world.comparison.situations import Situation

# Seconds after the run; a deployment that has not ended by then never ends.
_LATER = 7200.0


class _Clock:
    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._start = time.monotonic()
        self.skipped = 0.0

    def __call__(self) -> float:
        return (time.monotonic() - self._start) * self._speed + self.skipped


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A running sandbox in a situation."""

    url: str
    situation: Situation
    _sandbox: RunningSandbox
    _clock: _Clock

    def calls(self) -> list[tuple[float, str, str]]:
        """Return each call so far: the time of the sandbox in seconds, the method and the path template."""
        return self._sandbox.do(
            lambda: [(call.at, call.method, call.path) for call in self._sandbox.world.ledger.calls]
        )

    def fate(self) -> Fate:
        """Advance the clock by two hours, and return the fate of the requested deployment."""
        return self._sandbox.do(self._settle)

    def _settle(self) -> Fate:
        self._clock.skipped += _LATER
        return fate_of(self._sandbox.world, self.situation)


@contextmanager
def staged(situation: Situation) -> Iterator[Stage]:
    clock, faults = _Clock(situation.speed), Faults()
    world = World(clock, epoch=datetime.now(UTC), dialect=situation.dialect, rate_limit=situation.rate_limit)
    situation.arrange(Scene(world=world, faults=faults))
    sandbox = RunningSandbox(world, faults=faults)
    with sandbox as url:
        yield Stage(url=url, situation=situation, _sandbox=sandbox, _clock=clock)
