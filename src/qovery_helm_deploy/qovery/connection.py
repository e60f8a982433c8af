"""Opens the HTTP client: proxies, certificates, limits."""

from __future__ import annotations

import ssl
from functools import cached_property
from typing import TYPE_CHECKING

import httpx

from qovery_helm_deploy import __version__
from qovery_helm_deploy.qovery.proxies import proxy_for
from qovery_helm_deploy.qovery.transport_errors import PROXY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_CONNECT_WITHIN = 10.0
#: Longer than the longest interval between two polls, so that they share a connection where Qovery keeps it open.
_KEEP_ALIVE = 150.0
_LIMITS = httpx.Limits(max_connections=8, keepalive_expiry=_KEEP_ALIVE)


class Network:
    """The way out of this machine, by the variables of `proxies` and `certificates`.

    `warn` gets the settings that cannot be used, and are not needed.
    """

    def __init__(self, environment: Mapping[str, str], *, warn: Callable[[str], None]) -> None:
        self._environment = environment
        self._warn = warn

    @cached_property
    def tls_context(self) -> ssl.SSLContext:
        """What TLS is checked with; built when first needed, which takes time."""
        from qovery_helm_deploy.qovery.certificates import tls_context  # noqa: PLC0415

        return tls_context(self._environment, warn=self._warn)

    def proxy_for(self, url: str) -> str | None:
        """Return the proxy for an address. Raises `UnreachableError` if the proxy cannot be used."""
        return proxy_for(url, self._environment)

    def connect(self, api_url: str) -> httpx.AsyncClient:
        """Build a client for Qovery's API, which is to be closed after use.

        A loopback address is reached without a proxy. Raises `UnreachableError` if the proxy cannot be used.
        """
        # Plain HTTP goes without certificates, which take time to load.
        is_plain = api_url.startswith("http:")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if is_plain else self.tls_context
        address = self.proxy_for(api_url)
        is_tls = bool(address and address.startswith("https:"))
        proxy = httpx.Proxy(address, ssl_context=context if is_tls else None) if address else None
        return httpx.AsyncClient(
            base_url=api_url,
            headers={"User-Agent": f"qovery-helm-deploy/{__version__}"},
            timeout=httpx.Timeout(None, connect=_CONNECT_WITHIN),
            transport=httpx.AsyncHTTPTransport(limits=_LIMITS, verify=context, proxy=proxy),
            event_hooks={"request": [_naming(proxy)] if proxy else []},
            follow_redirects=False,
        )


def _naming(proxy: httpx.Proxy) -> Callable[[httpx.Request], object]:
    """Return a hook that names the proxy to errors, without its credentials."""

    async def name(request: httpx.Request) -> None:
        request.extensions[PROXY] = proxy.url.netloc.decode()

    return name
