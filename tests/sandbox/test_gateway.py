"""The WebSocket gateway, with another client than the action's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from qovery_sandbox import HELM_ID, ORGANIZATION_ID, PROJECT_ID, STAGING_ID, TOKEN, Dialect
from qovery_sandbox.ids import CLUSTER_ID
from qovery_sandbox.server import RunningSandbox, real_world

if TYPE_CHECKING:
    from collections.abc import Mapping

    from websockets.sync.client import ClientConnection

PLACE = {
    "organization": ORGANIZATION_ID,
    "cluster": CLUSTER_ID,
    "project": PROJECT_ID,
    "environment": STAGING_ID,
}


def push(
    *, gateway: str = "entry", messages: int = 3, token: str = TOKEN, place: Mapping[str, str] = PLACE
) -> list[Any]:
    """Deploy, and return so many messages of the gateway about it; fewer if it ends or is silent for a second."""
    world = real_world(speed=100)
    world.dialect = Dialect(gateway=gateway)  # type: ignore[arg-type]
    sandbox = RunningSandbox(world)
    with sandbox as url:
        httpx.post(f"{url}/helm/{HELM_ID}/deploy", json={}, headers={"Authorization": f"Token {TOKEN}"})
        execution_id = sandbox.do(lambda: world.executions()[-1].id)
        query = httpx.QueryParams({**place, "version": execution_id})
        address = f"ws{url.removeprefix('http')}/deployment/logs?{query}"
        with connect(address, subprotocols=["v1", f"auth.bearer.{token}"]) as connection:  # type: ignore[list-item]
            assert connection.subprotocol == "v1"
            assert ("WEBSOCKET", "/deployment/logs") in sandbox.do(world.ledger.call_counts)
            return _messages(connection, messages)


def _messages(connection: ClientConnection, count: int) -> list[Any]:
    received: list[Any] = []
    try:
        while len(received) < count:
            text = str(connection.recv(timeout=1.0))
            received.append(json.loads(text) if text[0] in "[{" else text)
    except (TimeoutError, ConnectionClosed):
        pass
    return received


def words(entries: list[Any]) -> list[str]:
    return [entry["message"]["safe_message"] for entry in entries]


def test_each_entry_is_pushed_once() -> None:
    entries = push(messages=9)
    assert len(entries) == len(set(words(entries))) == 3
    assert "helm upgrade" in words(entries)[1]
    assert entries[0]["details"]["transmitter"]["id"] == HELM_ID


def test_news_may_come_together() -> None:
    messages = push(gateway="array", messages=9)
    assert len(words([entry for message in messages for entry in message])) == 3


def test_it_may_be_silent() -> None:
    assert push(gateway="silent") == []


def test_it_may_speak_what_nobody_knows() -> None:
    page, other = push(gateway="nonsense", messages=2)
    assert page.startswith("<html>")
    assert "unheard" in other


def test_it_may_end() -> None:
    assert len(push(gateway="ends")) == 1


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"gateway": "absent"}, id="it does not exist"),
        pytest.param({"token": "wrong"}, id="the token is wrong"),
        pytest.param({"place": {**PLACE, "cluster": PROJECT_ID}}, id="the cluster is another"),
        pytest.param({"place": {**PLACE, "environment": HELM_ID}}, id="there is no such environment"),
    ],
)
def test_it_may_refuse(given: dict[str, Any]) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        push(**given)
