"""Simulated time: scheduled events, and the dates and durations in responses."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

EPOCH = datetime(2026, 8, 3, 12, 0, tzinfo=UTC)


@dataclass(frozen=True, order=True)
class _Event:
    at: float
    number: int
    action: Callable[[], object] = field(compare=False)


class Timeline:
    """A simulated clock with scheduled actions.

    `clock` returns monotonic seconds from 0. There is no background task: overdue actions run, in order, when somebody
    reads `now`.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._now = 0.0
        self._events: list[_Event] = []
        self._count = 0
        self._is_advancing = False

    @property
    def now(self) -> float:
        """The seconds since the start. During a scheduled action, the time for which it was scheduled."""
        if not self._is_advancing:
            self._is_advancing = True
            try:
                self._advance(self._clock())
            finally:
                self._is_advancing = False
        return self._now

    def at(self, seconds: float, action: Callable[[], object]) -> None:
        """Schedule an action for a time. An action in the past runs at the next reading of `now`."""
        self._count += 1
        heapq.heappush(self._events, _Event(seconds, self._count, action))

    def _advance(self, target: float) -> None:
        while self._events and self._events[0].at <= target:
            event = heapq.heappop(self._events)
            self._now = max(self._now, event.at)
            event.action()
        self._now = max(self._now, target)


@dataclass(frozen=True)
class Calendar:
    """Converts simulated seconds to dates. `epoch` is the date at 0."""

    epoch: datetime = EPOCH

    def timestamp(self, at: float) -> float:
        """Return a Unix time."""
        return self.epoch.timestamp() + at

    def date(self, at: float) -> str:
        """Return an ISO 8601 date with milliseconds."""
        moment = (self.epoch + timedelta(seconds=at)).astimezone(UTC)
        return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"

    def http_date(self, at: float) -> str:
        """Return a date in the form of HTTP headers."""
        moment = (self.epoch + timedelta(seconds=at)).astimezone(UTC)
        return format_datetime(moment.replace(microsecond=0), usegmt=True)


def iso_duration(seconds: float) -> str:
    """Return an ISO 8601 duration as Java formats it, such as `PT1H2M3.5S`."""
    minutes, rest = divmod(round(seconds, 3), 60)
    hours, minutes = divmod(int(minutes), 60)
    parts = [
        f"{hours}H" if hours else "",
        f"{minutes}M" if minutes else "",
        f"{rest:.3f}".rstrip("0").rstrip(".") + "S",
    ]
    return "PT" + "".join(parts)
