"""Faults, as an httpx client in the same process sees them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
import pytest
import trio

from qovery_sandbox import HELM_ID, Faults, Rule, When
from qovery_sandbox.connection import Drop
from qovery_sandbox.faults import (
    AnswerLost,
    CutOff,
    Dripping,
    Dropped,
    Hang,
    Huge,
    Late,
    Truncated,
    WrongTypes,
    empty_body,
    html_page,
    json_error,
    redirect,
)
from tests.sandbox.session import Sandbox, run

if TYPE_CHECKING:
    from qovery_sandbox.faults import Fault

DEPLOY = f"/helm/{HELM_ID}/deploy"
STATUS = f"/helm/{HELM_ID}/status"


def always(fault: Fault) -> Faults:
    return Faults(rules=[Rule(When(), fault)])


@pytest.mark.parametrize(
    ("fault", "error", "after", "accepted"),
    [
        pytest.param(Dropped(Drop.REFUSED), httpx.ConnectError, 0, 0, id="connection refused"),
        pytest.param(Dropped(Drop.UNREACHABLE), httpx.ConnectTimeout, 30, 0, id="unreachable"),
        pytest.param(Dropped(Drop.UNRESOLVED), httpx.ConnectError, 0, 0, id="unknown host"),
        pytest.param(Dropped(Drop.UNTRUSTED), httpx.ConnectError, 0, 0, id="untrusted certificate"),
        pytest.param(Dropped(), httpx.ReadError, 0, 0, id="reset before acceptance"),
        pytest.param(Dropped(Drop.CLOSED), httpx.RemoteProtocolError, 0, 0, id="closed before acceptance"),
        pytest.param(AnswerLost(), httpx.ReadError, 0, 1, id="reset after acceptance"),
        pytest.param(AnswerLost(Dropped(Drop.CLOSED)), httpx.RemoteProtocolError, 0, 1, id="closed after acceptance"),
        pytest.param(Hang(), httpx.ReadTimeout, 30, 0, id="hang before acceptance"),
        pytest.param(AnswerLost(Hang()), httpx.ReadTimeout, 30, 1, id="hang after acceptance"),
        pytest.param(Late(before=40), httpx.ReadTimeout, 30, 0, id="late, not accepted"),
        pytest.param(Late(after=40), httpx.ReadTimeout, 30, 1, id="late after acceptance"),
        pytest.param(CutOff(), httpx.RemoteProtocolError, 0, 1, id="closed in the body"),
        pytest.param(CutOff(Drop.RESET), httpx.ReadError, 0, 1, id="reset in the body"),
        pytest.param(Dripping(interval=31), httpx.ReadTimeout, 30, 1, id="slow first byte"),
    ],
)
def test_connection_errors(fault: Fault, error: type[Exception], after: float, accepted: int) -> None:
    async def session(sandbox: Sandbox) -> None:
        with pytest.raises(error) as caught:
            await sandbox.client.post(DEPLOY, json={})
        assert type(caught.value) is error
        assert isinstance(caught.value, httpx.RequestError)
        assert caught.value.request.url.path == DEPLOY
        assert sandbox.world.now == after
        assert len(sandbox.world.ledger.via_http()) == accepted

    run(session, faults=always(fault))


@pytest.mark.parametrize(
    ("fault", "status", "content_type", "accepted"),
    [
        pytest.param(json_error(503), 503, "application/json", 0, id="error in JSON"),
        pytest.param(json_error(429, headers={"Retry-After": "7"}), 429, "application/json", 0, id="429"),
        pytest.param(html_page(502), 502, "text/html; charset=utf-8", 0, id="error in HTML"),
        pytest.param(html_page(), 200, "text/html; charset=utf-8", 0, id="success in HTML"),
        pytest.param(empty_body(), 200, "application/json", 0, id="empty body"),
        pytest.param(redirect("https://evil.example"), 307, "text/plain; charset=utf-8", 0, id="redirect"),
        pytest.param(AnswerLost(html_page(504)), 504, "text/html; charset=utf-8", 1, id="proxy error after acceptance"),
        pytest.param(Late(before=3, after=4), 202, "application/json", 1, id="slow answer"),
        pytest.param(Truncated(), 202, "application/json", 1, id="half of the JSON"),
        pytest.param(WrongTypes(), 202, "application/json", 1, id="JSON of wrong types"),
        pytest.param(Huge(300_000), 202, "application/json", 1, id="huge body"),
    ],
)
def test_replaced_responses(fault: Fault, status: int, content_type: str, accepted: int) -> None:
    async def session(sandbox: Sandbox) -> None:
        response = await sandbox.client.post(DEPLOY, json={})
        assert (response.status_code, response.headers["content-type"]) == (status, content_type)
        assert len(sandbox.world.ledger.via_http()) == accepted

    run(session, faults=always(fault))


def test_truncated_body_is_not_json() -> None:
    async def session(sandbox: Sandbox) -> None:
        with pytest.raises(json.JSONDecodeError):
            (await sandbox.client.get(STATUS)).json()

    run(session, faults=always(Truncated()))


def test_wrong_types() -> None:
    async def session(sandbox: Sandbox) -> None:
        status = (await sandbox.client.get(STATUS)).json()
        kinds = {type(status[name]) for name in ("state", "is_part_last_deployment", "deployment_requests_count")}
        assert kinds == {list, int, str}
        assert status["steps"]["details"] == "list or object"

    run(session, faults=always(WrongTypes()))


def test_huge_body_is_json() -> None:
    async def session(sandbox: Sandbox) -> None:
        response = await sandbox.client.get(STATUS)
        assert len(response.content) > 300_000
        assert response.json()["state"] == "DEPLOYED"

    run(session, faults=always(Huge(300_000)))


def test_dripping_body_can_be_abandoned() -> None:
    async def session(sandbox: Sandbox) -> None:
        pieces = []
        async with sandbox.client.stream("GET", STATUS) as response:
            with trio.move_on_after(9.5):
                async for piece in response.aiter_raw():
                    pieces.append(piece)  # noqa: PERF401 - the loop is cancelled
        assert [len(piece) for piece in pieces] == [10] * 4
        assert sandbox.world.now == 9.5

    run(session, faults=always(Dripping(2, size=10, is_endless=True)))


def test_transport_keeps_misdirected_requests() -> None:
    async def session(sandbox: Sandbox) -> list[str]:
        with pytest.raises(httpx.ConnectError):
            await sandbox.client.get(STATUS, follow_redirects=True)
        return [str(request.url) for request in sandbox.transport.misdirected]

    assert run(session, faults=always(redirect("https://evil.example/catch"))) == ["https://evil.example/catch"]


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        pytest.param(When(), [0, 1, 2, 3, 4, 5], id="always"),
        pytest.param(When(method="POST"), [], id="by method"),
        pytest.param(When(path="/helm/{helmId}/status"), [0, 1, 2, 3, 4, 5], id="by path"),
        pytest.param(When(path="/helm/{helmId}"), [], id="by another path"),
        pytest.param(When(nth={1, 3}), [0, 2], id="by number"),
        pytest.param(When(since=2, until=4), [2, 3], id="by time"),
        pytest.param(When(nth=range(1, 4), since=1), [1, 2], id="by number and time"),
        pytest.param(When(probability=0), [], id="never"),
        pytest.param(When(probability=0.5), [2, 3, 5], id="by chance, reproducible"),
        pytest.param(lambda call: call.at > 4, [5], id="by a function"),
    ],
)
def test_rules_select_calls(when: When, expected: list[int]) -> None:
    async def session(sandbox: Sandbox) -> list[int]:
        seen = []
        for second in range(6):
            if (await sandbox.client.get(STATUS)).status_code != 200:
                seen.append(second)
            await trio.sleep(1)
        return seen

    assert run(session, faults=Faults(rules=[Rule(when, json_error(500))])) == expected


def test_faults_are_nested() -> None:
    faults = Faults()
    faults.add(When(), Late(before=5))
    faults.add(When(nth={1}), html_page(502))

    async def session(sandbox: Sandbox) -> list[tuple[int, float]]:
        return [((await sandbox.client.get(STATUS)).status_code, sandbox.world.now) for _ in range(2)]

    assert run(session, faults=faults) == [(502, 5), (200, 10)]


def test_drop_needs_asgi_extension() -> None:
    async def session(sandbox: Sandbox) -> None:
        plain = httpx.ASGITransport(app=sandbox.transport.app)
        async with httpx.AsyncClient(transport=plain, base_url="http://sandbox") as client:
            with pytest.raises(RuntimeError, match="SandboxTransport"):
                await client.get(STATUS)

    run(session, faults=always(Dropped()))
