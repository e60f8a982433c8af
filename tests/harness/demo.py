"""``make demo``: runs the step of action.yml against the sandbox, and prints what a user sees.

The exit status is 0 if the step ended as its scenario intends, also if that is a failure.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from tests.harness import Runner, StepResult, package_settings
from tests.harness.action import ROOT
from tests.harness.sandbox import Sandbox, running_sandbox

DIRECTORY = ROOT / ".demo"
DEFAULT_SPEED = 5.0

# The outcome of each scenario; all others succeed.
INTENDED_OUTCOMES = {
    "failing": "failed",
    "build-failing": "failed",
    "never-ready": "timed_out",
    "superseded": "superseded",
    "canceled": "canceled",
    "unchanged": "unchanged",
}
GREEN = {"succeeded", "unchanged"}

# The inputs with which a scenario ends soon and shows what its name says.
_INPUTS = {"never-ready": {"timeout": "15s"}, "unchanged": {"force_event": "DIFF"}}

T = TypeVar("T")

_COLOURS = {"red": "\033[31m", "green": "\033[32m", "dim": "\033[2m", "bold": "\033[1m"}


def main() -> int:
    parser = argparse.ArgumentParser(prog="make demo", description="Run the action on the sandbox.")
    parser.add_argument("--scenario", default="happy", help="what Qovery does (default: %(default)s)")
    parser.add_argument(
        "--speed", type=float, default=DEFAULT_SPEED, help="times as fast as real (default: %(default)g)"
    )
    chosen = parser.parse_args()
    try:
        with running_sandbox(chosen.scenario, speed=chosen.speed) as sandbox:
            result = _run(sandbox, inputs=_first(_INPUTS, chosen.scenario, {}))
    except ValueError as error:
        _print(str(error))
        return 2
    return _conclude(result, intended=_first(INTENDED_OUTCOMES, chosen.scenario, "succeeded"))


def _first(table: Mapping[str, T], scenario: str, default: T) -> T:
    """Return the value for the first known scenario of a combination such as queued+failing."""
    return next((table[name] for name in scenario.split("+") if name in table), default)


def _run(sandbox: Sandbox, *, inputs: Mapping[str, str]) -> StepResult:
    _heading("A Qovery to deploy on")
    _print(sandbox.greeting.rstrip())
    _heading("The step's log, as GitHub shows it")
    # A job begins with an empty temporary directory; only the tool cache stays.
    shutil.rmtree(DIRECTORY / "temp", ignore_errors=True)
    runner = Runner(
        directory=DIRECTORY,
        # As in a job with a recent Python.
        search_path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        environment=package_settings(os.environ),
    )
    result = runner.run(sandbox.inputs(**inputs), timeout=300, on_line=_print)
    _heading("Its outputs, for the steps that follow")
    for name, value in result.outputs.items():
        _print(f"{name}={value}")
    _heading("Its summary, in Markdown")
    _print(result.summary.rstrip() or "(none)")
    return result


def _conclude(result: StepResult, *, intended: str) -> int:
    _heading("Its conclusion")
    for problem in result.problems:
        _print(f"The runner complains: {problem}")
    colour = "green" if result.is_green else "red"
    _print(_coloured(f"The step is {colour}: outcome {result.outputs['outcome'] or 'unknown'}.", colour))
    as_intended = result.outputs["outcome"] == intended and result.is_green == (intended in GREEN)
    if not as_intended:
        _print(f"This scenario intends the outcome {intended}: something is wrong.")
        return 1
    _print(
        "The step succeeded, as this scenario intends."
        if result.is_green
        else "The step failed, as this scenario intends."
    )
    return 0


def _heading(text: str) -> None:
    _print(f"\n{_coloured(f'── {text} ' + '─' * (76 - len(text)), 'bold')}")


def _coloured(text: str, colour: str) -> str:
    if not sys.stdout.isatty() or "NO_COLOR" in os.environ:
        return text
    return f"{_COLOURS[colour]}{text}\033[0m"


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
