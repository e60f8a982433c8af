from __future__ import annotations

import base64
import json
import math
import socket
import ssl
from typing import TYPE_CHECKING

import anyio
import httpx
import pytest

from qovery_helm_deploy.errors import (
    NoAnswerError,
    NotFoundError,
    RateLimitedError,
    RedirectedError,
    RefusedError,
    UnreachableError,
)
from qovery_helm_deploy.qovery.transport import authorization
from qovery_sandbox import HELM_ID, When
from qovery_sandbox.faults import Late
from tests.unit.scripted import TOKEN, Reply, talk, talk_to_sandbox

if TYPE_CHECKING:
    from qovery_helm_deploy.qovery.client import Client

FINE = Reply()
DOWN = Reply(status=503)
DATE = {"date": "Mon, 03 Aug 2026 12:00:00 GMT"}


def encoded(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


JWT = f"{encoded(json.dumps({'alg': 'RS256'}).encode())}.{encoded(b'{}')}.c2ln"


def nothing(_answer: object) -> None:
    """Read any answer."""


async def read(client: Client, *, seconds: float = math.inf) -> None:
    await client.transport.read("/some/path", nothing, seconds=seconds)


async def read_for_a_minute(client: Client) -> None:
    await read(client, seconds=60.0)


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        pytest.param(JWT, ("Bearer", "JWT"), id="a JWT"),
        pytest.param("qov_AbCdEf0123456789", ("Token", "API token"), id="an API token"),
        pytest.param("sk-qov-01-AbCdEf", ("Token", "policy token"), id="a policy token"),
        pytest.param("qov_AbC.def.ghi", ("Token", "API token"), id="an API token with two dots"),
        pytest.param(f"{encoded(b'[1]')}.b.c", ("Token", "API token"), id="three parts, JSON but no header"),
        pytest.param(JWT.rpartition(".")[0], ("Token", "API token"), id="two parts of a JWT"),
        pytest.param("..", ("Token", "API token"), id="only dots"),
        pytest.param(f"{encoded(bytes([255, 254, 0, 216]))}.b.c", ("Token", "API token"), id="not UTF-8"),
        pytest.param("a.b.c", ("Token", "API token"), id="not base64"),
    ],
)
def test_the_scheme_follows_from_the_tokens_form(token: str, expected: tuple[str, str]) -> None:
    assert authorization(token) == expected
    assert talk(read, FINE, token=token).requests[0].headers["authorization"] == f"{expected[0]} {token}"


def test_every_call_asks_for_plain_json() -> None:
    headers = talk(read, FINE).requests[0].headers
    assert (headers["accept"], headers["accept-encoding"]) == ("application/json", "identity")


def test_a_call_never_shows_the_token() -> None:
    request = talk(read, FINE).requests[0]
    assert TOKEN not in f"{request!r} {request.headers!r} {request.url}"


def test_retries_with_jittered_backoff() -> None:
    went = talk(read, *[DOWN] * 8, FINE)
    assert [failures for failures, _ in went.troubles] == [*range(1, 9)]
    longest = sum((1, 2, 4, 8, 16, 30, 30, 30))
    assert longest / 2 <= went.took <= longest
    assert went.took not in {longest / 2, longest}


def test_a_success_ends_the_streak() -> None:
    async def read_twice(client: Client) -> int:
        await read(client)
        await read(client)
        return client.transport.budget.requests

    went = talk(read_twice, DOWN, DOWN, FINE, DOWN, FINE)
    assert [failures for failures, _ in went.troubles] == [1, 2, 1]
    assert went.value == 5


@pytest.mark.parametrize(
    ("headers", "least"),
    [
        pytest.param({"retry-after": "40"}, 40.0, id="seconds"),
        pytest.param({"retry-after": "Mon, 03 Aug 2026 12:00:40 GMT", **DATE}, 40.0, id="date"),
    ],
)
@pytest.mark.parametrize("code", [429, 500, 503])
def test_obeys_retry_after(headers: dict[str, str], least: float, code: int) -> None:
    went = talk(read, Reply(status=code, headers=headers), FINE)
    assert least <= went.took <= least + 1.0


@pytest.mark.parametrize(
    ("headers", "least"),
    [
        pytest.param({}, 60.0, id="a minute without headers"),
        pytest.param({"retry-after": "soon"}, 60.0, id="a minute with unreadable headers"),
        pytest.param({"retry-after": "0"}, 0.5, id="never at once"),
        pytest.param({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "90"}, 90.0, id="until the reset"),
        pytest.param({"x-ratelimit-reset": "1785758500", **DATE}, 100.0, id="until a Unix time"),
        pytest.param({"x-ratelimit-reset": "1785758500000", **DATE}, 100.0, id="until a Unix time in milliseconds"),
        pytest.param({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "900"}, 120.0, id="two minutes at most"),
        pytest.param({"retry-after": "3600"}, 120.0, id="two minutes at most, by retry-after"),
    ],
)
def test_waits_for_the_rate_limit(headers: dict[str, str], least: float) -> None:
    went = talk(read, Reply(status=429, headers=headers), FINE)
    assert went.error is None
    assert least <= went.took <= least + 1.0


def test_rate_limit_applies_to_all_calls() -> None:
    async def post_and_read(client: Client) -> None:
        with pytest.raises(RateLimitedError, match="429 Too Many Requests"):
            await client.cancel_environment("e")
        await read(client)

    went = talk(post_and_read, Reply(status=429, headers={"retry-after": "50"}), FINE)
    assert went.took == 50.0


