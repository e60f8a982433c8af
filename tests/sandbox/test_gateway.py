"""The WebSocket gateway, with the websockets client."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from qovery_sandbox import HELM_ID, ORGANIZATION_ID, PROJECT_ID, STAGING_ID, TOKEN, Dialect
from qovery_sandbox.ids import CLUSTER_ID
from qovery_sandbox.server import RunningSandbox, realtime_world

if TYPE_CHECKING:
    from collections.abc import Mapping

    from websockets.sync.client import ClientConnection

ENVIRONMENT = {
    "organization": ORGANIZATION_ID,
    "cluster": CLUSTER_ID,
    "project": PROJECT_ID,
    "environment": STAGING_ID,
}


def receive(
    *, gateway: str = "entry", messages: int = 3, token: str = TOKEN, environment: Mapping[str, str] = ENVIRONMENT
) -> list[Any]:
    """Deploy, and return up to this many messages; fewer if the gateway closes or is silent for a second."""
    world = realtime_world(speed=100)
    world.dialect = Dialect(gateway=gateway)  # type: ignore[arg-type]
    sandbox = RunningSandbox(world)
    with sandbox as url:
        httpx.post(f"{url}/helm/{HELM_ID}/deploy", json={}, headers={"Authorization": f"Token {TOKEN}"})
        execution_id = sandbox.do(lambda: world.executions()[-1].id)
        query = httpx.QueryParams({**environment, "version": execution_id})
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


def log_messages(entries: list[Any]) -> list[str]:
    return [entry["message"]["safe_message"] for entry in entries]


def test_sends_each_entry_once() -> None:
    entries = receive(messages=9)
    assert len(entries) == len(set(log_messages(entries))) == 3
    assert "helm upgrade" in log_messages(entries)[1]
    assert entries[0]["details"]["transmitter"]["id"] == HELM_ID


def test_array() -> None:
    messages = receive(gateway="array", messages=9)
    assert len(log_messages([entry for message in messages for entry in message])) == 3


def test_silent() -> None:
    assert receive(gateway="silent") == []


def test_nonsense() -> None:
    page, other = receive(gateway="nonsense", messages=2)
    assert page.startswith("<html>")
    assert "unknown_field" in other


def test_ends() -> None:
    assert len(receive(gateway="ends")) == 1


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"gateway": "absent"}, id="absent"),
        pytest.param({"token": "wrong"}, id="wrong token"),
        pytest.param({"environment": {**ENVIRONMENT, "cluster": PROJECT_ID}}, id="wrong cluster"),
        pytest.param({"environment": {**ENVIRONMENT, "environment": HELM_ID}}, id="unknown environment"),
    ],
)
def test_rejects_connection(given: dict[str, Any]) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        receive(**given)
