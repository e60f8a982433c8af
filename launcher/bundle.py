"""The dependencies that a release carries: with them the action starts without any network."""

import hashlib
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import workflow
from contents import is_intact
from libc import gnu_version
from mounts import can_load_from

PURE = "pure"


def bundled(bundle: Path, requirements: bytes) -> list[Path]:
    """Return the directories to import from, or none where a release has nothing for this Python.

    What was not made from these requirements, or is not whole, is told and not used.
    """
    platform = EXTENSION_SUFFIXES[0].strip(".").partition(".")[0]
    if not (bundle / platform).is_dir() or not gnu_version() or not can_load_from(bundle):
        return []
    if not is_intact(bundle, key_of(requirements), (f"{PURE}/", f"{platform}/")):
        workflow.say("The dependencies that came with this action are damaged, or another version's. Others are taken.")
        return []
    return [bundle / PURE, bundle / platform]


def key_of(requirements: bytes) -> str:
    return hashlib.sha256(requirements).hexdigest()
