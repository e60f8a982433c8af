"""``make mutate``: run every mutant of the engine against its tests and against its own decisions; list the survivors.

The decisions are those on a sample of the histories of tests/proof; `make test` compares them with recorded ones.
"""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.mutation.mutants import Mutant, mutants_of
from tests.proof import check, recording
from tests.proof.recorded import NAMINGS, tally_of
from tests.proof.scope import SCOPES

if TYPE_CHECKING:
    from types import ModuleType

_PACKAGE = "qovery_helm_deploy.deployment"
#: In the order in which they import each other.
_MODULES = ("observations", "record", "rules", "answers", "coincidences", "stories", "next_poll", "judgement")
#: Seconds of processor time after which a mutant counts as noticed: it does not end.
_LONGEST = 120
_TESTS = ("tests/engine", "tests/proof/test_histories.py")
_REASONS = Path(__file__).with_name("survivors.txt")


def _sample(*, every: int) -> check.Histories:
    """Return one of so many histories of the small scope and of the one in which the history is refused."""
    histories = check.Histories.of([*SCOPES["small"].scopes, *SCOPES["blind"].scopes])
    for by_key in histories.by_id.values():
        for number, key in enumerate(list(by_key)):
            if number % every:
                del by_key[key]
    return histories


def _decisions_on(histories: check.Histories) -> list[object]:
    decisions: list[object] = []
    for naming in NAMINGS.values():
        check.judge_all(histories, naming)
        decisions.append(tally_of(histories))
    return decisions


#: A few histories, on which most mutants fall already, and more of them; each with the decisions of the engine.
_SAMPLES = [(sample, _decisions_on(sample)) for sample in (_sample(every=80), _sample(every=9))]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--module", choices=_MODULES, action="append", help="only the mutants of this module")
    modules = parser.parse_args().module or _MODULES
    numbers = [number for number, mutant in enumerate(_mutants()) if mutant.module in modules]
    explained = {line.split("  #")[0] for line in _REASONS.read_text(encoding="utf-8").splitlines()}
    survivors = unexplained = 0
    if not _lives(None):
        sys.stdout.write("The tests fail without a mutant: run them first\n")
        return 1
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("fork")) as pool:
        for number, is_alive in zip(numbers, pool.map(_lives, numbers), strict=True):
            mutant = _mutants()[number]
            survivors += is_alive
            if is_alive and _without_line(mutant) not in explained:
                unexplained += 1
                sys.stdout.write(f"{mutant}\n")
                sys.stdout.flush()
    sys.stdout.write(f"{len(numbers)} mutants, {survivors} survivors, {unexplained} of them unexplained\n")
    return 1 if unexplained else 0


@cache
def _mutants() -> list[Mutant]:
    """Return all mutants; made once, before the processes that share them are forked."""
    sources = {name: Path(_module(name).__file__ or "").read_text(encoding="utf-8") for name in _MODULES}
    return [mutant for name in _MODULES for mutant in mutants_of(name, sources[name])]


def _without_line(mutant: Mutant) -> str:
    return f"{mutant.module}: {mutant.before}  →  {mutant.after}"


def _lives(number: int | None) -> bool:
    """Return whether a mutant, or the engine as it is, passes; in a process of its own, which the mutant may spoil."""
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        return status == 0
    os._exit(_run(None if number is None else _mutants()[number]))


def _run(mutant: Mutant | None) -> int:
    signal.setitimer(signal.ITIMER_PROF, _LONGEST)
    sys.stdout = sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - the process ends here
    try:
        _install(mutant)
        is_alive = _passes(_TESTS) and all(_decisions_on(sample) == decisions for sample, decisions in _SAMPLES)
    except Exception:  # noqa: BLE001 - a mutant that breaks is noticed
        return 1
    return 0 if is_alive else 1


def _passes(tests: tuple[str, ...]) -> bool:
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    return pytest.main(["-q", "-x", "-p", "no:cacheprovider", *tests]) == 0


def _install(mutant: Mutant | None) -> None:
    """Run the engine's modules anew, one of them perhaps mutated, and let the check use them."""
    for name in _MODULES:
        module = _module(name)
        path = module.__file__ or ""
        source = mutant.tree if mutant and name == mutant.module else Path(path).read_text(encoding="utf-8")
        code = compile(source, path, "exec")
        exec(code, module.__dict__)  # noqa: S102 - the project's own code
    for user in (recording, check):
        for name in _MODULES:
            shared = vars(_module(name)).keys() & vars(user).keys()
            vars(user).update({key: vars(_module(name))[key] for key in shared if not key.startswith("__")})


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"{_PACKAGE}.{name}")


if __name__ == "__main__":
    sys.exit(main())
