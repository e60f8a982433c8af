"""Looks at once when Qovery pushes a status of our execution, and less often of its own accord while that works.

Nothing rests on it. What is pushed is specified nowhere, so that it is not read: that something new is said is a reason
to look, and what counts is what the look shows. A gateway that is silent, ends or lies costs a few looks at most.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from qovery_helm_deploy.errors import QoveryError

if TYPE_CHECKING:
    from collections.abc import Callable

    from qovery_helm_deploy.deployment.service import Environment
    from qovery_helm_deploy.qovery.client import Client

#: Seconds after a push that a look did not bear out, until it looks once more: a status may lag behind.
_AGAIN_AFTER = 2.0
#: Pushes in a row that no look bears out, until no more is made of any.
_VAIN_PUSHES = 3
#: While pushes are borne out, its own looks are so many times as far apart.
_THINNED = 3.0


class Pushes:
    """What is pushed about one service; `is_trusted` while looks bear it out, and none finds what was not pushed."""

    def __init__(self, client: Client, *, service_id: str) -> None:
        self._client = client
        self._service_id = service_id
        self._rung = anyio.Event()
        self._was_rung = False
        self._told: object = None
        self._vain = 0
        self._is_checked_again = False
        self.is_trusted = False

    @property
    def thinning(self) -> float:
        """By how much the pace of looks is stretched."""
        return _THINNED if self.is_trusted else 1.0

    async def listen(self, environment: Environment, execution_id: str, *, explain: Callable[[str], None]) -> None:
        """Listen to what is pushed of our execution until the gateway ends that, and explain why it did."""
        try:
            await self._client.pushed_status(
                environment, service_id=self._service_id, execution_id=execution_id, take=self._hear
            )
        except QoveryError as error:
            explain(f"{error} Polling continues at the usual interval.")
        finally:
            self.is_trusted = False

    async def sleep(self, seconds: float, *, at_least: float) -> None:
        """Sleep until the next look: so many seconds, or until something is pushed, but `at_least` so many."""
        if self._is_checked_again:
            seconds = min(seconds, max(_AGAIN_AFTER, at_least))
        await anyio.sleep(min(seconds, at_least))
        with anyio.move_on_after(seconds - at_least):
            await self._rung.wait()

    def begin_look(self) -> bool:
        """Return whether something that was pushed since the last look began, or before that, is this one's reason."""
        self._was_rung, self._rung = self._rung.is_set(), anyio.Event()
        return self._was_rung or self._is_checked_again

    def end_look(self, *, has_news: bool) -> None:
        """Learn whether the look bore out what was pushed, or showed what was not."""
        has_reason = self._was_rung or self._is_checked_again
        if has_news:
            self.is_trusted = has_reason
            self._vain = 0 if has_reason else self._vain
        elif self._is_checked_again:
            self._vain += 1
            self.is_trusted = self.is_trusted and self._vain < _VAIN_PUSHES
        self._is_checked_again = self._was_rung and not has_news

    def _hear(self, told: object) -> None:
        if told != self._told and self._vain < _VAIN_PUSHES:
            self._told = told
            self._rung.set()
