"""API tokens: authorization scheme, role and rate limit."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from qovery_sandbox.ids import CI_USER, TOKEN

if TYPE_CHECKING:
    from qovery_sandbox.clock import Calendar


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What a token stands for: the user named in `triggered_by`, and whether it may do more than read."""

    value: str
    user: str = CI_USER
    scheme: Literal["Token", "Bearer"] = "Token"
    role: Literal["admin", "viewer"] = "admin"


@dataclass(kw_only=True)
class Access:
    """The tokens in force: API tokens come as `Token`, JWTs as `Bearer`, as Qovery's documentation says."""

    grants: dict[str, Grant] = field(default_factory=lambda: {TOKEN: Grant(value=TOKEN)})

    def allow(self, grant: Grant) -> None:
        self.grants[grant.value] = grant

    def revoke(self, value: str) -> None:
        self.grants.pop(value, None)

    def find(self, authorization: str | None) -> Grant | None:
        """Find the grant for an `Authorization` header; none when the token or its scheme is wrong."""
        scheme, _, value = (authorization or "").partition(" ")
        grant = self.grants.get(value)
        return grant if grant and grant.scheme == scheme else None


@dataclass(frozen=True, kw_only=True)
class RateLimit:
    """A budget of requests; Qovery's documentation says 1,000 an hour, the rest is unknown.

    window: `fixed` starts afresh every `seconds`, `sliding` counts those of the last `seconds`.
    headers: whether an answer tells how much is left, and until when.
    reset: whether `X-RateLimit-Reset` tells the seconds to go or the Unix time.
    retry_after: the form of that header in a 429, if there is one.
    """

    budget: int = 1000
    seconds: float = 3600.0
    window: Literal["fixed", "sliding"] = "fixed"
    headers: bool = True
    reset: Literal["seconds", "epoch"] = "seconds"
    retry_after: Literal["seconds", "date"] | None = None


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """Whether a call is within the budget, and the headers that tell of it."""

    is_within: bool
    headers: dict[str, str]


@dataclass(kw_only=True)
class RateLimiter:
    """Counts calls by token."""

    limit: RateLimit
    calendar: Calendar
    _spent: defaultdict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def spend(self, token: str, *, at: float, calls: int = 1) -> Allowance:
        """Take calls off the budget; `calls` beyond one are other users of the same token."""
        spent = self._spent[token]
        while spent and self._expiry(spent[0]) <= at:
            spent.popleft()
        is_within = len(spent) < self.limit.budget
        if is_within:
            spent.extend([at] * calls)
        return Allowance(is_within=is_within, headers=self._headers(spent, at=at, is_within=is_within))

    def _expiry(self, spent_at: float) -> float:
        length = self.limit.seconds
        return spent_at + length if self.limit.window == "sliding" else (spent_at // length + 1) * length

    def _headers(self, spent: deque[float], *, at: float, is_within: bool) -> dict[str, str]:
        reset_at = self._expiry(spent[0] if spent else at)
        seconds = math.ceil(reset_at - at)
        reset = seconds if self.limit.reset == "seconds" else math.ceil(self.calendar.timestamp(reset_at))
        headers: dict[str, str] = {}
        if self.limit.headers:
            headers["X-RateLimit-Limit"] = str(self.limit.budget)
            headers["X-RateLimit-Remaining"] = str(max(self.limit.budget - len(spent), 0))
            headers["X-RateLimit-Reset"] = str(reset)
        if self.limit.retry_after and not is_within:
            is_date = self.limit.retry_after == "date"
            headers["Retry-After"] = self.calendar.http_date(math.ceil(reset_at)) if is_date else str(seconds)
        return headers
