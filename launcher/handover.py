"""Runs the package in this very process, where only its own dependencies and the standard library can be imported."""

import gc
import os
import runpy
import sys
from collections.abc import Iterable, Sequence
from importlib.machinery import BuiltinImporter, FrozenImporter, PathFinder
from pathlib import Path


def become(package: str, source: Path, dependencies: Sequence[Path]) -> None:
    """Run the package as the program. Its exit status comes as SystemExit."""
    # What the machine's site-packages brought (paths, import hooks, modules that its .pth files have imported) goes.
    sys.path[:] = [*map(str, (source, *dependencies)), *standard_library(sys.path)]
    sys.meta_path[:] = [BuiltinImporter, FrozenImporter, PathFinder]
    _forget({entry.name.partition(".")[0] for directory in (source, *dependencies) for entry in directory.iterdir()})
    gc.disable()  # what is loaded stays; the package enables it, once it is there
    runpy.run_module(package, run_name="__main__", alter_sys=True)


def standard_library(path: Iterable[str]) -> list[str]:
    """Return the entries that every Python starts with, and none that were added to them."""
    return [entry for entry in path if _is_standard(Path(entry))]


def _is_standard(entry: Path) -> bool:
    return (
        entry == Path(os.__file__).parent
        or entry.name in {"lib-dynload", "DLLs"}
        or (entry.name.startswith("python3") and entry.suffix == ".zip")
        # Windows keeps extension modules beside the interpreter.
        or (os.name == "nt" and entry == Path(sys.base_prefix))
    )


def _forget(names: set[str]) -> None:
    for module in list(sys.modules):
        if module.partition(".")[0] in names:
            del sys.modules[module]
