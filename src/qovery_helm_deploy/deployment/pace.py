"""When to look next."""

from __future__ import annotations

from dataclasses import dataclass

_SHORTEST = 1.0
_LONGEST = 21.0
_SHARE = 0.05


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Tells the seconds until the next look.

    With `fixed`, always those. Else a twentieth of the time gone since the last change: what takes long is looked at
    seldom, and a deployment's end is seen late by at most a twentieth of what it took, or by a second. An hour takes
    some 240 looks, a quarter of Qovery's limit of 1,000 requests an hour.
    """

    fixed: float | None = None

    def next_interval(self, *, since_change: float) -> float:
        return self.fixed or min(max(_SHARE * since_change, _SHORTEST), _LONGEST)
