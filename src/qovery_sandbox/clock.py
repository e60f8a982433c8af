"""Simulated time: scheduled events, and the dates and durations in responses."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
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


EPOCH = datetime(2026, 8, 3, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Calendar:
    """Counts dates from `epoch`, the moment at which the world's time is 0."""

    epoch: datetime = EPOCH

    def timestamp(self, at: float) -> float:
        return self.epoch.timestamp() + at

    def date(self, at: float) -> str:
        """Render as ISO 8601 with milliseconds."""
        moment = (self.epoch + timedelta(seconds=at)).astimezone(UTC)
        return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"

    def http_date(self, at: float) -> str:
        """Render as HTTP wants it in `Retry-After`."""
        moment = (self.epoch + timedelta(seconds=at)).astimezone(UTC)
        return format_datetime(moment.replace(microsecond=0), usegmt=True)


def iso_duration(seconds: float) -> str:
    """Render as ISO 8601, the way Java prints a duration: hours, minutes, seconds with decimals."""
    minutes, rest = divmod(round(seconds, 3), 60)
    hours, minutes = divmod(int(minutes), 60)
    parts = [
        f"{hours}H" if hours else "",
        f"{minutes}M" if minutes else "",
        f"{rest:.3f}".rstrip("0").rstrip(".") + "S",
    ]
    return "PT" + "".join(parts)
