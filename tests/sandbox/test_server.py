"""The HTTP server and the command line."""

from __future__ import annotations

import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx
import pytest

from qovery_sandbox import HELM_ID, TOKEN, Faults, Rule, When
from qovery_sandbox.__main__ import main
from qovery_sandbox.connection import DROP, Drop
from qovery_sandbox.faults import AnswerLost, CutOff, Dripping, Dropped, Hang, Huge, Late, html_page
from qovery_sandbox.scenarios import SCENARIOS
from qovery_sandbox.server import RunningSandbox

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from qovery_sandbox.faults import Fault

DEPLOY = f"/helm/{HELM_ID}/deploy"
HEADERS = {"Authorization": f"Token {TOKEN}"}


def test_running_sandbox_serves_world() -> None:
    sandbox = RunningSandbox()
    with sandbox as url:
        response = httpx.post(f"{url}{DEPLOY}", json={}, headers=HEADERS)
        assert response.status_code == 202
        (entry,) = sandbox.do(sandbox.world.ledger.via_http)
        assert entry.request_id == response.json()["deployment_request_id"]
        with pytest.raises(KeyError):
            sandbox.do(lambda: sandbox.world.ledger["unknown"])


@pytest.mark.parametrize(
    ("fault", "errors", "accepted"),
    [
        pytest.param(Dropped(), (httpx.ReadError,), 0, id="reset before acceptance"),
        pytest.param(Dropped(Drop.REFUSED), (httpx.ReadError,), 0, id="refused, a reset on sockets"),
        pytest.param(Dropped(Drop.CLOSED), (httpx.RemoteProtocolError,), 0, id="closed before acceptance"),
        pytest.param(AnswerLost(), (httpx.ReadError,), 1, id="reset after acceptance"),
        pytest.param(CutOff(), (httpx.RemoteProtocolError,), 1, id="closed in the body"),
        pytest.param(CutOff(Drop.RESET), (httpx.ReadError,), 1, id="reset in the body"),
        pytest.param(Hang(), (httpx.ReadTimeout,), 0, id="hang"),
        pytest.param(Late(after=9), (httpx.ReadTimeout,), 1, id="late after acceptance"),
        pytest.param(Dripping(9, is_endless=True), (httpx.ReadTimeout,), 1, id="slow body"),
    ],
)
def test_connection_errors(fault: Fault, errors: tuple[type[Exception], ...], accepted: int) -> None:
    sandbox = RunningSandbox(faults=Faults(rules=[Rule(When(method="POST"), fault)]))
    with sandbox as url, httpx.Client(base_url=url, headers=HEADERS, timeout=0.3) as client:
        with pytest.raises(errors):
            client.post(DEPLOY, json={})
        assert len(sandbox.do(sandbox.world.ledger.via_http)) == accepted
        assert client.get(f"/helm/{HELM_ID}/status").status_code == 200


@pytest.mark.parametrize(
    ("fault", "status", "size"),
    [
        pytest.param(Huge(1_000_000), 202, 1_000_000, id="huge body"),
        pytest.param(Dripping(0, size=50), 202, 300, id="dripping body"),
        pytest.param(html_page(502), 502, 50, id="proxy's page"),
    ],
)
def test_replaced_responses(fault: Fault, status: int, size: int) -> None:
    with RunningSandbox(faults=Faults(rules=[Rule(When(), fault)])) as url:
        response = httpx.post(f"{url}{DEPLOY}", json={}, headers=HEADERS)
        assert response.status_code == status
        assert len(response.content) > size


class ObservedSocket:
    """Serves each call, and keeps the TCP_NODELAY option of its connection."""

    def __init__(self) -> None:
        self.options: list[int] = []

    async def __call__(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        (transport,) = scope["extensions"][DROP].args
        self.options.append(transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        await app(scope, receive, send)


def test_sends_without_delay() -> None:
    observed = ObservedSocket()
    with RunningSandbox(faults=Faults(rules=[Rule(When(), observed)])) as url:
        assert httpx.get(f"{url}/organization", headers=HEADERS).status_code == 200
    assert [bool(option) for option in observed.options] == [True]


def test_lists_scenarios(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(SCENARIOS)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["--scenario", "sunny"], "Unknown scenario: sunny", id="unknown scenario"),
        pytest.param(["--speed", "0"], "0 is not a positive number", id="speed is zero"),
        pytest.param(["--speed", "fast"], "fast is not a positive number", id="speed is not a number"),
        pytest.param(["--port", "99999"], "99999 is not a port number", id="port is too large"),
        pytest.param(["--port", "-1"], "-1 is not a port number", id="port is negative"),
    ],
)
def test_rejects_invalid_argument(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert words in capsys.readouterr().err


def test_port_in_use(capsys: pytest.CaptureFixture[str]) -> None:
    sandbox = RunningSandbox()
    with sandbox as url:
        assert main(["--port", url.rpartition(":")[2]]) == 1
    assert "Use --port 0" in capsys.readouterr().err


def test_prints_address_when_ready() -> None:
    command = [sys.executable, "-m", "qovery_sandbox", "--port", "0", "--scenario", "queued+failing"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        url = first.split()[3]
        assert first == f"Qovery sandbox on {url} (scenario: queued+failing)\n"
        assert httpx.get(f"{url}/helm/{HELM_ID}", headers=HEADERS).status_code == 200
        process.terminate()
        rest = process.stdout.read()
        assert HELM_ID in rest
        assert TOKEN in rest
        assert process.stderr.read() == ""
