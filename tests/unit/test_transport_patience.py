from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import anyio
import pytest

from qovery_helm_deploy.errors import NoAnswerError, NotFoundError, RateLimitedError, RefusedError
from qovery_helm_deploy.qovery.transport import Patience, authorization
from qovery_sandbox import HELM_ID, When
from qovery_sandbox.outages import Late
from tests.unit.scripted import TOKEN, Reply, talk, talk_to_sandbox

if TYPE_CHECKING:
    from qovery_helm_deploy.deployment.status import Status
    from qovery_helm_deploy.qovery.client import Client

FINE = Reply()
DOWN = Reply(status=503)
DATE = {"date": "Mon, 03 Aug 2026 12:00:00 GMT"}


def encoded(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


JWT = f"{encoded(json.dumps({'alg': 'RS256'}).encode())}.{encoded(b'{}')}.c2ln"


async def status(client: Client) -> Status:
    return await client.status(HELM_ID)


async def status_at_start(client: Client) -> Status:
    return await client.status_at_start(HELM_ID)


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        pytest.param(JWT, ("Bearer", "JWT"), id="a JWT"),
        pytest.param("qov_AbCdEf0123456789", ("Token", "API token"), id="an API token"),
        pytest.param("qov_AbC.def.ghi", ("Token", "API token"), id="an API token with two dots"),
        pytest.param(f"{encoded(b'[1]')}.b.c", ("Token", "API token"), id="two dots behind JSON that is no header"),
        pytest.param(JWT.rpartition(".")[0], ("Token", "API token"), id="two thirds of a JWT"),
        pytest.param("..", ("Token", "API token"), id="dots alone"),
        pytest.param(f"{encoded(bytes([255, 254, 0, 216]))}.b.c", ("Token", "API token"), id="no text at all"),
        pytest.param("a.b.c", ("Token", "API token"), id="no base64 at all"),
    ],
)
def test_the_scheme_follows_from_the_tokens_form(token: str, expected: tuple[str, str]) -> None:
    assert authorization(token) == expected
    assert talk(status, FINE, token=token).requests[0].headers["authorization"] == f"{expected[0]} {token}"


def test_every_call_asks_for_plain_json() -> None:
    headers = talk(status, FINE).requests[0].headers
    assert (headers["accept"], headers["accept-encoding"]) == ("application/json", "identity")


def test_a_call_never_shows_the_token() -> None:
    request = talk(status, FINE).requests[0]
    assert TOKEN not in f"{request!r} {request.headers!r} {request.url}"


def test_tries_grow_sparse_and_are_jittered() -> None:
    went = talk(status, *[DOWN] * 8, FINE)
    assert [failures for failures, _ in went.troubles] == [*range(1, 9)]
    longest = sum((1, 2, 4, 8, 16, 30, 30, 30))
    assert longest / 2 <= went.took <= longest
    assert went.took not in {longest / 2, longest}


def test_a_success_ends_the_streak() -> None:
    async def ask_twice(client: Client) -> tuple[int, object, int]:
        await client.status(HELM_ID)
        failures, error = client.transport.failures, client.transport.last_error
        await client.status(HELM_ID)
        return failures, error, client.transport.budget.requests

    went = talk(ask_twice, DOWN, DOWN, FINE, DOWN, FINE)
    assert [failures for failures, _ in went.troubles] == [1, 2, 1]
    assert went.value == (0, None, 5)


@pytest.mark.parametrize(
    ("headers", "least"),
    [
        pytest.param({"retry-after": "40"}, 40.0, id="in seconds"),
        pytest.param({"retry-after": "Mon, 03 Aug 2026 12:00:40 GMT", **DATE}, 40.0, id="as a date"),
    ],
)
@pytest.mark.parametrize("code", [429, 500, 503])
def test_qovery_says_when_to_ask_again(headers: dict[str, str], least: float, code: int) -> None:
    went = talk(status, Reply(status=code, headers=headers), FINE)
    assert least <= went.took <= least + 1.0


