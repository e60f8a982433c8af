"""Reads what is locked: requirements with their hashes, and which of them have a wheel that fits everywhere."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_REQUIREMENT = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>[^\s\\]+)(?:[^\n]*\\\n)*[^\n]*\n", re.MULTILINE)


class LockError(Exception):
    """The lock is not as `make lock` writes it."""


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """One line of the launcher's requirements, `text` with all its hashes."""

    name: str
    version: str
    text: str
    is_pure: bool


def requirements_of(root: Path) -> tuple[Requirement, ...]:
    """Read the requirements that the launcher would install."""
    text = (root / "launcher" / "requirements.txt").read_text(encoding="utf-8")
    found = tuple(_REQUIREMENT.finditer(text))
    if "".join(match[0] for match in found) != text:
        raise LockError("launcher/requirements.txt has lines that are no locked requirement. Run `make lock`.")
    pure = _pure_packages(root / "uv.lock")
    return tuple(
        Requirement(name=match["name"], version=match["version"], text=match[0], is_pure=match["name"] in pure)
        for match in found
    )


def _pure_packages(lock: Path) -> frozenset[str]:
    packages = tomllib.loads(lock.read_text(encoding="utf-8"))["package"]
    return frozenset(
        package["name"]
        for package in packages
        if any(wheel["url"].endswith("-none-any.whl") for wheel in package.get("wheels", ()))
    )
