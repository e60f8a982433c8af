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
        pytest.param({"retry-after": "0"}, 0.0, id="no time"),
        pytest.param({"retry-after": "Mon, 03 Aug 2026 12:01:00 GMT"}, 60.0, id="a date, by the server's clock"),
        pytest.param({"retry-after": "Mon, 03 Aug 2026 12:01:00 -0000"}, 60.0, id="a date without a zone"),
        pytest.param({"retry-after": "Mon, 03 Aug 2026 14:01:00 +0200"}, 60.0, id="a date in another zone"),
        pytest.param({"retry-after": "Mon, 03 Aug 2026 11:00:00 GMT"}, 0.0, id="a date gone by"),
        pytest.param({"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"}, 120.0, id="a date at the end of time"),
        pytest.param({"retry-after": "99999999"}, 120.0, id="three years"),
        pytest.param({"retry-after": str(IN_A_MINUTE)}, 60.0, id="a moment"),
        pytest.param({"retry-after": "-5"}, None, id="negative"),
        pytest.param({"retry-after": "soon"}, None, id="a word"),
        pytest.param({"retry-after": "nan"}, None, id="not a number"),
        pytest.param({"retry-after": "1e999"}, None, id="endless"),
        pytest.param({"retry-after": "Mon, 03 Aug 2026 12:01:00 +99999999999999999"}, None, id="a date in no zone"),
        pytest.param({"retry-after": ""}, None, id="nothing"),
        pytest.param({}, None, id="no header"),
        pytest.param({"retry-after": "5", "x-ratelimit-reset": "45"}, 5.0, id="the one that was made for it"),
    ],
)
def test_an_answer_tells_when_to_ask_again(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after({"date": DATE, **headers}) == seconds


def test_without_the_servers_clock_ours_has_to_do() -> None:
    assert retry_after({"retry-after": "Mon, 01 Jan 2001 00:00:00 GMT"}) == 0.0


def test_nothing_is_known_before_anything_was_told() -> None:
    assert RateBudget().least_interval(now=0.0) == 0.0
    assert RateBudget().pause(now=0.0) == 0.0


@pytest.mark.parametrize(
    ("remaining", "reset", "interval"),
    [
        pytest.param("1000", "3600", 0.0, id="plenty is left: no limit"),
        pytest.param("500", "3600", 0.0, id="half of it is enough for an hour"),
        pytest.param("100", "3600", 72.0, id="half of what is left is spread over the time to go"),
        pytest.param("100", "1800", 36.0, id="over half an hour, twice as fast"),
        pytest.param("10", "60", 0.0, id="little is enough for a minute"),
        pytest.param("0", "60", 60.0, id="nothing is left: not before the reset"),
        pytest.param("1", "60", 60.0, id="the last one is not ours alone"),
        pytest.param("0", "3600", 120.0, id="nothing is left for an hour: every two minutes, for an end may be near"),
        pytest.param("100", str((NOON + timedelta(hours=1)).timestamp()), 72.0, id="the reset as a moment"),
        pytest.param("100", str((NOON.timestamp() + 3600) * 1000), 72.0, id="the reset as a moment in milliseconds"),
        pytest.param("100", "90000000", 72.0, id="no window is longer than an hour"),
        pytest.param("many", "3600", 0.0, id="a number that is none tells nothing"),
        pytest.param("0", "soon", 0.0, id="a time that is none tells nothing"),
        pytest.param("-1", "3600", 0.0, id="less than nothing tells nothing"),
    ],
)
def test_the_pace_follows_what_is_left(remaining: str, reset: str, interval: float) -> None:
    assert budget(remaining=remaining, reset=reset).least_interval(now=100.0) == interval


def test_what_was_left_before_the_reset_does_not_matter_after_it() -> None:
    assert budget(remaining="0", reset="600").least_interval(now=700.0) == 0.0


def test_a_block_lasts_as_long_as_the_longest_asked_for() -> None:
    blocked = RateBudget()
    blocked.block(60.0, now=100.0)
    blocked.block(10.0, now=105.0)
    assert [blocked.pause(now=now) for now in (100.0, 150.0, 160.0, 1000.0)] == [60.0, 10.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("requests", "now", "interval"),
    [
        pytest.param(0, 0.0, 0.0, id="nothing was asked"),
        pytest.param(205, 1800.0, 0.0, id="plenty of a quarter is left"),
        pytest.param(215, 3000.0, 24.0, id="little of it is left: spread over what is left of the hour"),
        pytest.param(250, 1800.0, 90.0, id="nothing of it is left: an end is still seen soon"),
        pytest.param(250, 3600.0, 0.0, id="an hour later it starts afresh"),
    ],
)
def test_where_nothing_is_told_a_step_is_modest(requests: int, now: float, interval: float) -> None:
    untold = RateBudget()
    for _ in range(requests):
        untold.count(now=0.0)
    assert untold.modest_interval(now=now) == interval
    assert untold.requests == requests


def test_what_is_told_goes_before_modesty_until_its_reset() -> None:
    told = budget(remaining="1000", reset="600")
    for _ in range(250):
        told.count(now=100.0)
    assert [told.modest_interval(now=now) for now in (100.0, 699.0, 700.0)] == [0.0, 0.0, 90.0]
