"""Runs pip as a process of its own, one that never outlives the launcher."""

import importlib.util
import os
import signal
import site
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from errors import PipMissingError
from interruption import Interruption


@dataclass(frozen=True)
class Answer:
    status: int
    output: str


class Pip:
    def __init__(self, program: Sequence[str], interruption: Interruption) -> None:
        self._command = (sys.executable, "-I", *program)
        self._interruption = interruption

    @classmethod
    def found(cls, interruption: Interruption) -> Self:
        """Take the Python's own pip, else the wheel that its ensurepip would unpack: pip runs from within it."""
        site.main()  # The launcher was started without it, and could not see what is installed.
        if importlib.util.find_spec("pip"):
            return cls(["-m", "pip"], interruption)
        for wheel in sorted(_bundled_wheels()):
            return cls([str(wheel / "pip")], interruption)
        raise PipMissingError(
            f"{sys.executable} has no pip.",
            hint="Install pip for it (on Debian and Ubuntu: apt-get install python3-pip), "
            "or add a step with actions/setup-python before this one.",
        )

    def run(self, arguments: Sequence[str], environment: Mapping[str, str], directory: Path) -> Answer:
        """Run pip in a directory, which is that of its temporary files, too."""
        temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(directory))

        def start() -> subprocess.Popen[str]:
            return subprocess.Popen(  # noqa: S603
                [*self._command, *arguments],
                cwd=directory,
                env={**environment, **temporary},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
                # A group of its own, so that whatever pip starts (keyring, for one) ends with it.
                start_new_session=True,
            )

        with self._interruption.hold(start, _kill) as process:
            output, _ = process.communicate()
            return Answer(process.returncode, output)


def _kill(process: subprocess.Popen[str]) -> None:
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def _bundled_wheels() -> Iterable[Path]:
    ensurepip = importlib.util.find_spec("ensurepip")
    inside = [Path(place) / "_bundled" for place in (ensurepip and ensurepip.submodule_search_locations) or ()]
    # Distributions keep it elsewhere, and this variable says where.
    elsewhere = sysconfig.get_config_var("WHEEL_PKG_DIR")
    for directory in [*inside, *([Path(elsewhere)] if elsewhere else [])]:
        yield from directory.glob("pip-*.whl")
