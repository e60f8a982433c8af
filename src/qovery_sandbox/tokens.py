"""API tokens: authorization scheme, role and rate limit."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from qovery_sandbox.ids import CI_USER, TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from qovery_sandbox.clock import Calendar


@dataclass(frozen=True, kw_only=True)
class ApiToken:
    """A valid token. `user` appears as `triggered_by`; a `viewer` may only read.

    `policy` makes it a policy token: it returns whether a request is allowed, which it gets as the input document of
    Qovery's policies. `unresolved` says whether it is asked about a path that names no service, environment or project,
    or whether such a request is denied at once: Qovery's documentation can be read either way.
    """

    value: str
    user: str = CI_USER
    scheme: Literal["Token", "Bearer"] = "Token"
    role: Literal["admin", "viewer"] = "admin"
    policy: Callable[[Mapping[str, Any]], object] | None = None
    unresolved: Literal["denied", "asked"] = "denied"


@dataclass(kw_only=True)
class Tokens:
    """The valid tokens by value. Qovery expects API tokens with the scheme `Token` and JWTs with `Bearer`."""

    by_value: dict[str, ApiToken] = field(default_factory=lambda: {TOKEN: ApiToken(value=TOKEN)})

    def add(self, token: ApiToken) -> None:
        self.by_value[token.value] = token

    def remove(self, value: str) -> None:
        self.by_value.pop(value, None)

    def find(self, authorization: str | None) -> ApiToken | None:
        """Return the token of an `Authorization` header, or None if the token or its scheme is wrong."""
        scheme, _, value = (authorization or "").partition(" ")
        token = self.by_value.get(value)
        return token if token and token.scheme == scheme else None


@dataclass(frozen=True, kw_only=True)
class RateLimit:
    """A limit on the requests of each token. The default is Qovery's documented one.

    budget, seconds: the number of requests, and the length of the window.
    window: a `fixed` window starts anew every `seconds`; a `sliding` one covers the last `seconds`.
    headers: whether responses have `X-RateLimit-*` headers.
    reset: whether `X-RateLimit-Reset` contains seconds or a Unix time.
    retry_after: the form of `Retry-After` in a 429 response, or None for no such header.
    """

    budget: int = 1000
    seconds: float = 3600.0
    window: Literal["fixed", "sliding"] = "fixed"
    headers: bool = True
    reset: Literal["seconds", "epoch"] = "seconds"
    retry_after: Literal["seconds", "date"] | None = None


@dataclass(frozen=True, kw_only=True)
class RateLimitResult:
    """Whether a call is within the limit, and the headers of the response."""

    is_allowed: bool
    headers: dict[str, str]


@dataclass(kw_only=True)
class RateLimiter:
    """Counts the calls of each token."""

    limit: RateLimit
    calendar: Calendar
    _spent: defaultdict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def spend(self, token: str, *, at: float, calls: int = 1) -> RateLimitResult:
        """Count a call against the limit. `calls` above 1 simulates other users of the same token."""
        spent = self._spent[token]
        while spent and self._expiry(spent[0]) <= at:
            spent.popleft()
        is_allowed = len(spent) < self.limit.budget
        if is_allowed:
            spent.extend([at] * calls)
        return RateLimitResult(is_allowed=is_allowed, headers=self._headers(spent, at=at, is_allowed=is_allowed))

    def _expiry(self, spent_at: float) -> float:
        length = self.limit.seconds
        return spent_at + length if self.limit.window == "sliding" else (spent_at // length + 1) * length

    def _headers(self, spent: deque[float], *, at: float, is_allowed: bool) -> dict[str, str]:
        reset_at = self._expiry(spent[0] if spent else at)
        seconds = math.ceil(reset_at - at)
        reset = seconds if self.limit.reset == "seconds" else math.ceil(self.calendar.timestamp(reset_at))
        headers: dict[str, str] = {}
        if self.limit.headers:
            headers["X-RateLimit-Limit"] = str(self.limit.budget)
            headers["X-RateLimit-Remaining"] = str(max(self.limit.budget - len(spent), 0))
            headers["X-RateLimit-Reset"] = str(reset)
        if self.limit.retry_after and not is_allowed:
            is_date = self.limit.retry_after == "date"
            headers["Retry-After"] = self.calendar.http_date(math.ceil(reset_at)) if is_date else str(seconds)
        return headers
