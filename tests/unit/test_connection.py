from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import anyio
import httpx
import pytest
import trustme

from qovery_helm_deploy import __version__
from qovery_helm_deploy.errors import UnreachableError
from qovery_helm_deploy.qovery.connection import Network
from qovery_helm_deploy.qovery.transport_errors import PROXY
from tests.unit.tls import proxying, server_context, serving

if TYPE_CHECKING:
    from pathlib import Path

API = "https://api.qovery.com"


@pytest.fixture
def ca(tmp_path: Path) -> trustme.CA:
    ca = trustme.CA()
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    return ca


def network(**environment: str) -> Network:
    return Network(environment, warn=print)


def test_uses_given_address_and_follows_no_redirect() -> None:
    client = network().connect("https://proxy.corp/qovery")
    assert str(client.build_request("GET", "/helm/x").url) == "https://proxy.corp/qovery/helm/x"
    assert client.headers["user-agent"] == f"qovery-helm-deploy/{__version__}"
    assert client.follow_redirects is False


def test_connection_timeout_is_ten_seconds() -> None:
    assert network().connect(API).timeout == httpx.Timeout(None, connect=10.0)


def test_rejects_unusable_proxy() -> None:
    with pytest.raises(UnreachableError, match="ALL_PROXY names a SOCKS proxy"):
        network(ALL_PROXY="socks5://proxy.corp:1").connect(API)


@pytest.mark.parametrize("is_tls", [False, True])
def test_goes_through_a_proxy(ca: trustme.CA, tmp_path: Path, *, is_tls: bool) -> None:
    seen: list[bytes] = []
    proxy_context = server_context(ca) if is_tls else None

    async def main() -> tuple[int, object, int]:
        with (
            serving(server_context(ca, "api.qovery.test")) as port,
            proxying(port, seen, context=proxy_context) as proxy,
        ):
            address = f"{'https' if is_tls else 'http'}://me:secret@127.0.0.1:{proxy}"
            way = network(HTTPS_PROXY=address, SSL_CERT_FILE=str(tmp_path / "ca.pem"))
            async with way.connect("https://api.qovery.test") as http:
                response = await http.get("/helm/x")
            return response.status_code, response.request.extensions[PROXY], proxy

    status, named, proxy = anyio.run(main)
    assert (status, named) == (200, f"127.0.0.1:{proxy}")
    assert b"CONNECT api.qovery.test:443 " in seen[0]
    assert b"Proxy-Authorization: Basic" in seen[0]


def test_reaches_this_machine_without_a_proxy(ca: trustme.CA, tmp_path: Path) -> None:
    async def main() -> int:
        with serving(server_context(ca)) as port:
            way = network(HTTPS_PROXY="http://127.0.0.1:1", SSL_CERT_FILE=str(tmp_path / "ca.pem"))
            async with way.connect(f"https://localhost:{port}") as http:
                return (await http.get("/")).status_code

    assert anyio.run(main) == 200


def test_plain_http_reads_no_certificates() -> None:
    way = network(SSL_CERT_FILE="/nowhere")
    assert way.connect("http://127.0.0.1:8080").base_url == "http://127.0.0.1:8080"
    assert "tls_context" not in vars(way)


def test_warns_of_certificates_once() -> None:
    warnings: list[str] = []
    way = Network({"SSL_CERT_FILE": "/nowhere"}, warn=warnings.append)
    assert isinstance(way.tls_context, ssl.SSLContext)
    way.connect(API)
    assert len(warnings) == 1
