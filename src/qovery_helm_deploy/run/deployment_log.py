"""Reads Qovery's deployment log of the execution, and follows it in the job's log."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import anyio

from qovery_helm_deploy.errors import QoveryError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from qovery_helm_deploy.deployment.log_entry import LogEntry
    from qovery_helm_deploy.deployment.service import Environment
    from qovery_helm_deploy.qovery.client import Client
    from qovery_helm_deploy.run.narration import Log

#: Lines that are reported of the log of a failed deployment.
_TAIL = 50
#: Lines of errors before them that are reported, too: the first and the last of many.
_FIRST_ERROR_LINES, _LAST_ERROR_LINES = 20, 40
#: Seconds between two reads of the log while it is followed and nothing is pushed; an hour then takes 180 requests.
_LIVE_INTERVAL = 20.0
#: Entries that are shown of a log while it is followed.
_MOST_ENTRIES = 10_000


class Failure(NamedTuple):
    """What the log holds of a service that failed: the first error, and the lines of all errors and of the end."""

    error: LogEntry | None
    lines: tuple[str, ...]


class DeploymentLog:
    """The log of one execution, as far as it is about the services of this step."""

    def __init__(self, client: Client, log: Log, *, environment_id: str, service_ids: Collection[str]) -> None:
        self._client = client
        self._log = log
        self._environment_id = environment_id
        self._service_ids = frozenset(service_ids)
        self._shown: set[LogEntry] = set()
        self._heard_at = -math.inf

    async def failures(self, execution_id: str, *, service_ids: Collection[str]) -> Mapping[str, Failure]:
        """Return what the log holds of each service."""
        entries = await self._entries(execution_id)
        return {service_id: _failure_in(entries, service_id) for service_id in service_ids}

    async def follow(self, execution_id: Callable[[], str | None]) -> None:
        """Log new entries that were not pushed, every 20 s until cancelled.

        `execution_id` returns the execution of the request, or None until it is identified.
        """
        while True:
            await anyio.sleep(_LIVE_INTERVAL)
            if anyio.current_time() - self._heard_at >= _LIVE_INTERVAL:
                await self.show_news(execution_id())

    async def listen(self, environment: Environment, execution_id: str) -> None:
        """Log the entries that Qovery pushes, until the connection ends."""
        try:
            await self._client.pushed_log(environment, execution_id=execution_id, take=self._hear)
        except QoveryError as error:
            self._log.debug(f"{error} Reading the log every {_LIVE_INTERVAL:g} s instead.")

    async def show_news(self, execution_id: str | None) -> None:
        """Log the entries that were not logged before."""
        self._show(await self._entries(execution_id) if execution_id else ())

    def _hear(self, entries: Iterable[LogEntry]) -> None:
        # An entry without words may have a format that this version does not know: the log is read then.
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
            self._log.say(f"Qovery's log has more than {_MOST_ENTRIES} entries; the rest is in the console")

    async def _entries(self, execution_id: str) -> tuple[LogEntry, ...]:
        try:
            entries = await self._client.logs(self._environment_id, execution_id=execution_id)
        except QoveryError as error:
            self._log.say(f"Cannot read Qovery's deployment log: {error}")
            return ()
        return tuple(self._of_services(entries))

    def _of_services(self, entries: Iterable[LogEntry]) -> Iterator[LogEntry]:
        return (entry for entry in entries if entry.transmitter_id is None or entry.transmitter_id in self._service_ids)


def _failure_in(entries: Iterable[LogEntry], service_id: str) -> Failure:
    about = [entry for entry in entries if entry.transmitter_id in {None, service_id}]
    error = next((entry for entry in about if entry.is_error), None)
    lines = [(line, entry.is_error) for entry in about for line in entry.lines]
    errors = [line for line, is_error in lines[:-_TAIL] if is_error]
    return Failure(error=error, lines=(*_without_middle(errors), *(line for line, _ in lines[-_TAIL:])))


def _without_middle(lines: list[str]) -> list[str]:
    rest = lines[_FIRST_ERROR_LINES:-_LAST_ERROR_LINES]
    if not rest:
        return lines
    return [*lines[:_FIRST_ERROR_LINES], f"… {len(rest)} lines left out …", *lines[-_LAST_ERROR_LINES:]]


def _lines(entries: Iterable[LogEntry]) -> Iterator[str]:
    for entry in entries:
        yield from entry.lines
