"""Opens the HTTP client: proxies, certificates, limits."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from qovery_helm_deploy import __version__
from qovery_helm_deploy.address import is_loopback
from qovery_helm_deploy.errors import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Mapping

_CONNECT_WITHIN = 10.0
#: Longer than the longest pace between two looks, so that they share a connection where Qovery keeps it open.
_KEEP_ALIVE = 90.0
_LIMITS = httpx.Limits(max_connections=8, keepalive_expiry=_KEEP_ALIVE)


def connect(api_url: str) -> httpx.AsyncClient:
    """Build a client for Qovery's API, which is to be closed after use.

    HTTPS_PROXY, ALL_PROXY and NO_PROXY, and SSL_CERT_FILE and SSL_CERT_DIR are honoured; a loopback address is reached
    without a proxy, whatever they say. Raises `UnreachableError` when they cannot be used.
    """
    is_local = is_loopback(urlsplit(api_url).hostname or "")
    try:
        # A transport of one's own goes without proxies; and plain HTTP without certificates, which take time to load.
        certificates = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if api_url.startswith("http:") else True
        transport = httpx.AsyncHTTPTransport(limits=_LIMITS, verify=certificates) if is_local else None
        return httpx.AsyncClient(
            base_url=api_url,
            headers=_headers(),
            timeout=httpx.Timeout(None, connect=_CONNECT_WITHIN),
            limits=_LIMITS,
            transport=transport,
            follow_redirects=False,
        )
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        raise UnreachableError(f"The proxy settings of the environment cannot be used: {error}") from error
    except (OSError, ssl.SSLError) as error:
        raise UnreachableError(f"The certificates of SSL_CERT_FILE or SSL_CERT_DIR cannot be used: {error}") from error


def tls_context() -> ssl.SSLContext:
    """Return what TLS is checked with: httpx's certificates, or those of SSL_CERT_FILE and SSL_CERT_DIR."""
    return httpx.create_ssl_context()


def _headers() -> Mapping[str, str]:
    return {"User-Agent": f"qovery-helm-deploy/{__version__}"}
