from __future__ import annotations

import pytest

from qovery_helm_deploy.errors import UnreachableError
from qovery_helm_deploy.qovery.proxies import proxy_for

API = "https://api.qovery.com"
PROXY = "http://proxy.corp:3128"


@pytest.fixture(autouse=True)
def _no_proxies_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.parametrize(
    ("environment", "proxy"),
    [
        pytest.param({}, None, id="none"),
        pytest.param({"HTTPS_PROXY": PROXY}, PROXY, id="HTTPS_PROXY"),
        pytest.param({"ALL_PROXY": PROXY}, PROXY, id="ALL_PROXY"),
        pytest.param({"HTTP_PROXY": PROXY}, None, id="only HTTP_PROXY"),
        pytest.param({"https_proxy": PROXY}, PROXY, id="lower case"),
        pytest.param({"HTTPS_PROXY": "http://x", "https_proxy": PROXY}, PROXY, id="lower case takes precedence"),
        pytest.param({"HTTPS_PROXY": PROXY, "https_proxy": ""}, None, id="disabled in lower case"),
        pytest.param({"HTTPS_PROXY": PROXY, "ALL_PROXY": "socks5h://x:1"}, PROXY, id="HTTPS_PROXY before ALL_PROXY"),
        pytest.param({"HTTPS_PROXY": "proxy.corp:3128"}, PROXY, id="without a scheme"),
        pytest.param({"HTTPS_PROXY": f" {PROXY}\n"}, PROXY, id="with white space"),
        pytest.param({"HTTPS_PROXY": "https://p.corp"}, "https://p.corp", id="over TLS"),
        pytest.param({"HTTPS_PROXY": "http://me:p%40s@p.corp"}, "http://me:p%40s@p.corp", id="with a password"),
        pytest.param({"ALL_PROXY": "socks5h://x:1", "NO_PROXY": ".qovery.com"}, None, id="unsupported, but not needed"),
    ],
)
def test_chooses_the_proxy(environment: dict[str, str], proxy: str | None) -> None:
    assert proxy_for(API, environment) == proxy
    assert proxy_for("wss://api.qovery.com/x", environment) == proxy


def test_uses_the_system_proxy_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    assert proxy_for(API, {}) == PROXY


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://localhost", "https://[::1]:9"])
def test_reaches_loopback_directly(url: str) -> None:
    assert proxy_for(url, {"HTTPS_PROXY": PROXY, "ALL_PROXY": "socks5://x"}) is None


@pytest.mark.parametrize(
    ("exceptions", "url", "is_direct"),
    [
        pytest.param("*", API, True, id="all hosts"),
        pytest.param("x,*", API, True, id="all hosts, in a list"),
        pytest.param("api.qovery.com", API, True, id="host"),
        pytest.param("API.Qovery.com.", API, True, id="host, other case"),
        pytest.param("qovery.com", API, True, id="domain"),
        pytest.param(".qovery.com", API, True, id="domain with a dot"),
        pytest.param("*.qovery.com", API, True, id="domain with a star"),
        pytest.param("very.com", API, False, id="part of a label"),
        pytest.param("qovery.com.evil.test", API, False, id="other domain"),
        pytest.param("api.qovery.com:443", API, True, id="port"),
        pytest.param("api.qovery.com:8443", API, False, id="other port"),
        pytest.param("https://api.qovery.com", API, True, id="URL"),
        pytest.param("localhost 127.0.0.1\tqovery.com", API, True, id="separated by spaces"),
        pytest.param("localhost,10.0.0.0/8,fe80::/10", API, False, id="networks, but a host name"),
        pytest.param("10.0.0.0/8,fe80::/10", "https://10.1.2.3", True, id="network"),
        pytest.param("10.0.0.0/8", "https://11.1.2.3", False, id="other network"),
        pytest.param("10.1.2.3/8", "https://10.9.9.9", True, id="network by a host address"),
        pytest.param("fe80::/10", "https://[fe80::1]", True, id="IPv6 network"),
        pytest.param("fe80::/10", "https://10.1.2.3", False, id="network of another family"),
        pytest.param("[fe80::1]", "https://[fe80::1]:8443", True, id="IPv6 address in brackets"),
        pytest.param("10.0.0.1", "https://10.0.0.1", True, id="IPv4 address"),
        pytest.param(" , ,.", API, False, id="only separators"),
        pytest.param("", API, False, id="empty"),
    ],
)
def test_obeys_no_proxy(exceptions: str, url: str, *, is_direct: bool) -> None:
    assert (proxy_for(url, {"HTTPS_PROXY": PROXY, "NO_PROXY": exceptions}) is None) is is_direct
    assert proxy_for(url, {"NO_PROXY": exceptions}) is None


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        pytest.param({"ALL_PROXY": "socks5h://me:hunter2@x:1"}, "ALL_PROXY names a SOCKS proxy", id="SOCKS"),
        pytest.param({"HTTPS_PROXY": "ftp://me:hunter2@x"}, "HTTPS_PROXY is not the address of an", id="wrong scheme"),
        pytest.param({"HTTPS_PROXY": "http://me:hunter2/x@x"}, "HTTPS_PROXY is not the address", id="unescaped slash"),
        pytest.param({"HTTPS_PROXY": "http://"}, "HTTPS_PROXY is not the address of an HTTP proxy", id="no host"),
    ],
)
def test_rejects_unusable_proxy(environment: dict[str, str], message: str) -> None:
    with pytest.raises(UnreachableError) as caught:
        proxy_for(API, environment)
    assert message in str(caught.value)
    assert "hunter2" not in f"{caught.value} {caught.value.hint}"