def test_sends_a_cancellation_despite_the_limit() -> None:
    async def read_and_cancel(client: Client) -> None:
        with pytest.raises(RateLimitedError):
            await client.history("e")
        await client.cancel_request("r")

    went = talk(read_and_cancel, Reply(status=429, headers={"retry-after": "50"}), Reply(status=202))
    assert (went.error, went.took) == (None, 0.0)


def test_rests_until_the_limit_resets() -> None:
    async def read_and_rest(client: Client) -> None:
        with pytest.raises(RateLimitedError):
            await client.history("e")
        await client.transport.rest()

    assert talk(read_and_rest, Reply(status=429, headers={"retry-after": "50"})).took == 50.0


def test_waiting_for_a_turn_does_not_count() -> None:
    async def read_many(client: Client) -> None:
        async with anyio.create_task_group() as group:
            for _ in range(24):
                group.start_soon(client.service, HELM_ID)

    went = talk_to_sandbox(read_many, Late(after=20), when=When())
    assert (went.troubles, went.took) == ([], 60.0)


def test_learns_rate_limit_from_every_answer() -> None:
    async def read_once(client: Client) -> float:
        await read(client)
        return client.transport.budget.least_interval(now=0.0)

    headers = {"x-ratelimit-remaining": "100", "x-ratelimit-reset": "3600"}
    assert talk(read_once, Reply(headers=headers)).value == pytest.approx(72.0)


def test_retry_after_is_capped() -> None:
    went = talk(read, Reply(status=503, headers={"retry-after": "3600"}), FINE)
    assert (went.error, went.took) == (None, 120.0)


NO_NAME = httpx.ConnectError("")
NO_NAME.__cause__ = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
NO_TRUST = httpx.ConnectError("")
NO_TRUST.__cause__ = ssl.SSLCertVerificationError(1, "self-signed certificate")
NO_TLS = httpx.ConnectError("")
NO_TLS.__cause__ = ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number")
CUT_OFF = httpx.ConnectError("")
CUT_OFF.__cause__ = ssl.SSLEOFError(8, "EOF occurred in violation of protocol")


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(NO_NAME, id="unknown host"),
        pytest.param(NO_TRUST, id="untrusted certificate"),
        pytest.param(NO_TLS, id="no TLS"),
        pytest.param(httpx.ProxyError("407 Proxy Authentication Required"), id="proxy needs a password"),
        pytest.param(httpx.ProxyError("403 Forbidden"), id="denied by the proxy"),
    ],
)
def test_gives_up_soon_on_lasting_errors(error: Exception) -> None:
    went = talk(read, error)
    assert isinstance(went.error, UnreachableError)
    assert 5.0 < went.took <= 10.0


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(httpx.ConnectError("refused"), id="refused"),
        pytest.param(httpx.ConnectTimeout(""), id="timeout"),
        pytest.param(CUT_OFF, id="handshake cut off"),
        pytest.param(httpx.ProxyError("503 Service Unavailable"), id="proxy error"),
    ],
)
def test_retries_transient_errors(error: Exception) -> None:
    went = talk(read, *[error] * 8, FINE)
    assert (went.error, len(went.requests)) == (None, 9)


def test_transient_errors_reset_lasting_ones() -> None:
    replies: list[Reply | Exception] = [NO_NAME, NO_NAME, DOWN]
    went = talk(read, *replies * 8, FINE)
    assert (went.error, len(went.requests)) == (None, 25)


@pytest.mark.parametrize(
    ("code", "kind"),
    [(400, RefusedError), (401, RefusedError), (403, RefusedError), (404, NotFoundError), (302, RedirectedError)],
)
def test_raises_a_refusal_at_once(code: int, kind: type[RefusedError]) -> None:
    body = json.dumps({"status": code, "error": "?"}).encode()
    went = talk(read_for_a_minute, Reply(status=code, body=body), FINE)
    assert isinstance(went.error, kind)
    assert (len(went.requests), len(went.troubles), went.took) == (1, 1, 0.0)


def test_gives_up_at_the_deadline() -> None:
    went = talk(read_for_a_minute, DOWN)
    assert isinstance(went.error, NoAnswerError)
    assert 30.0 < went.took <= 60.0


def test_does_not_wait_beyond_the_deadline() -> None:
    went = talk(read_for_a_minute, Reply(status=503, headers={"retry-after": "61"}), FINE)
    assert (went.took, len(went.requests)) == (0.0, 1)


def test_does_not_await_a_reset_after_the_deadline() -> None:
    async def read_twice(client: Client) -> None:
        with pytest.raises(RateLimitedError, match="429"):
            await read_for_a_minute(client)
        await read_for_a_minute(client)

    went = talk(read_twice, Reply(status=429, headers={"retry-after": "100"}), FINE)
    assert "used up; it resets in 1m 40s" in str(went.error)
    assert (went.took, len(went.requests)) == (0.0, 1)


def test_a_hurried_transport_waits_briefly() -> None:
    async def hurry(client: Client) -> None:
        client.transport.is_hurried = True
        await read(client)

    went = talk(hurry, *[Reply(status=503, headers={"retry-after": "50"})] * 3, FINE)
    assert (went.error, went.took) == (None, 1.5)
