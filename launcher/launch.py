"""The launcher's story: find the dependencies, then become the package."""

import os
import sys
from pathlib import Path

import workflow
from errors import LaunchError, PipFailedError
from interruption import Interruption

LAUNCHER = Path(__file__).resolve().parent
SOURCE = LAUNCHER.parent / "src"


def main() -> int:
    workflow.mask_token()
    interruption = Interruption()
    interruption.watch()
    del sys.argv[1:]
    try:
        _launch(interruption)
    except LaunchError as error:
        return _reject(error)
    return 0


def _launch(interruption: Interruption) -> None:
    # Not loaded before signals are watched.
    from dependencies import dependencies  # noqa: PLC0415
    from handover import become  # noqa: PLC0415

    with dependencies(LAUNCHER / "requirements.txt", os.environ, interruption) as directory:
        become("qovery_helm_deploy", directory, SOURCE)


def _reject(error: LaunchError) -> int:
    if isinstance(error, PipFailedError):
        workflow.quote(error.output)
    workflow.end("rejected", str(error), title=error.title)
    return 1
