"""The dependencies that a release carries: with them the action starts without any network."""

import hashlib
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import workflow
from contents import is_intact
from libc import gnu_version
from mounts import can_load_from

PURE = "pure"
# The name of the part that has what is compiled for this Python.
_PLATFORM = EXTENSION_SUFFIXES[0].strip(".").partition(".")[0]


def bundled(bundle: Path, requirements: bytes) -> list[Path]:
    """Return the directories to import from, or none where a release has nothing for this Python.

    A bundle of other requirements, or a damaged one, is reported and not used.
    """
    if not fits(bundle) or not can_load_from(bundle):
        return []
    if not is_intact(bundle, key_of(requirements), (f"{PURE}/", f"{_PLATFORM}/")):
        workflow.say(
            "The dependencies in this release are damaged or belong to another version. Other dependencies are used."
        )
        return []
    return [bundle / PURE, bundle / _PLATFORM]


def fits(bundle: Path) -> bool:
    """Whether it has a part for this Python."""
    return (bundle / _PLATFORM).is_dir() and bool(gnu_version())


def key_of(requirements: bytes) -> str:
    return hashlib.sha256(requirements).hexdigest()
