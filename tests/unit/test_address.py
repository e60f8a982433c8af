from __future__ import annotations

import re

import pytest

from qovery_helm_deploy.address import gateway_url_of, is_loopback, parse_api_url, service_id_in
from tests.unit.examples import SERVICE

OTHER = "11111111-2222-3333-4444-555555555555"
CONSOLE = f"https://console.qovery.com/organization/{OTHER}/project/{OTHER}"

EXAMPLE = "Use an https address such as https://api.qovery.com"
NO_ADDRESS = f"is not an address. {EXAMPLE}"
CHARACTERS = f"contains characters that no address has. {EXAMPLE}"
CREDENTIALS = "contains credentials. Remove them, and give the token in the input `token`"
UNENCRYPTED = "would send the token unencrypted. Use https, or http on a loopback address"
QUERY = "has a query or a fragment. Remove `?` or `#` and everything after it"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        pytest.param("https://api.qovery.com", "https://api.qovery.com", id="Qovery's own"),
        pytest.param("https://api.qovery.com/", "https://api.qovery.com", id="trailing slash removed"),
        pytest.param("https://proxy.corp:8443/qovery/v1//", "https://proxy.corp:8443/qovery/v1", id="port and path"),
        pytest.param("https://a_b.example.", "https://a_b.example.", id="underscore and final dot"),
        pytest.param("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443", id="IPv6 address"),
        pytest.param("http://localhost:8080", "http://localhost:8080", id="http on localhost"),
        pytest.param("http://127.0.0.2:1", "http://127.0.0.2:1", id="http on IPv4 loopback"),
        pytest.param("http://[::1]:8080", "http://[::1]:8080", id="http on IPv6 loopback"),
    ],
)
def test_accepts_an_api_address(text: str, address: str) -> None:
    assert parse_api_url(text) == address


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("http://api.qovery.com", f"'http://api.qovery.com' {UNENCRYPTED}", id="http"),
        pytest.param(
            "http://localhost.evil.test", f"'http://localhost.evil.test' {UNENCRYPTED}", id="almost localhost"
        ),
        pytest.param(
            "http://127.0.0.1.evil.test", f"'http://127.0.0.1.evil.test' {UNENCRYPTED}", id="almost 127.0.0.1"
        ),
        pytest.param("ftp://api.qovery.com", f"'ftp://api.qovery.com' {NO_ADDRESS}", id="another scheme"),
        pytest.param("api.qovery.com", f"'api.qovery.com' {NO_ADDRESS}", id="no scheme"),
        pytest.param("https://", f"'https://' {NO_ADDRESS}", id="no host"),
        pytest.param("https://:443", f"'https://:443' {NO_ADDRESS}", id="only a port"),
        pytest.param("https://a..b", f"'https://a..b' {NO_ADDRESS}", id="an empty label"),
        pytest.param("https://a%2f.evil.test", f"'https://a%2f.evil.test' {NO_ADDRESS}", id="an encoded host"),
        pytest.param(f"https://{'a' * 70_000}", f"'https://{'a' * 32}…{'a' * 40}' {NO_ADDRESS}", id="too long"),
        pytest.param(
            "https://api.qovery.com:99999",
            f"'https://api.qovery.com:99999' is not an address (Port out of range 0-65535). {EXAMPLE}",
            id="port out of range",
        ),
        pytest.param(
            "https://[::1", f"'https://[::1' is not an address (Invalid IPv6 URL). {EXAMPLE}", id="one bracket"
        ),
        pytest.param("https://a.test?x=1", f"'https://a.test?x=1' {QUERY}", id="a query"),
        pytest.param("https://a.test/#", f"'https://a.test/#' {QUERY}", id="an empty fragment"),
        pytest.param("https://a.test\\@evil.test", CREDENTIALS, id="a backslash and an at"),
        pytest.param("https://me:hunter2@a.test", CREDENTIALS, id="a password"),
        pytest.param("https://a.test\\.evil.test", f"'https://a.test\\\\.evil.test' {CHARACTERS}", id="a backslash"),
        pytest.param("https://a.test/\x1b[0m", f"'https://a.test/\\x1b[0m' {CHARACTERS}", id="an escape"),
        pytest.param("https://a. test", f"'https://a. test' {CHARACTERS}", id="space"),
        pytest.param(
            "https://\N{CYRILLIC SMALL LETTER A}.test",
            f"'https://\N{CYRILLIC SMALL LETTER A}.test' {CHARACTERS}",
            id="a letter in disguise",
        ),
        pytest.param(
            "https://console.qovery.com/organization",
            "'https://console.qovery.com/organization' is the address of the console, not of the API. Use"
            " https://api.qovery.com",
            id="the console",
        ),
    ],
)
def test_refuses_an_api_address(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        parse_api_url(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "address",
    [
        pytest.param(f"{CONSOLE}/environment/{OTHER}/service/{SERVICE}", id="a service"),
        pytest.param(f"{CONSOLE}/environment/{OTHER}/service/{SERVICE}/deployments", id="its deployments"),
        pytest.param(f"{CONSOLE}/environment/{OTHER}/service/{SERVICE}/deployments/logs/{OTHER}-7", id="its log"),
        pytest.param(f"{CONSOLE}/environment/{OTHER}/service/{SERVICE}?tab=logs#top", id="a query"),
        pytest.param(f"{CONSOLE}/environment/{OTHER}/application/{SERVICE}/services/general", id="an older version"),
        pytest.param(f"{CONSOLE}/environment/{OTHER}/logs/{SERVICE}/deployment-logs", id="an older log"),
        pytest.param(f"{CONSOLE.upper()}/SERVICE/{SERVICE.upper()}", id="capitals"),
        pytest.param(f"console.qovery.com/service/{SERVICE}/", id="no scheme"),
        pytest.param(f"https://console.corp.example/service/{SERVICE}", id="another console"),
        pytest.param(f"https://api.qovery.com/helm/{SERVICE}/status", id="the API"),
    ],
)
def test_reads_service_id_from_address(address: str) -> None:
    assert service_id_in(address) == SERVICE


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        pytest.param(f"{CONSOLE}/environment/{OTHER}/services", "of an environment", id="an environment"),
        pytest.param(f"{CONSOLE}/environment/{OTHER}/service/new", "of an environment", id="a service to be created"),
        pytest.param(f"{CONSOLE}/environment/{OTHER}/database/{OTHER}", "of a database", id="a database"),
        pytest.param(f"{CONSOLE}/environments/general", "of a project", id="a project"),
        pytest.param(f"https://console.qovery.com/organization/{OTHER}", "of an organization", id="an organization"),
        pytest.param(f"https://x.test/organization/{OTHER}/cluster/{OTHER}", "of a cluster", id="a cluster"),
        pytest.param(f"https://api.qovery.com/container/{OTHER}/status", "of a container", id="a container"),
        pytest.param(f"https://api.qovery.com/job/{OTHER}", "of a job", id="a job"),
    ],
)
def test_refuses_address_of_no_service(address: str, problem: str) -> None:
    with pytest.raises(ValueError, match="address") as caught:
        service_id_in(address)
    assert str(caught.value) == f"'{address}' is the address {problem}, not of a service"


@pytest.mark.parametrize(
    ("host", "expected"),
    [("localhost", True), ("127.9.9.9", True), ("::1", True), ("10.0.0.1", False), ("0.0.0.0", False), ("x", False)],  # noqa: S104
)
def test_recognizes_loopback(host: str, expected: bool) -> None:  # noqa: FBT001
    assert is_loopback(host) is expected


@pytest.mark.parametrize(
    ("api_url", "gateway_url"),
    [
        pytest.param("https://api.qovery.com", "wss://ws.qovery.com", id="Qovery's own"),
        pytest.param("HTTPS://API.qovery.com:443", "wss://ws.qovery.com", id="Qovery's own, in capitals"),
        pytest.param("https://qovery.corp.example/api", "wss://qovery.corp.example/api", id="own proxy"),
        pytest.param("https://api.qovery.com.example", "wss://api.qovery.com.example", id="similar host name"),
        pytest.param("http://127.0.0.1:8080", "ws://127.0.0.1:8080", id="loopback"),
    ],
)
def test_gateway_address(api_url: str, gateway_url: str) -> None:
    assert gateway_url_of(api_url) == gateway_url
