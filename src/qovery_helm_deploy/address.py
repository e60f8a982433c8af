"""Where Qovery's API is: an address that a token may be sent to."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from qovery_helm_deploy.errors import quoted

_QOVERY_HOST = "api.qovery.com"
#: The console's gateway for what Qovery pushes, as its own client has it.
_QOVERY_GATEWAY = "wss://ws.qovery.com"
_HOST = re.compile(r"[a-z0-9]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9_-]*[a-z0-9])?)*\.?")
_LONGEST = 2000


def parse_api_url(text: str) -> str:
    """Check the API's base address and return it without a trailing slash.

    Raises `ValueError` for what a token must not be sent to: http elsewhere than on this machine, an address with
    credentials (they would be shown), a query or a fragment.
    """
    if "@" in text:
        raise ValueError("must not contain credentials; the token belongs in the input `token`")
    if not text.isprintable() or " " in text or "\\" in text or not text.isascii():
        raise ValueError(f"{quoted(text)} has characters that no address has")
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(f"{quoted(text)} is not an address: {error}") from None
    if parts.scheme not in {"https", "http"} or not host or not _is_host(host) or len(text) > _LONGEST:
        raise ValueError(f"{quoted(text)} is not an https address such as https://api.qovery.com")
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError(
            f"{quoted(text)} would send the token in the clear; http is allowed on a loopback address only"
        )
    if "?" in text or "#" in text:
        raise ValueError(f"{quoted(text)} must not have a query or a fragment")
    return text.rstrip("/")


def gateway_url_of(api_url: str) -> str:
    """Return where Qovery pushes what happens: by its own gateway, or for another API, by the API's own origin."""
    parts = urlsplit(api_url)
    if parts.hostname == _QOVERY_HOST:
        return _QOVERY_GATEWAY
    return parts._replace(scheme="wss" if parts.scheme == "https" else "ws").geturl()


def _is_host(text: str) -> bool:
    return _HOST.fullmatch(text) is not None or _is_ip(text)


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
