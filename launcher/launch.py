"""The launcher's story: find the dependencies, then become the package."""

import os
import sys
from pathlib import Path

import workflow
from errors import LaunchError, PipFailedError
from interruption import Interruption

ACTION = Path(__file__).resolve().parent.parent


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

    with dependencies(ACTION, os.environ, interruption) as directories:
        become("qovery_helm_deploy", ACTION / "src", directories)


def _reject(error: LaunchError) -> int:
    if isinstance(error, PipFailedError):
        workflow.quote(error.output)
    workflow.end("rejected", str(error), title=error.title)
    return 1
