"""``make mutate``: run every mutant of the engine against the recorded decisions and the tests; list the survivors."""

from __future__ import annotations

import importlib
import json
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
from tests.proof import check, recorded, recording

if TYPE_CHECKING:
    from types import ModuleType

_PACKAGE = "qovery_helm_deploy.deployment"
#: In the order in which they import each other.
_MODULES = ("observations", "record", "rules", "answers", "coincidences", "stories", "next_poll", "judgement")
#: Seconds of processor time after which a mutant counts as noticed: it does not end.
_LONGEST = 300
#: The tests of the engine, quick ones first; the slow ones run the whole action.
_TESTS = ("tests/unit/test_engine.py", "tests/unit/test_joining.py", "tests/proof/test_histories.py")
_SLOW_TESTS = tuple(
    f"tests/deployments/test_{name}.py" for name in ("following", "requesting", "several", "interruption", "joining")
)
_REASONS = Path(__file__).with_name("survivors.txt")
#: A few histories, on which most mutants fall already, and all that are recorded.
_FEW, _ALL = recorded.sample(every=80), recorded.sample()
_EXPECTED = recorded.tally_of(_FEW)


def main() -> int:
    mutants = _mutants()
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("fork")) as pool:
        lives = pool.map(_lives, range(len(mutants)))
        survivors = []
        for number, (mutant, is_alive) in enumerate(zip(mutants, lives, strict=True), start=1):
            if is_alive:
                survivors.append(mutant)
            if number % 50 == 0:
                sys.stderr.write(f"{number} of {len(mutants)} mutants, {len(survivors)} survivors\n")
    explained = {line.split("  #")[0] for line in _REASONS.read_text(encoding="utf-8").splitlines()}
    unexplained = [mutant for mutant in survivors if _without_line(mutant) not in explained]
    sys.stdout.writelines(f"{mutant}\n" for mutant in unexplained)
    sys.stdout.write(f"{len(mutants)} mutants, {len(survivors)} survivors, {len(unexplained)} of them unexplained\n")
    return 1 if unexplained else 0


@cache
def _mutants() -> list[Mutant]:
    """Return all mutants; made once, before the processes that share them are forked."""
    sources = {name: Path(_module(name).__file__ or "").read_text(encoding="utf-8") for name in _MODULES}
    return [mutant for name in _MODULES for mutant in mutants_of(name, sources[name])]


def _without_line(mutant: Mutant) -> str:
    return f"{mutant.module}: {mutant.before}  →  {mutant.after}"


def _lives(number: int) -> bool:
    """Return whether a mutant decides everything as recorded; in a process of its own, which it may spoil."""
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        return status == 0
    os._exit(_run(_mutants()[number]))


def _run(mutant: Mutant) -> int:
    signal.setitimer(signal.ITIMER_PROF, _LONGEST)
    sys.stdout = sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - the process ends here
    try:
        _install(mutant)
        is_alive = recorded.tally_of(_FEW) == _EXPECTED and _passes(_TESTS)
        if is_alive:
            tally = json.loads(json.dumps(recorded.tally_of(_ALL)))
            is_alive = tally == json.loads(recorded.RECORD.read_text(encoding="utf-8")) and _passes(_SLOW_TESTS)
    except Exception:  # noqa: BLE001 - a mutant that breaks is noticed
        return 1
    return 0 if is_alive else 1


def _passes(tests: tuple[str, ...]) -> bool:
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    return pytest.main(["-q", "-x", "-p", "no:cacheprovider", *tests]) == 0


def _install(mutant: Mutant) -> None:
    """Run the engine's modules anew, one of them mutated, and let the check use them."""
    for name in _MODULES:
        module = _module(name)
        path = module.__file__ or ""
        source = mutant.tree if name == mutant.module else Path(path).read_text(encoding="utf-8")
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
