"""Hands over to a newer Python from the runner's tool cache, where the hosted images and setup-python keep them.

Python 3.6 must be able to read this module: annotations that it does not know are quoted.
"""

import os
import platform
import re
import subprocess
import sys
from pathlib import Path

import workflow

NEEDED = (3, 11)
# The newest Python that every locked dependency has wheels for. Newer ones are a last resort.
NEWEST_LOCKED = (3, 15)

# Final releases alone: pre-releases are kept as 3.15.0-beta.2.
_RELEASE = re.compile(r"(\d+)\.(\d+)\.(\d+)")
_ARCHITECTURES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}


def main() -> int:
    already_handed_over = len(sys.argv) > 1
    python = "" if already_handed_over else find(_tool_cache())
    if python:
        return _hand_over(python)
    workflow.mask_token()
    workflow.end("rejected", _explanation(), title="Python is too old")
    return 1


def find(tool_cache: str) -> str:
    """Return the path of the newest suitable Python, or an empty text."""
    suitable = [(rank, str(python)) for rank, python in _candidates(tool_cache) if os.access(str(python), os.X_OK)]
    return max(suitable)[1] if suitable else ""


def _candidates(tool_cache: str) -> "list[tuple[tuple[bool, tuple[int, ...]], Path]]":
    if not tool_cache:
        return []
    # The architecture's name is matched whole: free-threaded builds are kept beside, as x64-freethreaded.
    executable = "python.exe" if os.name == "nt" else "bin/python3"
    found = []
    for python in Path(tool_cache).glob(f"Python/*/{architecture()}/{executable}"):
        release = _RELEASE.fullmatch(python.relative_to(tool_cache).parts[1])
        version = tuple(map(int, release.groups())) if release else ()
        if version >= NEEDED:
            found.append(((version[:2] <= NEWEST_LOCKED, version), python))
    return found


def architecture() -> str:
    machine = platform.machine().lower()
    return _ARCHITECTURES.get(machine, machine)


def _hand_over(python: str) -> int:
    # The last word tells the other Python, should it be older than its directory says, not to look again.
    command = [python, "-ISu", str(Path(__file__).resolve().parent), "handed-over"]
    if os.name == "nt":
        # There, exec starts another process and ends this one, and the step with it.
        return subprocess.call(command)  # noqa: S603
    return os.execv(python, command)  # noqa: S606


def _explanation() -> str:
    seen = "{}.{}.{}".format(*sys.version_info[:3])
    return (
        f"This action needs Python 3.11 or newer. python3 on this runner's PATH is Python {seen} ({sys.executable}), "
        f"and the runner's tool cache ({_tool_cache() or 'RUNNER_TOOL_CACHE is not set'}) holds none that is newer. "
        "Add a step with actions/setup-python before this one, or install Python 3.11 or newer on the runner."
    )


def _tool_cache() -> str:
    return os.environ.get("RUNNER_TOOL_CACHE", "")
