"""A running step, and its result."""

import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tests.harness.action import Action
from tests.harness.files import FileCommandError, read_outputs, read_summary
from tests.harness.job_log import Annotation, Command, JobLog
from tests.harness.orphans import end_all

# Seconds to wait for the rest of the output; an orphan may keep the pipe open.
_DRAIN = 2.0

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class StepFiles:
    outputs: Path
    summary: Path
    # GITHUB_ENV, GITHUB_PATH and GITHUB_STATE, which affect the caller's job.
    leaks: tuple[Path, ...]


@dataclass(frozen=True, kw_only=True)
class StepResult:
    """What a user sees of a step that has ended."""

    exit_code: int
    raw_log: str
    log: str
    annotations: tuple[Annotation, ...]
    commands: tuple[Command, ...]
    masks: tuple[str, ...]
    outputs: Mapping[str, str]
    summary: str
    # Problems that the runner reports: bad outputs, which fail the step, and a summary that is too long.
    problems: tuple[str, ...]
    leaks: str
    orphans: tuple[str, ...]
    duration: float

    @property
    def is_green(self) -> bool:
        return self.exit_code == 0 and not self.problems

    @property
    def job_outputs(self) -> dict[str, str]:
        """The outputs that another job gets: those without a masked value."""
        return {name: value for name, value in self.outputs.items() if not any(mask in value for mask in self.masks)}

    def errors(self) -> list[Annotation]:
        return [annotation for annotation in self.annotations if annotation.level == "error"]


class Step:
    """A running step. Only the process that the runner started gets signals."""

    def __init__(
        self,
        process: subprocess.Popen[str],
        *,
        action: Action,
        files: StepFiles,
        tracking: str,
        on_line: Callable[[str], None],
    ) -> None:
        self._process = process
        self._action = action
        self._files = files
        self._tracking = tracking
        self._on_line = on_line
        self._started = time.monotonic()
        self._log = JobLog()
        self._grown = threading.Condition()
        self._is_over = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def log_so_far(self) -> str:
        with self._grown:
            return "\n".join(self._log.raw)

    def wait_for(self, text: str, *, timeout: float = 30.0) -> None:
        """Wait until the raw log contains the text. Raises TimeoutError."""

        def is_there() -> bool:
            return any(text in line for line in self._log.raw)

        with self._grown:
            self._grown.wait_for(lambda: is_there() or self._is_over, timeout)
            if not is_there():
                raise TimeoutError(f"{text!r} is not in the log:\n" + "\n".join(self._log.raw))

    def send_signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def signal_in_turn(self, signals: Iterable[tuple[signal.Signals, float]]) -> StepResult:
        """Send each signal, and then wait its number of seconds for the step to end."""
        for number, seconds in signals:
            self._process.send_signal(number)
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                continue
            break
        return self.wait()

    def wait(self, *, timeout: float = 60.0) -> StepResult:
        """Wait for the step to end. Kills it and raises TimeoutError if it does not."""
        try:
            exit_code = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self._process.kill()
            end_all(self._tracking)
            raise TimeoutError(f"the step did not end:\n{self.log_so_far()}") from None
        duration = time.monotonic() - self._started
        self._reader.join(_DRAIN)
        orphans = end_all(self._tracking)
        self._reader.join()
        return self._result(exit_code, orphans, duration)

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as output:
            for line in output:
                with self._grown:
                    shown = self._log.take(line.rstrip("\r\n"))
                    self._grown.notify_all()
                if shown is not None:
                    self._on_line(shown)
        with self._grown:
            self._is_over = True
            self._grown.notify_all()

    def _result(self, exit_code: int, orphans: Iterable[str], duration: float) -> StepResult:
        problems: list[str] = []
        no_outputs: dict[str, str] = {}
        step_outputs = _read_or(no_outputs, read_outputs, self._files.outputs, problems)
        summary = _read_or("", read_summary, self._files.summary, problems)
        return StepResult(
            exit_code=exit_code,
            raw_log="\n".join(self._log.raw),
            log="\n".join(self._log.shown),
            annotations=tuple(self._log.annotations),
            commands=tuple(self._log.commands),
            masks=tuple(self._log.masks),
            outputs=self._action.action_outputs(step_outputs),
            summary=self._log.masked(summary),
            problems=tuple(problems),
            leaks="".join(path.read_text(encoding="utf-8") for path in self._files.leaks),
            orphans=tuple(orphans),
            duration=duration,
        )


def _read_or(default: T, read: Callable[[Path], T], path: Path, problems: list[str]) -> T:
    try:
        return read(path)
    except FileCommandError as error:
        problems.append(str(error))
        return default
