"""Compiles Python files, so that a fresh runner does not have to."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from release.platforms import VERSIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_ASK = "import platform, sys; print(platform.python_version(), sys.executable)"


@dataclass(frozen=True, kw_only=True)
class CompilingPython:
    """A Python of this machine: the `version` that it compiles for (3.12), and its own `release` (3.12.4)."""

    version: str
    release: str
    program: str

    def compile(self, directories: Iterable[Path], *, below: Path) -> None:
        """Compile what is in the directories; names in it are told relative to `below`.

        Python takes the result without a look at its source: the bundle's checksums vouch for both.
        """
        subprocess.run(  # noqa: S603
            [
                *(self.program, "-sP", "-m", "compileall", "-q", "-f", "--invalidation-mode=unchecked-hash"),
                *("-s", str(below), "-p", "bundle"),
                *map(str, directories),
            ],
            check=True,
            # The hashes of texts decide the order of what is compiled from sets.
            env={"PYTHONHASHSEED": "0"},
        )


def compiling_pythons() -> Iterator[CompilingPython]:
    """Find those of the versions that a release is for which this machine has on its PATH."""
    for version in VERSIONS:
        program = shutil.which(f"python{version}")
        told = _ask(program) if program else ""
        release, _, executable = told.partition(" ")
        if release.startswith(f"{version}."):
            yield CompilingPython(version=version, release=release, program=executable)


def _ask(program: str) -> str:
    ended = subprocess.run([program, "-I", "-c", _ASK], check=False, capture_output=True, text=True)  # noqa: S603
    return ended.stdout.strip()
