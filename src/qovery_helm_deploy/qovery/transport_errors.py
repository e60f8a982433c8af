"""Translates the errors of httpx: whether a request can have arrived, and if not, why."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING

import httpx

from qovery_helm_deploy.errors import NoAnswerError, QoveryError, UnreachableError
from qovery_helm_deploy.shortening import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The extension of a request that names the proxy it takes, as host and port.
PROXY = "qovery_helm_deploy.proxy"
_LONGEST_MESSAGE = 300
#: What a proxy answers that does not let this runner through.
_DENIED = ("403", "407")
_CHECK_CERTIFICATE = (
    "If the certificate comes from your company's authority, add that authority to the runner's certificates, or name"
    " its file in SSL_CERT_FILE."
)
_CHECK_TLS = "Check the port of `api_url`. HTTPS_PROXY must begin with `http://`, unless the proxy itself speaks TLS."
_CHECK_PROXY = "Check HTTPS_PROXY, its user name and password, and whether the proxy allows this address."


def in_words(error: httpx.HTTPError, *, host: str, proxy: str | None = None) -> QoveryError:
    """Return `UnreachableError` where the request cannot have arrived, else `NoAnswerError`.

    `proxy` is the host and port of the proxy, if there is one.
    """
    match error:
        case httpx.ConnectError() | httpx.ConnectTimeout() | httpx.PoolTimeout() | httpx.ProxyError():
            return _unreachable(error, host, proxy)
        case _:
            return NoAnswerError(f"The connection to Qovery broke off: {_named(error)}.")


def _unreachable(error: Exception, host: str, proxy: str | None) -> UnreachableError:
    causes = list(_causes(error))
    if isinstance(error, httpx.ProxyError):
        words, is_denied = _named(error), str(error).startswith(_DENIED)
        return UnreachableError(
            f"The proxy {proxy or 'on the way'} refused a connection to {host}: {words}.",
            hint=_CHECK_PROXY,
            is_lasting=is_denied,
        )
    certificate = next((cause for cause in causes if isinstance(cause, ssl.SSLCertVerificationError)), None)
    if certificate:
        words = f"The certificate of {host} is not trusted: {_named(certificate)}."
        return UnreachableError(words, hint=_CHECK_CERTIFICATE, is_lasting=True)
    if any(isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError) for cause in causes):
        words = f"TLS with {host} could not be established: {_named(error)}."
        return UnreachableError(words, hint=_CHECK_TLS, is_lasting=True)
    peer = f"the proxy {proxy}" if proxy else host
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        hint = f"Check {'HTTPS_PROXY' if proxy else '`api_url`'}, and the runner's DNS."
        return UnreachableError(f"The name of {peer} cannot be resolved.", hint=hint, is_lasting=True)
    if isinstance(error, (httpx.ConnectTimeout, httpx.PoolTimeout)):
        return UnreachableError(f"No connection to {peer} within the time allowed.")
    return UnreachableError(f"No connection to {peer}: {_named(error)}.")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _named(error: Exception) -> str:
    return shortened(str(error), _LONGEST_MESSAGE).strip().rstrip(".") or type(error).__name__
