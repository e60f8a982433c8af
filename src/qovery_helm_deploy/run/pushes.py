"""Polls at once when Qovery pushes a status of our execution, and less often while that works.

No public source specifies the pushed messages. So a push is only a reason to poll, and the poll decides. A gateway that
is silent, ends or sends nonsense costs a few polls at most.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from qovery_helm_deploy.errors import QoveryError

if TYPE_CHECKING:
    from collections.abc import Callable

    from qovery_helm_deploy.deployment.service import Environment
    from qovery_helm_deploy.qovery.client import Client

#: Seconds until a second poll after a push whose first poll showed no change: a status may lag.
_AGAIN_AFTER = 2.0
#: Pushes in a row without a change after which pushes are ignored.
_MOST_VAIN_PUSHES = 3
#: The factor of the poll interval while pushes are trusted.
_STRETCHED = 3.0


class Pushes:
    """The pushes about one service.

    `is_trusted` is true while each push brings a change, and no poll shows a change that was not pushed.
    """

    def __init__(self, client: Client, *, service_id: str) -> None:
        self._client = client
        self._service_id = service_id
        self._pushed = anyio.Event()
        self._is_poll_pushed = False
        self._last: object = None
        self._vain = 0
        self._is_second_poll_due = False
        self.is_trusted = False

    @property
    def stretch(self) -> float:
        """The factor of the poll interval."""
        return _STRETCHED if self.is_trusted else 1.0

    async def listen(self, environment: Environment, execution_id: str, *, explain: Callable[[str], None]) -> None:
        """Receive pushes about our execution until the connection ends; `explain` gets the reason."""
        try:
            await self._client.pushed_status(
                environment, service_id=self._service_id, execution_id=execution_id, take=self._receive
            )
        except QoveryError as error:
            explain(f"{error} Polling continues at the usual interval.")
        finally:
            self.is_trusted = False

    async def sleep(self, seconds: float, *, at_least: float) -> None:
        """Sleep until the next poll: for so many seconds, or until a push, but for `at_least` seconds."""
        if self._is_second_poll_due:
            seconds = min(seconds, max(_AGAIN_AFTER, at_least))
        await anyio.sleep(min(seconds, at_least))
        with anyio.move_on_after(seconds - at_least):
            await self._pushed.wait()

    def begin_poll(self) -> bool:
        """Note that a poll begins; return whether a push is the reason."""
        self._is_poll_pushed, self._pushed = self._pushed.is_set(), anyio.Event()
        return self._is_poll_pushed or self._is_second_poll_due

    def end_poll(self, *, has_news: bool) -> None:
        """Note whether the poll showed a change."""
        is_pushed = self._is_poll_pushed or self._is_second_poll_due
        if has_news:
            self.is_trusted = is_pushed
            self._vain = 0 if is_pushed else self._vain
        elif self._is_second_poll_due:
            self._vain += 1
            self.is_trusted = self.is_trusted and self._vain < _MOST_VAIN_PUSHES
        self._is_second_poll_due = self._is_poll_pushed and not has_news

    def _receive(self, message: object) -> None:
        if message != self._last and self._vain < _MOST_VAIN_PUSHES:
            self._last = message
            self._pushed.set()
