"""World seconds as the dates and durations that Qovery's answers carry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

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
