"""Writes durations for people."""

from __future__ import annotations


def human_duration(seconds: float) -> str:
    """Write seconds as people say them: `42s`, `3m 07s`, `1h 05m`."""
    whole = round(seconds)
    if whole < 60:  # noqa: PLR2004
        return f"{whole}s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:  # noqa: PLR2004
        return f"{minutes}m {rest:02}s"
    return f"{minutes // 60}h {minutes % 60:02}m"
