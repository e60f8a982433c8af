"""What may befall a call, as an httpx client sees it in-process."""

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
from tests.sandbox.stage import Stage, play

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
        pytest.param(Dropped(Drop.UNREACHABLE), httpx.ConnectTimeout, 30, 0, id="nobody there"),
        pytest.param(Dropped(Drop.UNRESOLVED), httpx.ConnectError, 0, 0, id="unknown host"),
        pytest.param(Dropped(Drop.UNTRUSTED), httpx.ConnectError, 0, 0, id="untrusted certificate"),
        pytest.param(Dropped(), httpx.ReadError, 0, 0, id="reset before acceptance"),
        pytest.param(Dropped(Drop.CLOSED), httpx.RemoteProtocolError, 0, 0, id="closed before acceptance"),
        pytest.param(AnswerLost(), httpx.ReadError, 0, 1, id="reset after acceptance"),
        pytest.param(AnswerLost(Dropped(Drop.CLOSED)), httpx.RemoteProtocolError, 0, 1, id="closed after acceptance"),
        pytest.param(Hang(), httpx.ReadTimeout, 30, 0, id="hanging before acceptance"),
        pytest.param(AnswerLost(Hang()), httpx.ReadTimeout, 30, 1, id="hanging after acceptance"),
        pytest.param(Late(before=40), httpx.ReadTimeout, 30, 0, id="too late to be accepted"),
        pytest.param(Late(after=40), httpx.ReadTimeout, 30, 1, id="accepted, answered too late"),
        pytest.param(CutOff(), httpx.RemoteProtocolError, 0, 1, id="cut off in the body"),
        pytest.param(CutOff(Drop.RESET), httpx.ReadError, 0, 1, id="reset in the body"),
        pytest.param(Dripping(interval=31), httpx.ReadTimeout, 30, 1, id="body too slow to begin"),
    ],
)
def test_a_connection_breaks(fault: Fault, error: type[Exception], after: float, accepted: int) -> None:
    async def story(stage: Stage) -> None:
        with pytest.raises(error) as caught:
            await stage.client.post(DEPLOY, json={})
        assert type(caught.value) is error
        assert isinstance(caught.value, httpx.RequestError)
        assert caught.value.request.url.path == DEPLOY
        assert stage.world.now == after
        assert len(stage.world.ledger.via_http()) == accepted

    play(story, faults=always(fault))


@pytest.mark.parametrize(
    ("fault", "status", "content_type", "accepted"),
    [
        pytest.param(json_error(503), 503, "application/json", 0, id="error in JSON"),
        pytest.param(json_error(429, headers={"Retry-After": "7"}), 429, "application/json", 0, id="429"),
        pytest.param(html_page(502), 502, "text/html; charset=utf-8", 0, id="error in HTML"),
        pytest.param(html_page(), 200, "text/html; charset=utf-8", 0, id="success in HTML"),
        pytest.param(empty_body(), 200, "application/json", 0, id="empty body"),
        pytest.param(redirect("https://evil.example"), 307, "text/plain; charset=utf-8", 0, id="redirect"),
        pytest.param(AnswerLost(html_page(504)), 504, "text/html; charset=utf-8", 1, id="error after acceptance"),
        pytest.param(Late(before=3, after=4), 202, "application/json", 1, id="slow answer"),
        pytest.param(Truncated(), 202, "application/json", 1, id="half of the JSON"),
        pytest.param(WrongTypes(), 202, "application/json", 1, id="JSON of wrong types"),
        pytest.param(Huge(300_000), 202, "application/json", 1, id="huge body"),
    ],
)
def test_an_answer_is_replaced(fault: Fault, status: int, content_type: str, accepted: int) -> None:
    async def story(stage: Stage) -> None:
        response = await stage.client.post(DEPLOY, json={})
        assert (response.status_code, response.headers["content-type"]) == (status, content_type)
        assert len(stage.world.ledger.via_http()) == accepted

    play(story, faults=always(fault))


