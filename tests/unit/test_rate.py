from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from qovery_helm_deploy.qovery.budget import RateBudget, retry_after

NOON = datetime(2026, 8, 3, 12, tzinfo=UTC)
DATE = "Mon, 03 Aug 2026 12:00:00 GMT"
IN_A_MINUTE = NOON.timestamp() + 60


def budget(*, remaining: str, reset: str, date: str = DATE) -> RateBudget:
    learned = RateBudget()
    learned.learn({"x-ratelimit-remaining": remaining, "x-ratelimit-reset": reset, "date": date}, now=100.0)
    return learned


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        pytest.param({"retry-after": "30"}, 30.0, id="seconds"),
        pytest.param({"retry-after": "0"}, 0.0, id="zero"),
        pytest.param({"retry-after": "Mon, 03 Aug 2026 12:01:00 GMT"}, 60.0, id="date by the server's clock"),
        pytest.param({"retry-after": "Mon, 03 Aug 2026 12:01:00 -0000"}, 60.0, id="date without a zone"),
        pytest.param({"retry-after": "Mon, 03 Aug 2026 14:01:00 +0200"}, 60.0, id="date in another zone"),
        pytest.param({"retry-after": "Mon, 03 Aug 2026 11:00:00 GMT"}, 0.0, id="past date"),
        pytest.param({"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"}, 120.0, id="very late date"),
        pytest.param({"retry-after": "99999999"}, 120.0, id="three years, capped"),
        pytest.param({"retry-after": str(IN_A_MINUTE)}, 60.0, id="Unix time"),
        pytest.param({"retry-after": "-5"}, None, id="negative"),
        pytest.param({"retry-after": "soon"}, None, id="word"),
        pytest.param({"retry-after": "nan"}, None, id="not a number"),
        pytest.param({"retry-after": "1e999"}, None, id="infinite"),
        pytest.param(
            {"retry-after": "Mon, 03 Aug 2026 12:01:00 +99999999999999999"}, None, id="date with an invalid zone"
        ),
        pytest.param({"retry-after": ""}, None, id="empty"),
        pytest.param({}, None, id="no header"),
        pytest.param({"retry-after": "5", "x-ratelimit-reset": "45"}, 5.0, id="retry-after before the reset"),
    ],
)
def test_reads_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after({"date": DATE, **headers}) == seconds


def test_uses_local_clock_without_a_date() -> None:
    assert retry_after({"retry-after": "Mon, 01 Jan 2001 00:00:00 GMT"}) == 0.0


def test_no_pause_before_the_first_answer() -> None:
    assert RateBudget().least_interval(now=0.0) == 0.0
    assert RateBudget().pause(now=0.0) == 0.0


@pytest.mark.parametrize(
    ("remaining", "reset", "interval"),
    [
        pytest.param("1000", "3600", 0.0, id="plenty remains"),
        pytest.param("500", "3600", 0.0, id="half remains"),
        pytest.param("100", "3600", 72.0, id="a tenth remains for an hour"),
        pytest.param("100", "1800", 36.0, id="a tenth remains for half an hour"),
        pytest.param("10", "60", 0.0, id="few remain for a minute"),
        pytest.param("0", "60", 60.0, id="none remains"),
        pytest.param("1", "60", 60.0, id="one remains"),
        pytest.param("0", "3600", 120.0, id="none remains for an hour"),
        pytest.param("100", str((NOON + timedelta(hours=1)).timestamp()), 72.0, id="reset as Unix time"),
        pytest.param("100", str((NOON.timestamp() + 3600) * 1000), 72.0, id="reset in milliseconds"),
        pytest.param("100", "90000000", 72.0, id="reset too far away"),
        pytest.param("many", "3600", 0.0, id="remaining is not a number"),
        pytest.param("0", "soon", 0.0, id="reset is not a number"),
        pytest.param("-1", "3600", 0.0, id="remaining is negative"),
    ],
)
def test_interval_follows_the_remaining_requests(remaining: str, reset: str, interval: float) -> None:
    assert budget(remaining=remaining, reset=reset).least_interval(now=100.0) == interval


def test_forgets_remaining_requests_after_the_reset() -> None:
    assert budget(remaining="0", reset="600").least_interval(now=700.0) == 0.0


def test_longest_block_counts() -> None:
    blocked = RateBudget()
    blocked.block(60.0, now=100.0)
    blocked.block(10.0, now=105.0)
    assert [blocked.pause(now=now) for now in (100.0, 150.0, 160.0, 1000.0)] == [60.0, 10.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("requests", "now", "interval"),
    [
        pytest.param(0, 0.0, 0.0, id="no requests"),
        pytest.param(205, 1800.0, 0.0, id="plenty of the quarter remains"),
        pytest.param(215, 3000.0, 24.0, id="little of the quarter remains"),
        pytest.param(250, 1800.0, 90.0, id="quarter used up"),
        pytest.param(250, 3600.0, 0.0, id="an hour later"),
    ],
)
def test_limits_requests_without_rate_limit_headers(requests: int, now: float, interval: float) -> None:
    unlimited = RateBudget()
    for _ in range(requests):
        unlimited.count(now=0.0)
    assert unlimited.modest_interval(now=now) == interval
    assert unlimited.requests == requests


def test_known_limit_counts_until_its_reset() -> None:
    limited = budget(remaining="1000", reset="600")
    for _ in range(250):
        limited.count(now=100.0)
    assert [limited.modest_interval(now=now) for now in (100.0, 699.0, 700.0)] == [0.0, 0.0, 90.0]
