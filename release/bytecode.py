"""Compiles Python files, so that a fresh runner does not have to."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from release.platforms import VERSIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: What of the action itself is compiled, beside its bundle; below the repository's root.
_OWN = ("src/qovery_helm_deploy", "launcher")
#: What a step loads rarely, or never: compiled when it is.
_RARELY_LOADED = (
    r"/anyio/(from_thread|functools|itertools|to_interpreter|to_process)\.py$|"
    r"/anyio/_core/_(fileio|futures|subprocesses|tempfile)\.py$|"
    r"/anyio/streams/(buffered|file|text)\.py$|"
    r"/launcher/(credentials|diagnosis|installation|other_python|pip_.*|places)\.py$|"
    r"/pydantic/(deprecated/.*|dataclasses|functional_serializers|networks|type_adapter)\.py$|"
    r"/websockets/"
)
_ASK = "import platform, sys; print(platform.python_version(), sys.executable)"


@dataclass(frozen=True, kw_only=True)
class CompilingPython:
    """A Python of this machine: the `version` that it compiles for (3.12), and its own `release` (3.12.4)."""

    version: str
    release: str
    program: str

    def compile(self, directories: Iterable[Path], *, below: Path, named: str = "", is_checked: bool = False) -> None:
        """Compile what is in the directories; names in it are told relative to `below`, and `named` precedes them.

        Unless `is_checked`, Python takes the result without a look at its source.
        """
        how = "checked-hash" if is_checked else "unchecked-hash"
        subprocess.run(  # noqa: S603
            [
                *(
                    self.program,
                    "-sP",
                    "-m",
                    "compileall",
                    "-q",
                    "-f",
                    "-x",
                    _RARELY_LOADED,
                    f"--invalidation-mode={how}",
                ),
                *("-s", str(below), *(("-p", named) if named else ())),
                *map(str, directories),
            ],
            check=True,
            # The hashes of texts decide the order of what is compiled from sets.
            env={"PYTHONHASHSEED": "0"},
        )


def compile_own(root: Path, pythons: Iterable[CompilingPython]) -> list[Path]:
    """Compile the action's own modules, in place; returns all that is compiled there then.

    Python takes it only where it fits the source, so that whoever changes that runs what he wrote.
    """
    directories = [root / name for name in _OWN]
    for cache in [cache for directory in directories for cache in directory.rglob("__pycache__")]:
        shutil.rmtree(cache)
    for python in pythons:
        python.compile(directories, below=root, is_checked=True)
    return sorted(compiled for directory in directories for compiled in directory.rglob("*.pyc"))


def compiling_pythons() -> Iterator[CompilingPython]:
    """Find those of the versions that a release is for which this machine has, on its PATH or in pyenv."""
    for version in VERSIONS:
        for program in _programs(version):
            release, _, executable = _ask(program).partition(" ")
            if release.startswith(f"{version}."):
                yield CompilingPython(version=version, release=release, program=executable)
                break


def _programs(version: str) -> Iterator[str]:
    if program := shutil.which(f"python{version}"):
        yield program
    pyenv = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser()
    yield from map(str, sorted(pyenv.glob(f"versions/{version}.*/bin/python{version}")))


def _ask(program: str) -> str:
    ended = subprocess.run([program, "-I", "-c", _ASK], check=False, capture_output=True, text=True)  # noqa: S603
    return ended.stdout.strip()
