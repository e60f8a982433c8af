"""The gateway on real sockets: `websockets` needs asyncio and a server."""

from __future__ import annotations

import http
from typing import TYPE_CHECKING

import anyio
import pytest
import trustme
from pydantic import SecretStr
from websockets.asyncio.server import serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from qovery_helm_deploy.errors import NoAnswerError
from qovery_helm_deploy.qovery.connection import Network
from qovery_helm_deploy.qovery.gateway import Gateway
from qovery_sandbox import TOKEN
from tests.unit.tls import proxying, server_context

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import Path

    from websockets.asyncio.server import ServerConnection

    Reject = Callable[[ServerConnection, Request], Response | None]

PARAMS = {"version": "staging-1 &", "environment": "e"}


async def _close(_connection: ServerConnection) -> None:
    pass


def listen(
    handle: Callable[[ServerConnection], Awaitable[None]] = _close,
    *,
    reject: Reject | None = None,
    seconds: float = 5.0,
    path: str = "",
    token: str = TOKEN,
) -> tuple[list[object], list[Request], NoAnswerError | None]:
    """Listen to a server until it closes or the time is over; return messages, requests and the error."""
    taken: list[object] = []
    seen: list[Request] = []

    def keep(connection: ServerConnection, request: Request) -> Response | None:
        seen.append(request)
        return reject(connection, request) if reject else None

    async def main() -> NoAnswerError | None:
        async with serve(handle, "127.0.0.1", 0, subprotocols=["v1"], process_request=keep) as server:  # type: ignore[list-item]
            port = next(iter(server.sockets)).getsockname()[1]
            gateway = Gateway(f"http://127.0.0.1:{port}{path}", token=SecretStr(token), network=Network({}, warn=print))
            try:
                with anyio.move_on_after(seconds):
                    await gateway.listen("/deployment/logs", PARAMS, taken.append)
            except NoAnswerError as error:
                return error
        return None

    return taken, seen, anyio.run(main)


def saying(*messages: str | bytes) -> Callable[[ServerConnection], Awaitable[None]]:
    async def say(connection: ServerConnection) -> None:
        for message in messages:
            await connection.send(message)

    return say


def test_receives_messages_until_the_gateway_closes() -> None:
    taken, _, error = listen(saying('{"one": 1}', b"[2]", "null"))
    assert (taken, error) == ([{"one": 1}, [2], None], None)


def test_ignores_messages_that_are_not_json() -> None:
    taken, _, error = listen(saying("<html>", b"\xff", "[" * 100_000, "3"))
    assert (taken, error) == ([3], None)


def test_sends_the_token_as_the_console_does() -> None:
    _, (request,), _ = listen(path="/base")
    assert request.path == "/base/deployment/logs?version=staging-1+%26&environment=e"
    assert request.headers["Sec-WebSocket-Protocol"] == f"v1, auth.bearer.{TOKEN}"
    assert request.headers["User-Agent"].startswith("qovery-helm-deploy/")
    assert "Authorization" not in request.headers


def _refuse(connection: ServerConnection, _request: Request) -> Response:
    return connection.respond(http.HTTPStatus.FORBIDDEN, "no")


def _redirect(_connection: ServerConnection, _request: Request) -> Response:
    return Response(302, "Found", Headers(Location="/elsewhere"))


async def _break_off(connection: ServerConnection) -> None:
    connection.transport.abort()


@pytest.mark.parametrize(
    ("handle", "reject", "words"),
    [
        pytest.param(_close, _refuse, "HTTP 403", id="refuses"),
        pytest.param(_close, _redirect, "HTTP 302", id="redirects"),
        pytest.param(_break_off, None, "ConnectionClosed", id="closes abruptly"),
        pytest.param(saying(f'"{"x" * 1_100_000}"'), None, "ConnectionClosed", id="message too large"),
    ],
)
def test_raises_if_the_gateway_fails(
    handle: Callable[[ServerConnection], Awaitable[None]], reject: Reject | None, words: str
) -> None:
    taken, seen, error = listen(handle, reject=reject)
    assert words in str(error)
    assert TOKEN not in str(error)
    assert (taken, len(seen)) == ([], 1)


@pytest.mark.parametrize("is_tls", [False, True])
def test_listens_through_a_proxy(tmp_path: Path, *, is_tls: bool) -> None:
    ca, taken, seen = trustme.CA(), list[object](), list[bytes]()
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    api, own = server_context(ca, "api.qovery.test"), server_context(ca) if is_tls else None

    async def main() -> None:
        async with serve(saying("{}"), "127.0.0.1", 0, subprotocols=["v1"], ssl=api) as server:  # type: ignore[list-item]
            port = next(iter(server.sockets)).getsockname()[1]
            with proxying(port, seen, context=own) as proxy:
                address = f"{'https' if is_tls else 'http'}://127.0.0.1:{proxy}"
                environment = {"HTTPS_PROXY": address, "SSL_CERT_FILE": str(tmp_path / "ca.pem")}
                network = Network(environment, warn=print)
                gateway = Gateway("https://api.qovery.test", token=SecretStr(TOKEN), network=network)
                await gateway.listen("/", {}, taken.append)

    anyio.run(main)
    assert taken == [{}]
    assert seen[0].startswith(b"CONNECT api.qovery.test:443 ")


def test_rejects_unusable_proxy() -> None:
    async def main() -> None:
        network = Network({"HTTPS_PROXY": "socks5://x"}, warn=print)
        await Gateway("https://api.qovery.test", token=SecretStr(TOKEN), network=network).listen("/", {}, print)

    with pytest.raises(NoAnswerError, match="HTTPS_PROXY names a SOCKS proxy"):
        anyio.run(main)


def test_raises_if_the_gateway_is_unreachable() -> None:
    async def main() -> None:
        await Gateway("https://127.0.0.1:9", token=SecretStr(TOKEN), network=Network({}, warn=print)).listen(
            "/", {}, print
        )

    with pytest.raises(NoAnswerError, match="Cannot listen to Qovery's gateway: "):
        anyio.run(main)


def test_sends_no_token_with_a_separator() -> None:
    _, seen, error = listen(token="qov, evil")  # noqa: S106
    assert "a character that a WebSocket sub-protocol cannot have" in str(error)
    assert seen == []


@pytest.mark.parametrize("messages", [(), ("1",) * 5], ids=["silent", "after messages"])
def test_listening_can_be_canceled(messages: Sequence[str]) -> None:
    async def say_and_stay(connection: ServerConnection) -> None:
        await saying(*messages)(connection)
        await connection.wait_closed()

    taken, _, error = listen(say_and_stay, seconds=0.3)
    assert (taken, error) == ([1] * len(messages), None)
