"""The launcher's story: find the dependencies, load the package with them, and run it."""

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

import workflow
from errors import LaunchError, PipFailedError
from interruption import Interruption

ACTION = Path(__file__).resolve().parent.parent


def main() -> int:
    workflow.mask_token()
    interruption = Interruption()
    interruption.watch()
    is_chosen = len(sys.argv) > 1  # by another Python
    del sys.argv[1:]
    with ExitStack() as held:
        try:
            run = _load(interruption, held, is_chosen=is_chosen)
        except LaunchError as error:
            return _reject(error)
        except Exception as error:  # noqa: BLE001 - a defect must end with a cause and outputs
            return _reject_for_defect(error)
        return run(dict(os.environ))


def _load(interruption: Interruption, held: ExitStack, *, is_chosen: bool) -> Callable[[Mapping[str, str]], int]:
    # Not loaded before signals are watched.
    from dependencies import dependencies  # noqa: PLC0415
    from handover import load  # noqa: PLC0415

    directories = held.enter_context(dependencies(ACTION, os.environ, interruption, is_chosen=is_chosen))
    return load("qovery_helm_deploy", ACTION / "src", directories)


def _reject(error: LaunchError) -> int:
    if isinstance(error, PipFailedError):
        workflow.quote(error.output)
    workflow.end("rejected", str(error), title=error.title)
    return 1


def _reject_for_defect(error: Exception) -> int:
    import traceback  # noqa: PLC0415 - only where it is needed

    workflow.quote("".join(traceback.format_exception(error)))
    message = (
        f"The launcher failed ({type(error).__name__}: {error}). Run the job again; if it fails again, report this."
    )
    workflow.end("rejected", message, title="The launcher failed")
    return 1
