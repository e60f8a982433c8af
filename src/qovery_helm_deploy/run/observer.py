"""Observes the environment of one deployment request, and keeps the record."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeVar

import anyio

from qovery_helm_deploy.deployment.assumptions import LONGEST_LAG
from qovery_helm_deploy.deployment.judgement import Judgement, judge, when_to_poll
from qovery_helm_deploy.deployment.next_poll import RECORDS, Source, records_for
from qovery_helm_deploy.deployment.observations import Call, OwnRequest
from qovery_helm_deploy.deployment.record import Record
from qovery_helm_deploy.errors import DeniedError, NotFoundError, QoveryError, RedirectedError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    from qovery_helm_deploy.deployment.execution import Execution
    from qovery_helm_deploy.deployment.status import EnvironmentStatuses, State, Status
    from qovery_helm_deploy.qovery.client import Client

#: The id with which a dry run tries whether the token may ask about a request.
_NO_REQUEST = "00000000-0000-0000-0000-000000000000"
#: Seconds until a call that Qovery refused is made again; twice as long after each refusal.
_REFUSED_FOR = 60.0
#: Seconds until the queue or the history is read again that could not be.
_IN_TROUBLE_FOR = 15.0
#: Seconds for which Qovery must refuse every call to end a run: a fail-over or a rotation of tokens takes less.
_ALL_REFUSED_FOR = 120.0

T = TypeVar("T")


class Observer:
    """Asks Qovery and adds the answers to `record`.

    A call that Qovery refuses is missing evidence: the run goes on with the others. `past` are the executions before
    the request, newest first. `last_error` is the latest failure, and `answers` counts the calls that were answered.
    `on_denial` gets the error of each call that the token may not make.
    """

    def __init__(
        self, client: Client, *, environment_id: str, own: OwnRequest, on_denial: Callable[[DeniedError], None]
    ) -> None:
        self._client = client
        self._environment_id = environment_id
        self._on_denial = on_denial
        self._refusals: dict[Source, int] = {}
        self._closed_until: dict[Source, float] = {}
        self._answered_at = anyio.current_time()
        self.record = Record.of(own)
        self.past: tuple[Execution, ...] = ()
        self.statuses: EnvironmentStatuses | None = None
        self.last_error: QoveryError | None = None
        self.answers = 0

    def judge(self) -> Judgement:
        """Return what the record shows now."""
        return judge(self.record, at=anyio.current_time())

    def when_to_poll(self) -> tuple[frozenset[Source], float]:
        """Return the calls that may show more later, even if their answers stay the same, and from which time on."""
        return when_to_poll(self.record, at=anyio.current_time())

    def set_own(self, own: OwnRequest) -> None:
        """Replace our request in the record, once more is known of it."""
        self.record = self.record.with_own(own)

    def status_of(self, service_id: str) -> Status | None:
        """Return the latest status of a service, if the statuses could be read."""
        return self.statuses.services.get(service_id) if self.statuses else None

    def next_sources(self, judgement: Judgement) -> frozenset[Source]:
        """Return the fewest calls that can show what happens next."""
        if judgement.trusts_answers and self.record.own.id is not None and self._is_open(Source.ANSWER):
            return frozenset({Source.ANSWER})
        return records_for(judgement.standing)

    async def observe_before(self) -> None:
        """Observe the environment before the request.

        Raises `QoveryError` if nothing could be read, unless Qovery refuses all of it.
        """
        before, own = self.answers, self.record.own
        self.record = Record.of(OwnRequest(services=own.services, asked=own.asked))
        async with anyio.create_task_group() as group:
            group.start_soon(self._observe_past)
            group.start_soon(self._observe, Source.QUEUE)
            group.start_soon(self._observe, Source.STATUSES)
        if self.answers == before and self.last_error and not _is_refusal(self.last_error):
            raise self.last_error

    async def try_calls(self) -> None:
        """Make every call once, to find out which of them the token may make."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._observe_past)
            for source in set(Source) - {Source.HISTORY}:
                group.start_soon(self._observe, source)

    async def observe(self, sources: Collection[Source]) -> None:
        """Make calls side by side. Raises `RefusedError` once Qovery has refused every call for long enough."""
        before = self.answers
        substituted = {self._substitute(source) for source in sources}
        usable = {source for source in substituted if self._is_open(source)}
        async with anyio.create_task_group() as group:
            for source in usable or sources:
                group.start_soon(self._observe, source)
        if self.answers > before or not self.last_error or not _is_refusal(self.last_error):
            self._answered_at = anyio.current_time()
        elif anyio.current_time() - self._answered_at >= _ALL_REFUSED_FOR:
            raise self.last_error

    def reopen(self) -> None:
        """Make the calls again that failed, but not those that Qovery refuses."""
        self._closed_until = {source: at for source, at in self._closed_until.items() if source in self._refusals}

    def _substitute(self, source: Source) -> Source:
        """Return the statuses for a queue or history that Qovery refuses: they show a part of it."""
        return Source.STATUSES if source in RECORDS and not self._is_open(source) else source

    def _is_open(self, source: Source) -> bool:
        return anyio.current_time() >= self._closed_until.get(source, -math.inf)

    async def _observe(self, source: Source) -> None:
        environment_id = self._environment_id
        match source:
            case Source.ANSWER:
                await self._add(source, self._client.request_state(self.record.own.id or _NO_REQUEST), _with_answer)
            case Source.QUEUE:
                await self._add(source, self._client.queue(environment_id), Record.with_queue)
            case Source.HISTORY:
                await self._add(source, self._client.history(environment_id), Record.with_history)
            case _:
                await self._add(source, self._client.statuses(environment_id), self._with_statuses)

    async def _observe_past(self) -> None:
        await self._add(Source.HISTORY, self._long_history(), Record.with_history)

    async def _long_history(self) -> tuple[Execution, ...]:
        self.past = await self._client.long_history(self._environment_id)
        return self.past

    async def _add(self, source: Source, call: Awaitable[T], add: Callable[[Record, Call, T], Record]) -> None:
        asked_at = anyio.current_time()
        try:
            answer = await call
        except QoveryError as error:
            self.last_error = error
            if source is Source.ANSWER and isinstance(error, NotFoundError):
                self._add_not_found(Call(asked_at, anyio.current_time()))
            elif _is_refusal(error):
                if isinstance(error, DeniedError):
                    self._on_denial(error)
                self._close(source)
            else:
                # Other calls show the same, so that an answer that does not come is not waited for.
                seconds = _REFUSED_FOR if source is Source.ANSWER else _IN_TROUBLE_FOR
                self._closed_until[source] = anyio.current_time() + seconds
        else:
            self.answers += 1
            self._refusals.pop(source, None)
            self.record = add(self.record, Call(asked_at, anyio.current_time()), answer)

    def _with_statuses(self, record: Record, call: Call, statuses: EnvironmentStatuses) -> Record:
        self.statuses = statuses
        return record.with_statuses(call, statuses)

    def _add_not_found(self, call: Call) -> None:
        """Add that Qovery does not know our request: a new one may not show yet, an old one may no longer."""
        self.record = self.record.with_answer(call, None)
        if call.answered_at - self.record.own.call.answered_at > LONGEST_LAG:
            self._close(Source.ANSWER)

    def _close(self, source: Source) -> None:
        """Make a call no more for some time."""
        times = self._refusals[source] = self._refusals.get(source, 0) + 1
        self._closed_until[source] = anyio.current_time() + _REFUSED_FOR * 2 ** (times - 1)


def _with_answer(record: Record, call: Call, answer: tuple[State | None, str | None]) -> Record:
    state, request_id = answer
    return record.with_answer(call, state, about=request_id)


def _is_refusal(error: QoveryError) -> bool:
    """Return whether Qovery itself refuses; a redirect is a proxy's."""
    return isinstance(error, RefusedError) and not isinstance(error, RedirectedError)
