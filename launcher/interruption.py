"""Ends the launcher when the workflow is cancelled: nothing has been deployed yet.

The handler does all of it and leaves by ``os._exit``: an exception raised out of a handler can be swallowed wherever it
happens to arise. The package installs handlers of its own as soon as it runs.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

import workflow

T = TypeVar("T")


class Interruption:
    def __init__(self) -> None:
        self._releases: list[Callable[[], object]] = []
        self._is_postponed = False
        self._is_pending = False

    def watch(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)

    @contextmanager
    def hold(self, make: Callable[[], T], release: Callable[[T], object]) -> Iterator[T]:
        """Make something that must not outlive the launcher: the block's end releases it, and so does a signal.

        A signal may thus call the release a second time; it must bear that, and not raise.
        """
        thing, let_go = self._make(make, release)
        try:
            yield thing
        finally:
            let_go()
            self._releases.remove(let_go)

    def _make(self, make: Callable[[], T], release: Callable[[T], object]) -> tuple[T, Callable[[], object]]:
        # A signal waits until it is known how to release what has just been made.
        self._is_postponed = True
        try:
            thing = make()
            let_go = partial(release, thing)
            self._releases.append(let_go)
        finally:
            self._is_postponed = False
            if self._is_pending:
                self._end()
        return thing, let_go

    def _on_signal(self, _number: int, _frame: object) -> None:
        self._is_pending = True
        if not self._is_postponed:
            self._end()

    def _end(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        try:
            for let_go in reversed(self._releases):
                let_go()
        finally:
            workflow.end_cancelled()
