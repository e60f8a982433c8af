"""Time that moves only when somebody looks: scheduled events happen, in order, before the next look."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, order=True)
class _Event:
    at: float
    number: int
    happen: Callable[[], object] = field(compare=False)


class Timeline:
    """Holds what is scheduled; `clock` tells the time, which begins at 0 and never goes back."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._now = 0.0
        self._events: list[_Event] = []
        self._count = 0
        self._is_moving = False

    @property
    def now(self) -> float:
        """What the clock tells; while an event happens, the time it was scheduled for."""
        if not self._is_moving:
            self._is_moving = True
            try:
                self._move(self._clock())
            finally:
                self._is_moving = False
        return self._now

    def at(self, seconds: float, happen: Callable[[], object]) -> None:
        """Schedule for a time of this world; what is past happens at the next look."""
        self._count += 1
        heapq.heappush(self._events, _Event(seconds, self._count, happen))

    def _move(self, target: float) -> None:
        while self._events and self._events[0].at <= target:
            event = heapq.heappop(self._events)
            self._now = max(self._now, event.at)
            event.happen()
        self._now = max(self._now, target)