def test_half_of_the_json_is_none() -> None:
    async def story(stage: Stage) -> None:
        with pytest.raises(json.JSONDecodeError):
            (await stage.client.get(STATUS)).json()

    play(story, faults=always(Truncated()))


def test_wrong_types_are_wrong_throughout() -> None:
    async def story(stage: Stage) -> None:
        status = (await stage.client.get(STATUS)).json()
        kinds = {type(status[name]) for name in ("state", "is_part_last_deployment", "deployment_requests_count")}
        assert kinds == {list, int, str}
        assert status["steps"]["details"] == "list or object"

    play(story, faults=always(WrongTypes()))


def test_a_huge_body_is_as_large_as_asked_and_still_json() -> None:
    async def story(stage: Stage) -> None:
        response = await stage.client.get(STATUS)
        assert len(response.content) > 300_000
        assert response.json()["state"] == "DEPLOYED"

    play(story, faults=always(Huge(300_000)))


def test_a_dripping_body_takes_its_time_and_can_be_left() -> None:
    async def story(stage: Stage) -> None:
        pieces = []
        async with stage.client.stream("GET", STATUS) as response:
            with trio.move_on_after(9.5):
                async for piece in response.aiter_raw():
                    pieces.append(piece)  # noqa: PERF401 - the loop does not end by itself
        assert [len(piece) for piece in pieces] == [10] * 4
        assert stage.world.now == 9.5

    play(story, faults=always(Dripping(2, size=10, is_endless=True)))


def test_a_redirect_does_not_take_the_token_along_unseen() -> None:
    async def story(stage: Stage) -> list[str]:
        with pytest.raises(httpx.ConnectError):
            await stage.client.get(STATUS, follow_redirects=True)
        return [str(request.url) for request in stage.transport.strays]

    assert play(story, faults=always(redirect("https://evil.example/catch"))) == ["https://evil.example/catch"]


@pytest.mark.parametrize(
    ("when", "struck"),
    [
        pytest.param(When(), [0, 1, 2, 3, 4, 5], id="always"),
        pytest.param(When(method="POST"), [], id="by method"),
        pytest.param(When(path="/helm/{helmId}/status"), [0, 1, 2, 3, 4, 5], id="by path"),
        pytest.param(When(path="/helm/{helmId}"), [], id="by another path"),
        pytest.param(When(nth={1, 3}), [0, 2], id="by number"),
        pytest.param(When(since=2, until=4), [2, 3], id="by time"),
        pytest.param(When(nth=range(1, 4), since=1), [1, 2], id="by all together"),
        pytest.param(When(probability=0), [], id="never"),
        pytest.param(When(probability=0.5), [2, 3, 5], id="by chance, always the same"),
        pytest.param(lambda call: call.at > 4, [5], id="by any function"),
    ],
)
def test_rules_pick_calls(when: When, struck: list[int]) -> None:
    async def story(stage: Stage) -> list[int]:
        seen = []
        for second in range(6):
            if (await stage.client.get(STATUS)).status_code != 200:
                seen.append(second)
            await trio.sleep(1)
        return seen

    assert play(story, faults=Faults(rules=[Rule(when, json_error(500))])) == struck


def test_faults_add_up() -> None:
    faults = Faults()
    faults.add(When(), Late(before=5))
    faults.add(When(nth={1}), html_page(502))

    async def story(stage: Stage) -> list[tuple[int, float]]:
        return [((await stage.client.get(STATUS)).status_code, stage.world.now) for _ in range(2)]

    assert play(story, faults=faults) == [(502, 5), (200, 10)]


def test_dropping_takes_somebody_who_knows_how() -> None:
    async def story(stage: Stage) -> None:
        plain = httpx.ASGITransport(app=stage.transport.app)
        async with httpx.AsyncClient(transport=plain, base_url="http://sandbox") as client:
            with pytest.raises(RuntimeError, match="SandboxTransport"):
                await client.get(STATUS)

    play(story, faults=always(Dropped()))
