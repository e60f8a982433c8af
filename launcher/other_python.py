"""Hands over to another Python of this machine: a newer one, or one that the release's own dependencies fit.

They are looked for on the PATH, and in the runner's tool cache, where the hosted images and setup-python keep them.

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
_PROGRAM = re.compile(r"python(\d+)\.(\d+)(?:\.exe)?")
_ARCHITECTURES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}
_PROBE = (
    "import sys; from importlib.machinery import EXTENSION_SUFFIXES as s; "
    "print(s[0].strip('.').split('.')[0], *sys.version_info[:2])"
)
_SECONDS_FOR_AN_ANSWER = 10


def main() -> int:
    """Go on with a newer Python than this one, which is too old."""
    already_handed_over = len(sys.argv) > 1
    python = "" if already_handed_over else find(str(Path(__file__).resolve().parent.parent / "bundle"))
    if python:
        return hand_over(python)
    workflow.mask_token()
    workflow.end("rejected", _explanation(), title="Python is too old")
    return 1


def find(bundle: str, only_bundled: bool = False) -> str:  # noqa: FBT001, FBT002 - Python 3.6 reads this
    """Return the path of the best Python that runs, or an empty text.

    Best is one that the bundle fits, then the newest that the lock has wheels for.
    """
    parts = _parts(bundle)
    ranked = []
    for version, python in _candidates():
        fits = any(part.startswith("cpython-{}{}-".format(*version)) for part in parts)
        if fits or not only_bundled:
            ranked.append((fits, version[:2] <= NEWEST_LOCKED, version, python))
    for candidate in sorted(ranked, reverse=True):
        version, part = _ask(candidate[-1])
        if version >= NEEDED and (part in parts or not only_bundled):
            return candidate[-1]
    return ""


def hand_over(python: str) -> int:
    # The last argument keeps the other Python, should it be older than its directory says, from looking again.
    command = [python, "-ISu", str(Path(__file__).resolve().parent), "handed-over"]
    if os.name == "nt":
        # There, exec starts another process and ends this one, and the step with it.
        return subprocess.call(command)  # noqa: S603
    return os.execv(python, command)  # noqa: S606


def architecture() -> str:
    machine = platform.machine().lower()
    return _ARCHITECTURES.get(machine, machine)


def _parts(bundle: str) -> "list[str]":
    """Return the parts of the bundle that are compiled for this machine."""
    return [part for part in _names_in(Path(bundle)) if part.endswith(f"-{platform.machine()}-linux-gnu")]


def _candidates() -> "list[tuple[tuple[int, ...], str]]":
    return [*_in_tool_cache(_tool_cache()), *_on_path(os.environ.get("PATH", ""))]


def _in_tool_cache(tool_cache: str) -> "list[tuple[tuple[int, ...], str]]":
    # The architecture's name is matched whole: free-threaded builds are kept beside, as x64-freethreaded.
    executable = "python.exe" if os.name == "nt" else "bin/python3"
    found = []
    for python in Path(tool_cache).absolute().glob(f"Python/*/{architecture()}/{executable}") if tool_cache else ():
        release = _RELEASE.fullmatch(python.parts[-3 if os.name == "nt" else -4])
        if release:
            found.append((tuple(map(int, release.groups())), str(python)))
    return [candidate for candidate in found if candidate[0] >= NEEDED]


def _on_path(path: str) -> "list[tuple[tuple[int, ...], str]]":
    found = []
    for directory in dict.fromkeys(map(Path, path.split(os.pathsep))):
        # A relative entry is relative to the workspace.
        for name in _names_in(directory) if directory.is_absolute() else ():
            program = _PROGRAM.fullmatch(name)
            if program:
                found.append((tuple(map(int, program.groups())), str(directory / name)))
    return [candidate for candidate in found if candidate[0] >= NEEDED]


def _names_in(directory: Path) -> "list[str]":
    try:
        return [entry.name for entry in directory.iterdir()]
    except OSError:
        return []


def _ask(python: str) -> "tuple[tuple[int, ...], str]":
    """Return its version, and the part of a bundle that it would need; nothing if it does not run."""
    try:
        answer = subprocess.check_output(  # noqa: S603
            [python, "-ISc", _PROBE], stderr=subprocess.DEVNULL, timeout=_SECONDS_FOR_AN_ANSWER
        )
        part, major, minor = answer.decode().split()
        return (int(major), int(minor)), part
    except (OSError, ValueError, subprocess.SubprocessError):
        return (), ""


def _explanation() -> str:
    seen = "{}.{}.{}".format(*sys.version_info[:3])
    return (
        f"This action needs Python 3.11 or newer, but this runner's python3 is Python {seen} ({sys.executable}), and "
        f"neither its PATH nor its tool cache ({_tool_cache() or 'RUNNER_TOOL_CACHE is not set'}) has a newer one. "
        "Install Python 3.11 or newer on the runner, or add a step with actions/setup-python before this one."
    )


def _tool_cache() -> str:
    return os.environ.get("RUNNER_TOOL_CACHE", "")
