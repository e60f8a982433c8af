"""How much of the token's hourly limit is left, and how fast it may be used.

Qovery counts 1,000 requests an hour for a token, together for everything that uses it, and tells what is left in
`X-RateLimit-Remaining` and `X-RateLimit-Reset`. Whether the latter is a moment or a number of seconds is not specified.
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
#: The most seconds for which an answer may keep this action from asking: it may be wrong, and a deployment may end.
_LONGEST_SILENCE = 120.0
#: What one long deployment may use of an hour.
_NEEDED_FOR_AN_HOUR = 250
#: Where nothing is told, a quarter of the limit that Qovery documents is what a step uses, less what comes in bursts.
#: Once little of that is left it is spread over the rest of the hour, no further apart than this: an end is worth it.
_MOST_AN_HOUR_UNTOLD, _SPREAD_BELOW, _LONGEST_UNTOLD = 240, 30, 90.0
#: Others use the token too: half of what is left is theirs.
_OURS = 0.5
#: Above this, a number is a moment (seconds since 1970) and not a duration.
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
        """Let nobody ask for some time: the limit is used up."""
        self._blocked_until = max(self._blocked_until, now + seconds)

    def pause(self, *, now: float) -> float:
        """Return the seconds for which nothing may be asked."""
        return max(0.0, self._blocked_until - now)

    def least_interval(self, *, now: float) -> float:
        """Return the seconds between two requests that what is left of the limit allows, two minutes at most."""
        if self._remaining is None or not self._is_told(now=now):
            return 0.0
        to_go = self._reset_at - now
        ours = self._remaining * _OURS
        if ours >= _NEEDED_FOR_AN_HOUR * to_go / _HOUR:
            return 0.0
        return min(to_go, to_go / max(ours, 1.0), _LONGEST_SILENCE)

    def modest_interval(self, *, now: float) -> float:
        """Return the seconds between two requests that keep an hour's within a quarter of the limit.

        Once Qovery tells its limit, that counts instead.
        """
        while self._of_last_hour and self._of_last_hour[0] <= now - _HOUR:
            self._of_last_hour.popleft()
        left = _MOST_AN_HOUR_UNTOLD - len(self._of_last_hour)
        if left >= _SPREAD_BELOW or self._is_told(now=now):
            return 0.0
        return min((self._of_last_hour[0] + _HOUR - now) / max(left, 1), _LONGEST_UNTOLD)

    def _is_told(self, *, now: float) -> bool:
        return self._remaining is not None and now < self._reset_at


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds, at most two minutes, for which an answer asks not to be asked again, where it does."""
    text = headers.get("retry-after")
    seconds = _seconds_until(text, headers)
    if seconds is None and text:
        seconds = _seconds_until_date(text, headers)
    return None if seconds is None else min(seconds, _LONGEST_SILENCE)


def until_reset(headers: Mapping[str, str]) -> float | None:
    """Return the seconds, at most two minutes, until the limit starts afresh, where an answer says so."""
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
    """Tell the time by the server's clock, so that a wrong one here does no harm; by ours where it tells none."""
    return _date(headers.get("date", "")) or datetime.now(tz=UTC)


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None
