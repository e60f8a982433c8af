"""Signals at exact moments, which the program under test sends to itself."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness.action import ROOT
from tests.harness.files import read_outputs

_PROGRAM = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from interruption import Interruption

def interrupt():
    os.kill(os.getpid(), signal.SIGTERM)

def make():
    {making}
    return "the thing"

def release(thing):
    print("released", thing, flush=True)
    {releasing}

interruption = Interruption()
interruption.watch()
{before}
with interruption.hold(make, release):
    {holding}
print("went on", flush=True)
{after}
"""


@pytest.mark.parametrize(
    ("moment", "printed"),
    [
        pytest.param("before", [], id="before it is made"),
        pytest.param("making", ["released the thing"], id="while it is made"),
        pytest.param("holding", ["released the thing"], id="while it is held"),
        pytest.param("releasing", ["released the thing", "released the thing"], id="while it is released"),
        pytest.param("after", ["released the thing", "went on"], id="after it is released"),
    ],
)
def test_signal_releases_and_ends_the_launcher(tmp_path: Path, moment: str, printed: list[str]) -> None:
    moments = dict.fromkeys(("before", "making", "holding", "releasing", "after"), "pass")
    program = _PROGRAM.format(**{**moments, moment: "interrupt()"})

    ended = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program, str(ROOT / "launcher")],
        env={"GITHUB_OUTPUT": str(tmp_path / "outputs")},
        capture_output=True,
        text=True,
        check=False,
    )

    *lines, error = ended.stdout.splitlines()
    assert lines == printed
    assert error == "::error title=Interrupted::The job was canceled before anything was deployed."
    assert (ended.returncode, ended.stderr) == (1, "")
    assert read_outputs(tmp_path / "outputs") == {"outcome": "interrupted", "result": "[]"}
