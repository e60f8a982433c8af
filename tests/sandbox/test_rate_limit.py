"""The rate limit of a token."""

from __future__ import annotations

import pytest
import trio

from qovery_sandbox import TOKEN, RateLimit
from tests.sandbox.session import Sandbox, run

PREFIX = "x-ratelimit-"


@pytest.mark.parametrize(
    ("limit", "first", "last"),
    [
        pytest.param(RateLimit(), ["1000", "999", "3600"], ["1000", "998", "1800"], id="Qovery's"),
        pytest.param(
            RateLimit(window="sliding"), ["1000", "999", "3600"], ["1000", "998", "1800"], id="sliding window"
        ),
        pytest.param(RateLimit(budget=9, seconds=60), ["9", "8", "60"], ["9", "8", "60"], id="new window"),
        pytest.param(
            RateLimit(reset="epoch"), ["1000", "999", "1785762000"], ["1000", "998", "1785762000"], id="Unix time"
        ),
    ],
)
def test_headers(limit: RateLimit, first: list[str], last: list[str]) -> None:
    """The headers of a call, and of another one half an hour later."""

    async def session(sandbox: Sandbox) -> list[list[str]]:
        headers_seen = []
        for _ in range(2):
            headers = (await sandbox.client.get("/organization")).headers
            headers_seen.append([headers[f"{PREFIX}{name}"] for name in ("limit", "remaining", "reset")])
            await trio.sleep(1800)
        return headers_seen

    assert run(session, rate_limit=limit) == [first, last]


@pytest.mark.parametrize(
    ("limit", "codes"),
    [
        pytest.param(RateLimit(budget=2, seconds=10), [200, 200, 429, 200, 200, 429], id="fixed window"),
        pytest.param(
            RateLimit(budget=2, seconds=10, window="sliding"), [200, 200, 429, 429, 200, 200], id="sliding window"
        ),
    ],
)
def test_rejects_calls_over_limit(limit: RateLimit, codes: list[int]) -> None:
    """Calls at 4, 7, 8, 10, 14 and 17 seconds."""

    async def session(sandbox: Sandbox) -> list[int]:
        seen = []
        for at in (4, 7, 8, 10, 14, 17):
            await trio.sleep(at - sandbox.world.now)
            seen.append((await sandbox.client.get("/organization")).status_code)
        return seen

    assert run(session, rate_limit=limit) == codes


@pytest.mark.parametrize(
    ("limit", "header"),
    [
        pytest.param(RateLimit(), None, id="none"),
        pytest.param(RateLimit(retry_after="seconds"), "3600", id="seconds"),
        pytest.param(RateLimit(retry_after="date"), "Mon, 03 Aug 2026 13:00:00 GMT", id="date"),
    ],
)
def test_retry_after(limit: RateLimit, header: str | None) -> None:
    async def session(sandbox: Sandbox) -> None:
        sandbox.world.rate_limiter.spend(TOKEN, at=sandbox.world.now, calls=1000)
        response = await sandbox.client.get("/organization")
        assert (response.status_code, response.json()["status"]) == (429, 429)
        assert response.headers.get("retry-after") == header
        assert response.headers[f"{PREFIX}remaining"] == "0"

    run(session, rate_limit=limit)
