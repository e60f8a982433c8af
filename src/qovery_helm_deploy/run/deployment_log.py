"""Shows Qovery's deployment log of our execution and our service in the job's log."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import anyio

from qovery_helm_deploy.errors import QoveryError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from qovery_helm_deploy.deployment.log_entry import LogEntry
    from qovery_helm_deploy.qovery.client import Client
    from qovery_helm_deploy.run.following import Follower
    from qovery_helm_deploy.run.narration import Log

_TAIL = 50
_MOST_ERROR_LINES = 60
#: Seconds between two looks at the log while it is followed; an hour then takes 180 requests.
_LIVE_INTERVAL = 20.0


class DeploymentLog:
    """Reads the log of one service's deployment in its environment."""

    def __init__(self, client: Client, log: Log, *, service_id: str, environment_id: str, label: str) -> None:
        self._client = client
        self._log = log
        self._service_id = service_id
        self._environment_id = environment_id
        self._label = label
        self._shown: set[LogEntry] = set()

    async def show_failure(self, execution_id: str) -> LogEntry | None:
        """Show the errors first, then the end of the log, folded; return the first error, if there is one."""
        entries = await self._entries(execution_id)
        errors = list(islice(_lines(entry for entry in entries if entry.is_error), _MOST_ERROR_LINES))
        if errors:
            self._log.say(f"{self._label}: what Qovery says went wrong:")
            self._log.quote(errors)
        if entries:
            with self._log.group(f"{self._label}: the end of Qovery's deployment log"):
                self._log.quote(list(_lines(entries))[-_TAIL:])
        return next((entry for entry in entries if entry.is_error), None)

    async def follow(self, follower: Follower) -> None:
        """Show what is new in the log, until cancelled."""
        while True:
            await anyio.sleep(_LIVE_INTERVAL)
            await self.show_news(follower.claim.execution_id)

    async def show_news(self, execution_id: str | None) -> None:
        entries = await self._entries(execution_id) if execution_id else ()
        news = [entry for entry in entries if entry not in self._shown]
        self._shown.update(news)
        if news:
            self._log.quote(_lines(news))

    async def _entries(self, execution_id: str) -> tuple[LogEntry, ...]:
        try:
            entries = await self._client.logs(self._environment_id, execution_id=execution_id)
        except QoveryError as error:
            self._log.say(f"{self._label}: Qovery's deployment log cannot be read: {error}")
            return ()
        return tuple(entry for entry in entries if entry.transmitter_id in {None, self._service_id})


def _lines(entries: Iterable[LogEntry]) -> Iterator[str]:
    for entry in entries:
        yield from entry.lines
