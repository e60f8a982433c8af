from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from qovery_helm_deploy import __version__
from qovery_helm_deploy.errors import UnreachableError
from qovery_helm_deploy.qovery.connection import connect

if TYPE_CHECKING:
    from pathlib import Path

API = "https://api.qovery.com"
LOCAL = "http://127.0.0.1:8080"


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def proxies_of(client: httpx.AsyncClient) -> set[str]:
    """Tell the addresses that a client sends through a proxy; httpx shows them nowhere else."""
    return {pattern.pattern for pattern, transport in client._mounts.items() if transport}  # noqa: SLF001


def test_every_call_goes_to_the_given_address_and_follows_nothing() -> None:
    client = connect("https://proxy.corp/qovery")
    assert str(client.build_request("GET", "/helm/x").url) == "https://proxy.corp/qovery/helm/x"
    assert client.headers["user-agent"] == f"qovery-helm-deploy/{__version__}"
    assert client.follow_redirects is False


def test_a_connection_is_tried_for_ten_seconds() -> None:
    assert connect(API).timeout == httpx.Timeout(None, connect=10.0)


@pytest.mark.parametrize(
    ("variable", "proxied"),
    [("HTTPS_PROXY", {"https://"}), ("ALL_PROXY", {"all://"}), ("https_proxy", {"https://"})],
)
def test_a_proxy_is_honoured(monkeypatch: pytest.MonkeyPatch, variable: str, proxied: set[str]) -> None:
    monkeypatch.setenv(variable, "http://proxy.corp:3128")
    assert proxies_of(connect(API)) == proxied


def test_a_proxy_is_not_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://proxy.corp:3128")
    assert proxies_of(connect(LOCAL)) == set()


def test_exceptions_from_a_proxy_are_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.corp:3128")
    monkeypatch.setenv("NO_PROXY", "*")
    assert proxies_of(connect(API)) == set()


@pytest.mark.parametrize(
    ("proxy", "told"),
    [
        pytest.param("ftp://proxy.corp", "Unknown scheme for proxy URL", id="a scheme that is none"),
        pytest.param("socks5://proxy.corp:1", "'socksio' package is not installed", id="a kind that is not supported"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_told(monkeypatch: pytest.MonkeyPatch, proxy: str, told: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(UnreachableError, match="proxy settings of the environment cannot be used") as caught:
        connect(API)
    assert told in str(caught.value)


def test_the_password_of_a_proxy_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "ftp://me:hunter2@proxy.corp")
    with pytest.raises(UnreachableError) as caught:
        connect(API)
    assert "hunter2" not in str(caught.value)


def test_certificates_that_are_not_there_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    with pytest.raises(UnreachableError, match="certificates of SSL_CERT_FILE or SSL_CERT_DIR cannot be used"):
        connect(API)


def test_certificates_that_are_none_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_text("not a certificate")
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    with pytest.raises(UnreachableError, match="certificates of SSL_CERT_FILE or SSL_CERT_DIR cannot be used"):
        connect(API)
