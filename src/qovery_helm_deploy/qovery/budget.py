"""How much of the token's hourly limit is left, and how fast it may be used.

Qovery allows 1,000 requests an hour for each token, whoever uses it. `X-RateLimit-Remaining` and `X-RateLimit-Reset`
show what is left. The specification does not say whether the reset is a Unix time or a number of seconds.
"""

from __future__ import annotations

import math
from collections import deque
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The limit's window.
_HOUR = 3600.0
#: The longest pause in seconds that an answer can cause: it may be wrong, and the deployment may end meanwhile.
_LONGEST_SILENCE = 120.0
#: What one long deployment may use of an hour.
_NEEDED_FOR_AN_HOUR = 250
#: Without headers, a step uses a quarter of the documented limit in an hour, less a reserve for bursts. The last
#: requests are spread over the rest of the hour, with at most these seconds between two of them.
_MOST_WITHOUT_HEADERS, _SPREAD_BELOW, _LONGEST_SPREAD = 240, 30, 90.0
#: The share of the rest of the limit that this step uses: other jobs use the token too.
_OWN_SHARE = 0.5
#: A larger number is a Unix time and not a duration.
_LEAST_MOMENT = 1e8
_MOST_MILLISECONDS = 1e11


class RateBudget:
    """Follows the limit's headers, and counts `requests`; times are seconds of the caller's monotonic clock."""

    def __init__(self) -> None:
        self.requests = 0
        self._of_last_hour: deque[float] = deque()
        self._remaining: float | None = None
        self._reset_at = 0.0
        self._blocked_until = -math.inf

    def count(self, *, now: float) -> None:
        """Count a request that is made."""
        self.requests += 1
        self._of_last_hour.append(now)

    def learn(self, headers: Mapping[str, str], *, now: float) -> None:
        remaining = _number(headers.get("x-ratelimit-remaining"))
        reset = _seconds_until(headers.get("x-ratelimit-reset"), headers)
        if remaining is not None and reset is not None:
            self._remaining, self._reset_at = remaining, now + min(reset, _HOUR)

    def block(self, seconds: float, *, now: float) -> None:
        """Pause all requests for some seconds: the limit is used up."""
        self._blocked_until = max(self._blocked_until, now + seconds)

    def pause(self, *, now: float) -> float:
        """Return the rest of the pause in seconds."""
        return max(0.0, self._blocked_until - now)

    def least_interval(self, *, now: float) -> float:
        """Return the least seconds between two requests that the rest of the limit allows, at most two minutes."""
        if self._remaining is None or not self._is_known(now=now):
            return 0.0
        to_go = self._reset_at - now
        own = self._remaining * _OWN_SHARE
        if own >= _NEEDED_FOR_AN_HOUR * to_go / _HOUR:
            return 0.0
        return min(to_go, to_go / max(own, 1.0), _LONGEST_SILENCE)

    def modest_interval(self, *, now: float) -> float:
        """Return the least seconds between two requests that keep within a quarter of the limit an hour.

        Return 0 while the headers show the limit.
        """
        while self._of_last_hour and self._of_last_hour[0] <= now - _HOUR:
            self._of_last_hour.popleft()
        left = _MOST_WITHOUT_HEADERS - len(self._of_last_hour)
        if left >= _SPREAD_BELOW or self._is_known(now=now):
            return 0.0
        return min((self._of_last_hour[0] + _HOUR - now) / max(left, 1), _LONGEST_SPREAD)

    def _is_known(self, *, now: float) -> bool:
        return self._remaining is not None and now < self._reset_at


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of `Retry-After`, at most two minutes, or None without one."""
    text = headers.get("retry-after")
    seconds = _seconds_until(text, headers)
    if seconds is None and text:
        seconds = _seconds_until_date(text, headers)
    return None if seconds is None else min(seconds, _LONGEST_SILENCE)


def until_reset(headers: Mapping[str, str]) -> float | None:
    """Return the seconds until the limit is reset, at most two minutes, or None if the headers do not show it."""
    seconds = _seconds_until(headers.get("x-ratelimit-reset"), headers)
    return None if seconds is None else min(seconds, _LONGEST_SILENCE)


def _seconds_until(text: str | None, headers: Mapping[str, str]) -> float | None:
    number = _number(text)
    if number is None or number < _LEAST_MOMENT:
        return number
    seconds = number / 1000 if number > _MOST_MILLISECONDS else number
    return max(0.0, seconds - _now(headers).timestamp())


def _seconds_until_date(text: str, headers: Mapping[str, str]) -> float | None:
    date = _date(text)
    return max(0.0, (date - _now(headers)).total_seconds()) if date else None


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _now(headers: Mapping[str, str]) -> datetime:
    """Return the server's time, so that a wrong clock of the runner does no harm; the runner's if there is none."""
    return _date(headers.get("date", "")) or datetime.now(tz=UTC)


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None
