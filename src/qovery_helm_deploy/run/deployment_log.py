"""Shows Qovery's deployment log of our execution and our service in the job's log."""

from __future__ import annotations

import math
from itertools import islice
from typing import TYPE_CHECKING

import anyio

from qovery_helm_deploy.errors import QoveryError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from qovery_helm_deploy.deployment.log_entry import LogEntry
    from qovery_helm_deploy.deployment.service import Environment
    from qovery_helm_deploy.qovery.client import Client
    from qovery_helm_deploy.run.narration import Log
    from qovery_helm_deploy.run.preparing import Subject

_TAIL = 50
_MOST_ERROR_LINES = 60
#: Seconds between two looks at the log while it is followed and nothing is pushed; an hour then takes 180 requests.
_LIVE_INTERVAL = 20.0
#: Entries that are shown of a log while it is followed.
_MOST_ENTRIES = 10_000


class DeploymentLog:
    """Reads the log of one service's deployment in its environment."""

    def __init__(self, client: Client, log: Log, *, subject: Subject) -> None:
        self._client = client
        self._log = log
        self._subject = subject
        self._shown: set[LogEntry] = set()
        self._heard_at = -math.inf

    async def show_failure(self, execution_id: str) -> LogEntry | None:
        """Show the errors first, then the end of the log, folded; return the first error, if there is one."""
        entries = await self._entries(execution_id)
        errors = list(islice(_lines(entry for entry in entries if entry.is_error), _MOST_ERROR_LINES))
        if errors:
            self._log.say(f"{self._subject.label}: what Qovery says went wrong:")
            self._log.quote(errors)
        if entries:
            with self._log.group(f"{self._subject.label}: the end of Qovery's deployment log"):
                self._log.quote(list(_lines(entries))[-_TAIL:])
        return next((entry for entry in entries if entry.is_error), None)

    async def follow(self, execution_id: Callable[[], str | None], *, services: Callable[[], int]) -> None:
        """Show now and then, until cancelled, what is new in the log and was not pushed.

        `execution_id` tells which execution is ours, once that is known; `services` how many are followed just now, for
        they share the looks.
        """
        while True:
            interval = _LIVE_INTERVAL * max(1, services())
            await anyio.sleep(interval)
            if anyio.current_time() - self._heard_at >= interval:
                await self.show_news(execution_id())

    async def listen(self, environment: Environment, execution_id: str) -> None:
        """Show the log as it is pushed, until the gateway ends that."""
        try:
            await self._client.pushed_log(environment, execution_id=execution_id, take=self._hear)
        except QoveryError as error:
            self._log.debug(f"{self._subject.label}: {error} Its log is asked for instead.")

    async def show_news(self, execution_id: str | None) -> None:
        self._show(await self._entries(execution_id) if execution_id else ())

    def _hear(self, entries: Iterable[LogEntry]) -> None:
        # Only what says something counts: the gateway may speak another language one day.
        told = [entry for entry in self._of_service(entries) if any(entry.lines)]
        if told:
            self._heard_at = anyio.current_time()
            self._show(told)

    def _show(self, entries: Iterable[LogEntry]) -> None:
        room = _MOST_ENTRIES - len(self._shown)
        news = [entry for entry in dict.fromkeys(entries) if entry not in self._shown][:room]
        self._shown.update(news)
        if news:
            self._log.quote(_lines(news))
        if news and len(news) == room:
            self._log.say(f"{self._subject.label}: Qovery's log goes on; no more of it is shown.")

    async def _entries(self, execution_id: str) -> tuple[LogEntry, ...]:
        try:
            entries = await self._client.logs(self._subject.service.environment_id, execution_id=execution_id)
        except QoveryError as error:
            self._log.say(f"{self._subject.label}: Qovery's deployment log cannot be read: {error}")
            return ()
        return tuple(self._of_service(entries))

    def _of_service(self, entries: Iterable[LogEntry]) -> Iterator[LogEntry]:
        return (entry for entry in entries if entry.transmitter_id in {None, self._subject.service.id})


def _lines(entries: Iterable[LogEntry]) -> Iterator[str]:
    for entry in entries:
        yield from entry.lines
