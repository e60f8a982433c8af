"""Shows Qovery's deployment log of our execution in the job's log."""

from __future__ import annotations

import math
from itertools import islice
from typing import TYPE_CHECKING

import anyio

from qovery_helm_deploy.errors import QoveryError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from qovery_helm_deploy.deployment.log_entry import LogEntry
    from qovery_helm_deploy.deployment.service import Environment
    from qovery_helm_deploy.qovery.client import Client
    from qovery_helm_deploy.run.narration import Log
    from qovery_helm_deploy.run.targets import Target

_TAIL = 50
_MOST_ERROR_LINES = 60
#: Seconds between two reads of the log while it is followed and nothing is pushed; an hour then takes 180 requests.
_LIVE_INTERVAL = 20.0
#: Entries that are shown of a log while it is followed.
_MOST_ENTRIES = 10_000


class DeploymentLog:
    """Reads the log of one execution, and shows what is about its services."""

    def __init__(self, client: Client, log: Log, *, targets: Sequence[Target]) -> None:
        self._client = client
        self._log = log
        self._targets = {target.service.id: target for target in targets}
        self._environment_id = targets[0].service.environment_id
        self._shown: set[LogEntry] = set()
        self._heard_at = -math.inf

    async def show_failures(self, execution_id: str, *, service_ids: Collection[str]) -> Mapping[str, LogEntry]:
        """Show, of each service, its errors first, then the end of its log, folded; return the first error of each."""
        entries = await self._entries(execution_id)
        shown = {service_id: self._show_failure(service_id, entries) for service_id in service_ids}
        return {service_id: entry for service_id, entry in shown.items() if entry}

    async def follow(self, execution_id: Callable[[], str | None]) -> None:
        """Show now and then, until cancelled, what is new in the log and was not pushed.

        `execution_id` returns the execution of our request, once it is identified.
        """
        while True:
            await anyio.sleep(_LIVE_INTERVAL)
            if anyio.current_time() - self._heard_at >= _LIVE_INTERVAL:
                await self.show_news(execution_id())

    async def listen(self, environment: Environment, execution_id: str) -> None:
        """Show the log as it is pushed, until the gateway ends that."""
        try:
            await self._client.pushed_log(environment, execution_id=execution_id, take=self._hear)
        except QoveryError as error:
            self._log.debug(f"{error} The log is read instead.")

    async def show_news(self, execution_id: str | None) -> None:
        """Show what is new in the log of an execution."""
        self._show(await self._entries(execution_id) if execution_id else ())

    def _show_failure(self, service_id: str, entries: Iterable[LogEntry]) -> LogEntry | None:
        entries, label = tuple(_of_service(entries, service_id)), self._targets[service_id].label
        errors = list(islice(_lines(entry for entry in entries if entry.is_error), _MOST_ERROR_LINES))
        if errors:
            self._log.say(f"{label}: what Qovery says went wrong:")
            self._log.quote(errors)
        if entries:
            with self._log.group(f"{label}: the end of Qovery's deployment log"):
                self._log.quote(list(_lines(entries))[-_TAIL:])
        return next((entry for entry in entries if entry.is_error), None)

    def _hear(self, entries: Iterable[LogEntry]) -> None:
        # Only what has words counts: the gateway may speak another language one day.
        pushed = [entry for entry in self._of_services(entries) if any(entry.lines)]
        if pushed:
            self._heard_at = anyio.current_time()
            self._show(pushed)

    def _show(self, entries: Iterable[LogEntry]) -> None:
        room = _MOST_ENTRIES - len(self._shown)
        news = [entry for entry in dict.fromkeys(entries) if entry not in self._shown][:room]
        self._shown.update(news)
        if news:
            self._log.quote(_lines(news))
        if news and len(news) == room:
            self._log.say("Qovery's log goes on; no more of it is shown.")

    async def _entries(self, execution_id: str) -> tuple[LogEntry, ...]:
        try:
            entries = await self._client.logs(self._environment_id, execution_id=execution_id)
        except QoveryError as error:
            self._log.say(f"Qovery's deployment log cannot be read: {error}")
            return ()
        return tuple(self._of_services(entries))

    def _of_services(self, entries: Iterable[LogEntry]) -> Iterator[LogEntry]:
        return (entry for entry in entries if entry.transmitter_id is None or entry.transmitter_id in self._targets)


def _of_service(entries: Iterable[LogEntry], service_id: str) -> Iterator[LogEntry]:
    return (entry for entry in entries if entry.transmitter_id in {None, service_id})


def _lines(entries: Iterable[LogEntry]) -> Iterator[str]:
    for entry in entries:
        yield from entry.lines
