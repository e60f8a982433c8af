"""The addresses that a step is given: of Qovery's API, and of services in Qovery's console."""

from __future__ import annotations

import ipaddress
import re
from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import UUID

from qovery_helm_deploy.errors import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

_QOVERY_HOST = "api.qovery.com"
_CONSOLE_HOST = "console.qovery.com"
#: Qovery's WebSocket gateway, as its CLI uses it.
_QOVERY_GATEWAY = "wss://ws.qovery.com"
_HOST = re.compile(r"[a-z0-9]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9_-]*[a-z0-9])?)*\.?")
_LONGEST = 2000
_EXAMPLE = "Use an https address such as https://api.qovery.com"

_UUID = re.compile(r"(?:urn:uuid:)?([0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12})")
#: Between two services. A name may contain blanks, so a blank counts only before an id or an address.
_SEPARATOR = re.compile(r"[,;\r\n]|\s(?=\S*[0-9a-f]{8}-|\S*://)", re.IGNORECASE)
#: What may stand around a service: the brackets and quotes of a JSON list, the hyphen of a YAML list, and so on.
_AROUND = " \t-*[](){}<>\"'`\u2018\u2019\u201a\u201c\u201d\u201e"
#: The segments before the id of a service in the console's addresses; all but the first are from older versions.
_SERVICE_SEGMENTS = ("service", "application", "helm", "logs")
#: The segments before other ids, the narrowest first, and what to call them.
_OTHER_SEGMENTS = {
    "database": "a database",
    "container": "a container",
    "job": "a job",
    "cluster": "a cluster",
    "environment": "an environment",
    "project": "a project",
    "organization": "an organization",
}
#: An address in the console has about 250 characters.
_LONGEST_PAGE = 500


def parse_api_url(text: str) -> str:
    """Check the API's base address and return it without a trailing slash.

    Raises `ValueError` for what a token must not be sent to: http elsewhere than on this machine, an address with
    credentials (they would be shown), a query or a fragment.
    """
    if "@" in text:
        raise ValueError("contains credentials. Remove them, and give the token in the input `token`")
    if not text.isprintable() or " " in text or "\\" in text or not text.isascii():
        raise ValueError(f"{quoted(text)} contains characters that no address has. {_EXAMPLE}")
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(f"{quoted(text)} is not an address ({error}). {_EXAMPLE}") from None
    if parts.scheme not in {"https", "http"} or not host or not _is_host(host) or len(text) > _LONGEST:
        raise ValueError(f"{quoted(text)} is not an address. {_EXAMPLE}")
    if host == _CONSOLE_HOST:
        raise ValueError(f"{quoted(text)} is the address of the console, not of the API. Use https://{_QOVERY_HOST}")
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError(f"{quoted(text)} would send the token unencrypted. Use https, or http on a loopback address")
    if "?" in text or "#" in text:
        raise ValueError(f"{quoted(text)} has a query or a fragment. Remove `?` or `#` and everything after it")
    return text.rstrip("/")


def split_services(text: str) -> Iterator[str]:
    """Yield each service of a list as it was given: its id, or the address of its page in the console."""
    yield from (given for part in _SEPARATOR.split(text) if (given := part.strip(_AROUND)))


def service_id_in(given: str) -> str:
    """Return the id of a service from its id or from the address of its page in the console.

    Raises `ValueError` if there is none.
    """
    if service_id := _as_uuid(given):
        return service_id
    if "/" not in given:
        raise ValueError(f"{quoted(given)} is not a UUID")
    ids = {segment: _as_uuid(after) for segment, after in pairwise(re.split("[/?#]", given.lower()))}
    service_id = next((known for segment in _SERVICE_SEGMENTS if (known := ids.get(segment))), None)
    if service_id:
        return service_id
    kind = next((kind for segment, kind in _OTHER_SEGMENTS.items() if ids.get(segment)), None)
    page = quoted(given, longest=_LONGEST_PAGE)
    raise ValueError(f"{page} is the address of {kind}, not of a service" if kind else f"{page} contains no service id")


def _as_uuid(text: str) -> str | None:
    match = _UUID.fullmatch(text.lower())
    return str(UUID(match[1])) if match else None


def gateway_url_of(api_url: str) -> str:
    """Return the address of the WebSocket gateway: Qovery's own, or for another API the same address."""
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
