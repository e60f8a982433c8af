from __future__ import annotations

import pytest

from qovery_helm_deploy.address import gateway_url_of, is_loopback, parse_api_url


@pytest.mark.parametrize(
    ("text", "address"),
    [
        pytest.param("https://api.qovery.com", "https://api.qovery.com", id="Qovery's own"),
        pytest.param("https://api.qovery.com/", "https://api.qovery.com", id="a trailing slash goes"),
        pytest.param(
            "https://proxy.corp:8443/qovery/v1//", "https://proxy.corp:8443/qovery/v1", id="a port and a path"
        ),
        pytest.param("https://a_b.example.", "https://a_b.example.", id="an underscore and a final dot"),
        pytest.param("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443", id="an IPv6 address"),
        pytest.param("http://localhost:8080", "http://localhost:8080", id="http on this machine, by name"),
        pytest.param("http://127.0.0.2:1", "http://127.0.0.2:1", id="http on this machine, by IPv4"),
        pytest.param("http://[::1]:8080", "http://[::1]:8080", id="http on this machine, by IPv6"),
    ],
)
def test_an_address_that_a_token_may_be_sent_to_is_taken(text: str, address: str) -> None:
    assert parse_api_url(text) == address


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("http://api.qovery.com", "in the clear", id="http elsewhere"),
        pytest.param("http://localhost.evil.test", "in the clear", id="http at a name that begins like ours"),
        pytest.param("http://127.0.0.1.evil.test", "in the clear", id="http at a name that begins like our address"),
        pytest.param("ftp://api.qovery.com", "is not an https address", id="another scheme"),
        pytest.param("api.qovery.com", "is not an https address", id="no scheme"),
        pytest.param("https://", "is not an https address", id="no host"),
        pytest.param("https://:443", "is not an https address", id="a port alone"),
        pytest.param("https://a..b", "is not an https address", id="an empty label"),
        pytest.param("https://api.qovery.com%2f.evil.test", "is not an https address", id="an encoded host"),
        pytest.param(f"https://{'a' * 70_000}", "is not an https address", id="more than a client takes"),
        pytest.param("https://api.qovery.com:99999", "is not an address: Port out of range", id="no such port"),
        pytest.param("https://[::1", "is not an address", id="half a bracket"),
        pytest.param("https://api.qovery.com?x=1", "query or a fragment", id="a query"),
        pytest.param("https://api.qovery.com/#", "query or a fragment", id="an empty fragment"),
        pytest.param("https://api.qovery.com\\@evil.test", "must not contain credentials", id="a backslash and an at"),
        pytest.param("https://api.qovery.com\\.evil.test", "characters that no address has", id="a backslash"),
        pytest.param("https://api.qovery.com/\x1b[0m", "characters that no address has", id="an escape"),
        pytest.param("https://api.qov ery.com", "characters that no address has", id="a blank"),
        pytest.param(
            "https://\N{CYRILLIC SMALL LETTER A}pi.qovery.com",
            "characters that no address has",
            id="a letter in disguise",
        ),
    ],
)
def test_an_address_that_a_token_must_not_be_sent_to_is_refused(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told) as caught:
        parse_api_url(text)
    assert len(str(caught.value)) < 300


def test_credentials_in_an_address_are_refused_and_not_told() -> None:
    with pytest.raises(ValueError, match="must not contain credentials") as caught:
        parse_api_url("https://me:hunter2@api.qovery.com")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "expected"),
    [("localhost", True), ("127.9.9.9", True), ("::1", True), ("10.0.0.1", False), ("0.0.0.0", False), ("x", False)],  # noqa: S104
)
def test_a_loopback_address_is_recognised(host: str, expected: bool) -> None:  # noqa: FBT001
    assert is_loopback(host) is expected


@pytest.mark.parametrize(
    ("api_url", "gateway_url"),
    [
        pytest.param("https://api.qovery.com", "wss://ws.qovery.com", id="Qovery's own"),
        pytest.param("HTTPS://API.qovery.com:443", "wss://ws.qovery.com", id="Qovery's own, in capitals"),
        pytest.param("https://qovery.corp.example/api", "wss://qovery.corp.example/api", id="a proxy of one's own"),
        pytest.param("https://api.qovery.com.example", "wss://api.qovery.com.example", id="a name that looks alike"),
        pytest.param("http://127.0.0.1:8080", "ws://127.0.0.1:8080", id="on this machine"),
    ],
)
def test_a_gateway_is_qoverys_own_or_at_the_same_address(api_url: str, gateway_url: str) -> None:
    assert gateway_url_of(api_url) == gateway_url
