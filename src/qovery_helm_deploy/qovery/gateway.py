"""Receives what Qovery pushes over its WebSocket gateway, as its console does.

The action does not depend on it: the gateway may be silent, wrong, closed or missing, and other calls return the same.
The token is sent as the console sends it, as a sub-protocol.
"""

from __future__ import annotations

import json
import logging
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import anyio

from qovery_helm_deploy import __version__
from qovery_helm_deploy.address import gateway_url_of
from qovery_helm_deploy.errors import NoAnswerError, UnreachableError
from qovery_helm_deploy.qovery.answer import MIB
from qovery_helm_deploy.shortening import shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import SecretStr
    from websockets.asyncio.client import ClientConnection

    from qovery_helm_deploy.qovery.connection import Network

_OPEN_WITHIN = 10.0
#: Short, because the runner may be about to kill the step.
_CLOSE_WITHIN = 0.5
_LONGEST_REASON = 200
#: The characters of a sub-protocol (RFC 9110, token).
_TOKEN = re.compile(r"[-!#$%&'*+.^_`|~0-9A-Za-z]+")


class Gateway:
    """The gateway of one API, for one token. Needs asyncio."""

    def __init__(self, api_url: str, *, token: SecretStr, network: Network) -> None:
        self._url = gateway_url_of(api_url)
        self._network = network
        self._token = token

    async def listen(self, path: str, params: Mapping[str, str], take: Callable[[object], None]) -> None:
        """Pass every JSON message to `take` until the gateway closes. Raises `NoAnswerError` if that fails."""
        # Imported here: most steps do not listen.
        from websockets.exceptions import WebSocketException  # noqa: PLC0415

        try:
            connection = await self._connect(f"{self._url}{path}?{urlencode(params)}")
            try:
                async for message in connection:
                    _hand_over(message, take)
            finally:
                with anyio.CancelScope(shield=True):
                    await connection.close()
        except (WebSocketException, OSError, EOFError, ValueError, UnreachableError) as error:
            words = shortened(f"{type(error).__name__}: {error}", _LONGEST_REASON)
            raise NoAnswerError(f"Cannot listen to Qovery's gateway: {words}.") from error

    async def _connect(self, url: str) -> ClientConnection:
        from websockets.asyncio.client import connect  # noqa: PLC0415 - see above
        from websockets.typing import Subprotocol  # noqa: PLC0415

        class Connect(connect):
            """Follows no redirect: the token is for this address alone."""

            def process_redirect(self, exc: Exception) -> Exception:
                return exc

        token = self._token.get_secret_value()
        if not _TOKEN.fullmatch(token):
            raise ValueError("the token has a character that a WebSocket sub-protocol cannot have")
        proxy = self._network.proxy_for(url)
        tls = self._network.tls_context if url.startswith("wss:") else None
        through: dict[str, Any] = {"proxy_ssl": tls} if proxy and proxy.startswith("https:") else {}
        return await Connect(
            url,
            subprotocols=[Subprotocol("v1"), Subprotocol(f"auth.bearer.{token}")],
            user_agent_header=f"qovery-helm-deploy/{__version__}",
            proxy=proxy,
            ssl=tls,
            **through,
            compression=None,
            max_size=MIB,
            open_timeout=_OPEN_WITHIN,
            close_timeout=_CLOSE_WITHIN,
            logger=_silent_logger(),
        )


def _hand_over(message: str | bytes, take: Callable[[object], None]) -> None:
    try:
        parsed = json.loads(message)
    except (ValueError, RecursionError):
        return
    take(parsed)


def _silent_logger() -> logging.Logger:
    """Return a logger that logs nothing, because a library might log the token; errors are raised instead."""
    logger = logging.getLogger(__name__)
    logger.setLevel(logging.CRITICAL + 1)
    return logger
