"""Loads the package into this process, where nothing but its dependencies and the standard library can be imported."""

import gc
import importlib
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.machinery import BuiltinImporter, FrozenImporter, PathFinder
from pathlib import Path

from errors import LoadError


def load(package: str, source: Path, dependencies: Sequence[Path]) -> Callable[[Mapping[str, str]], int]:
    """Return the package's `__main__.main`, which runs it with an environment. Raises `LoadError`."""
    # What the machine's site-packages brought (paths, import hooks, modules that its .pth files have imported) goes.
    sys.path[:] = [*map(str, (source, *dependencies)), *standard_library(sys.path)]
    sys.meta_path[:] = [BuiltinImporter, FrozenImporter, PathFinder]
    _forget({entry.name.partition(".")[0] for directory in (source, *dependencies) for entry in directory.iterdir()})
    gc.disable()  # what is loaded stays; the package enables it, once it is there
    try:
        main: Callable[[Mapping[str, str]], int] = importlib.import_module(f"{package}.__main__").main
    except (ImportError, OSError) as error:
        hint = "Add a step with actions/setup-python before this one for another Python."
        if getattr(error, "name", None) not in sys.stdlib_module_names:
            hint = f"Allow this Python to load libraries from {dependencies[-1]}. Or: {hint}"
        raise LoadError(f"{sys.executable} cannot load the action or its dependencies ({error}).", hint=hint) from error
    return main


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
