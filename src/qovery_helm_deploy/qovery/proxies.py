"""Chooses the proxy on the way to an address, by the variables that curl and pip read."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies

import httpx

from qovery_helm_deploy.address import is_loopback
from qovery_helm_deploy.errors import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Mapping

_FORM = "Write it as http://proxy.example:3128, with special characters in a password percent-encoded."
_OTHER = "Name an HTTP proxy in HTTPS_PROXY, or add the host of `api_url` to NO_PROXY."


def proxy_for(url: str, environment: Mapping[str, str]) -> str | None:
    """Return the address of the proxy for an https or wss address, credentials included; None to go without.

    HTTPS_PROXY counts before ALL_PROXY, lower case before upper case, and the environment before the system's own
    settings. Raises `UnreachableError` for a proxy that cannot be used, without its credentials.
    """
    parts = urlsplit(url)
    host, settings = parts.hostname or "", _settings(environment)
    name = next((name for name in ("https", "all") if settings.get(name)), None)
    if name is None or is_loopback(host) or _is_exempt(host, parts.port or 443, settings.get("no", "")):
        return None
    return _checked(settings[name], variable=f"{name.upper()}_PROXY")


def _settings(environment: Mapping[str, str]) -> Mapping[str, str]:
    # Lower case is sorted after upper case, and so overrides it.
    named = {name.lower(): value.strip() for name, value in sorted(environment.items())}
    settings = {name: named[f"{name}_proxy"] for name in ("https", "all", "no") if f"{name}_proxy" in named}
    return settings or getproxies()


def _checked(text: str, *, variable: str) -> str:
    address = text if "://" in text else f"http://{text}"
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL as error:
        # The error itself may show a part of the password.
        raise UnreachableError(f"{variable} is not the address of a proxy.", hint=_FORM) from error
    if url.scheme.startswith("socks"):
        raise UnreachableError(f"{variable} names a SOCKS proxy, which this action cannot use.", hint=_OTHER)
    if url.scheme not in {"http", "https"} or not url.host:
        raise UnreachableError(f"{variable} is not the address of an HTTP proxy.", hint=_FORM)
    return address


def _is_exempt(host: str, port: int, exceptions: str) -> bool:
    """Return whether NO_PROXY names a host: by name, domain, address, network (CIDR), with a port or without."""
    return any(_matches(host, port, each.lower()) for each in re.split(r"[\s,]+", exceptions) if each)


def _matches(host: str, port: int, exception: str) -> bool:
    if exception == "*":
        return True
    network = _network(exception.strip("[]"))
    if network:
        return _is_in(host, network)
    name, _, number = exception.rpartition("://")[2].partition(":")
    domain = name.lstrip("*").strip(".")
    is_port = not number or number == str(port)
    return bool(domain) and is_port and (host.rstrip(".") == domain or host.rstrip(".").endswith(f".{domain}"))


def _is_in(host: str, network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    address = _network(host)
    return address is not None and address.version == network.version and address[0] in network


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
