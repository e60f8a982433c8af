"""Says in words what httpx raises: whether a request can have arrived, and why not."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING

import httpx

from qovery_helm_deploy.errors import NoAnswerError, QoveryError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST_MESSAGE = 300


def in_words(error: httpx.HTTPError, *, host: str) -> QoveryError:
    """Return `UnreachableError` where the request cannot have arrived, else `NoAnswerError`."""
    match error:
        case httpx.ConnectError() | httpx.ConnectTimeout() | httpx.PoolTimeout() | httpx.ProxyError():
            return UnreachableError(_why_unreachable(error, host))
        case _:
            return NoAnswerError(f"The connection to Qovery broke off: {_named(error)}.")


def _why_unreachable(error: Exception, host: str) -> str:
    causes = list(_causes(error))
    if isinstance(error, httpx.ProxyError):
        return f"The proxy on the way to {host} refused: {_named(error)}."
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return f"The name {host} cannot be resolved."
    certificate = next((cause for cause in causes if isinstance(cause, ssl.SSLCertVerificationError)), None)
    if certificate:
        return f"The certificate of {host} is not trusted: {_named(certificate)}."
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return f"TLS with {host} could not be established: {_named(error)}."
    if isinstance(error, (httpx.ConnectTimeout, httpx.PoolTimeout)):
        return f"No connection to {host} within the time allowed."
    return f"No connection to {host}: {_named(error)}."


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _named(error: Exception) -> str:
    return str(error)[:_LONGEST_MESSAGE].strip().rstrip(".") or type(error).__name__