@pytest.mark.parametrize(
    ("headers", "least"),
    [
        pytest.param({}, 60.0, id="a minute where nothing is told"),
        pytest.param({"retry-after": "soon"}, 60.0, id="a minute where nothing is told that can be read"),
        pytest.param({"retry-after": "0"}, 0.5, id="no time, but never at once"),
        pytest.param({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "900"}, 900.0, id="until the limit's reset"),
        pytest.param({"x-ratelimit-reset": "1785758700", **DATE}, 300.0, id="until a moment in seconds"),
        pytest.param({"x-ratelimit-reset": "1785758700000", **DATE}, 300.0, id="until a moment in milliseconds"),
        pytest.param({"retry-after": "31536000"}, 3600.0, id="an hour at most"),
    ],
)
def test_the_rate_limit_is_waited_out(headers: dict[str, str], least: float) -> None:
    went = talk(status, Reply(status=429, headers=headers), FINE)
    assert went.error is None
    assert least <= went.took <= least + 1.0


def test_a_limit_that_one_call_met_holds_for_all() -> None:
    async def post_and_read(client: Client) -> None:
        with pytest.raises(RateLimitedError, match="429 Too Many Requests"):
            await client.cancel_environment("e")
        await client.status(HELM_ID)

    went = talk(post_and_read, Reply(status=429, headers={"retry-after": "50"}), FINE)
    assert went.took == 50.0


def test_a_cancellation_is_sent_although_the_limit_is_used_up() -> None:
    async def read_and_cancel(client: Client) -> None:
        with pytest.raises(RateLimitedError):
            await client.history(HELM_ID)
        await client.cancel_request("r")

    went = talk(read_and_cancel, Reply(status=429, headers={"retry-after": "50"}), Reply(status=202))
    assert (went.error, went.took) == (None, 0.0)


def test_what_can_wait_rests_until_the_limit_starts_afresh() -> None:
    async def read_and_rest(client: Client) -> None:
        with pytest.raises(RateLimitedError):
            await client.history(HELM_ID)
        await client.transport.rest()

    assert talk(read_and_rest, Reply(status=429, headers={"retry-after": "50"})).took == 50.0


def test_waiting_for_a_turn_is_no_part_of_the_time_that_a_call_may_take() -> None:
    async def read_many(client: Client) -> None:
        async with anyio.create_task_group() as group:
            for _ in range(24):
                group.start_soon(client.status, HELM_ID)

    went = talk_to_sandbox(read_many, Late(after=20), when=When())
    assert (went.troubles, went.took) == ([], 60.0)


def test_what_is_left_is_learned_from_every_answer() -> None:
    async def read(client: Client) -> float:
        await client.status(HELM_ID)
        return client.transport.budget.least_interval(now=0.0)

    headers = {"x-ratelimit-remaining": "100", "x-ratelimit-reset": "3600"}
    assert talk(read, Reply(headers=headers)).value == pytest.approx(72.0)


def test_the_servers_clock_is_that_of_the_latest_answer() -> None:
    async def read(client: Client) -> list[object]:
        times = []
        for _ in range(2):
            await client.status(HELM_ID)
            times.append(client.transport.server_time)
        return [time and time.isoformat() for time in times]

    assert talk(read, Reply(headers=DATE), FINE).value == ["2026-08-03T12:00:00+00:00", None]


@pytest.mark.parametrize("code", [401, 403, 404])
def test_while_waiting_a_few_refusals_in_a_row_are_endured(code: int) -> None:
    refusal = Reply(status=code)
    went = talk(status, refusal, refusal, refusal, FINE)
    assert isinstance(went.error, RefusedError)
    assert len(went.requests) == 3
    assert talk(status, refusal, refusal, DOWN, refusal, refusal, FINE).error is None


def test_at_the_start_a_refusal_is_final() -> None:
    went = talk(status_at_start, Reply(status=404), FINE)
    assert isinstance(went.error, NotFoundError)
    assert len(went.requests) == 1


def test_a_redirect_is_endured_while_waiting_and_final_at_the_start() -> None:
    astray = Reply(status=302)
    assert talk(status, *[astray] * 6, FINE).error is None
    assert talk(status_at_start, astray, FINE).error is not None


def test_patience_ends_with_its_time() -> None:
    went = talk(status_at_start, DOWN)
    assert isinstance(went.error, NoAnswerError)
    assert 30.0 < went.took <= 60.0


def test_what_would_come_after_patience_ends_is_not_waited_for() -> None:
    went = talk(status_at_start, Reply(status=503, headers={"retry-after": "61"}), FINE)
    assert (went.took, len(went.requests)) == (0.0, 1)


def test_patience_is_by_default_for_time_and_not_for_refusals() -> None:
    assert Patience() == Patience(refusals=1, seconds=float("inf"))
