"""The budget of requests that a token has."""

from __future__ import annotations

import pytest
import trio

from qovery_sandbox import TOKEN, RateLimit
from tests.sandbox.stage import Stage, play

PREFIX = "x-ratelimit-"


@pytest.mark.parametrize(
    ("limit", "first", "last"),
    [
        pytest.param(RateLimit(), ["1000", "999", "3600"], ["1000", "998", "1800"], id="Qovery's, by the hour"),
        pytest.param(
            RateLimit(window="sliding"), ["1000", "999", "3600"], ["1000", "998", "1800"], id="over the last hour"
        ),
        pytest.param(
            RateLimit(budget=9, seconds=60), ["9", "8", "60"], ["9", "8", "60"], id="by the minute, so that it is new"
        ),
        pytest.param(
            RateLimit(reset="epoch"), ["1000", "999", "1785762000"], ["1000", "998", "1785762000"], id="as Unix time"
        ),
    ],
)
def test_each_answer_tells_what_is_left(limit: RateLimit, first: list[str], last: list[str]) -> None:
    """Told by the first call, and by another one half an hour later."""

    async def story(stage: Stage) -> list[list[str]]:
        told = []
        for _ in range(2):
            headers = (await stage.client.get("/organization")).headers
            told.append([headers[f"{PREFIX}{name}"] for name in ("limit", "remaining", "reset")])
            await trio.sleep(1800)
        return told

    assert play(story, rate_limit=limit) == [first, last]


@pytest.mark.parametrize(
    ("limit", "codes"),
    [
        pytest.param(RateLimit(budget=2, seconds=10), [200, 200, 429, 200, 200, 429], id="fixed window"),
        pytest.param(
            RateLimit(budget=2, seconds=10, window="sliding"), [200, 200, 429, 429, 200, 200], id="sliding window"
        ),
    ],
)
def test_beyond_the_budget_calls_are_refused(limit: RateLimit, codes: list[int]) -> None:
    """Called at 4, 7, 8, 10, 14 and 17 seconds."""

    async def story(stage: Stage) -> list[int]:
        seen = []
        for at in (4, 7, 8, 10, 14, 17):
            await trio.sleep(at - stage.world.now)
            seen.append((await stage.client.get("/organization")).status_code)
        return seen

    assert play(story, rate_limit=limit) == codes


@pytest.mark.parametrize(
    ("limit", "header"),
    [
        pytest.param(RateLimit(), None, id="without it"),
        pytest.param(RateLimit(retry_after="seconds"), "3600", id="in seconds"),
        pytest.param(RateLimit(retry_after="date"), "Mon, 03 Aug 2026 13:00:00 GMT", id="as a date"),
    ],
)
def test_a_refusal_may_tell_when_to_come_back(limit: RateLimit, header: str | None) -> None:
    async def story(stage: Stage) -> None:
        stage.world.rate_limiter.spend(TOKEN, at=stage.world.now, calls=1000)
        response = await stage.client.get("/organization")
        assert (response.status_code, response.json()["status"]) == (429, 429)
        assert response.headers.get("retry-after") == header
        assert response.headers[f"{PREFIX}remaining"] == "0"

    play(story, rate_limit=limit)
