"""Downloads the locked wheels by pip, which checks their hashes, and reads what they say of themselves."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from email.parser import HeaderParser
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from release.platforms import PLATFORMS, PURE_OPTIONS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from release.locked import Requirement

#: What no step reads: tests, stubs, command lines, servers, other event loops, and interfaces of earlier versions.
_UNUSED = (
    *("tests/*", "*/tests/*", "*.pyi", "*/py.typed", "annotated_types/test_cases.py"),
    *("actions_toolkit/cache*.py", "actions_toolkit/github.py", "actions_toolkit/oidc_utils.py"),
    *("anyio/_backends/_trio.py", "anyio/pytest_plugin.py", "httpcore/_backends/trio.py", "httpcore/*/http2.py"),
    *("certifi/__main__.py", "httpx/_main.py", "idna/__main__.py", "idna/cli.py", "idna/uts46data.py"),
    *("pydantic/color.py", "pydantic/experimental/*", "pydantic/mypy.py", "pydantic/v1/*"),
    *("websockets/__main__.py", "websockets/asyncio/router.py", "websockets/asyncio/server.py", "websockets/cli.py"),
    *("websockets/legacy/*", "websockets/server.py", "websockets/sync/*", "websockets/trio/*"),
)
#: What stays of its metadata.
_LICENCE = re.compile(r"licen[cs]e|copying|notice|authors", re.IGNORECASE)

#: The directory of the wheels that fit everywhere, in the bundle too.
PURE = "pure"
_PIP = (sys.executable, "-I", "-m", "pip", "--disable-pip-version-check", "--no-input")
_DOWNLOAD = ("download", "--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:")


class WheelError(Exception):
    """A wheel cannot be had, or is not one that can be unpacked as it is."""


@dataclass(frozen=True, kw_only=True)
class Wheel:
    """A wheel of what is required, and the part of the bundle that it goes into."""

    requirement: Requirement
    path: Path
    part: str

    @property
    def sha256(self) -> str:
        return _sha256(self.path)

    @property
    def licence(self) -> str:
        """The licence as the wheel's metadata names it, at best by its SPDX identifier."""
        with zipfile.ZipFile(self.path) as archive:
            [name] = [each for each in archive.namelist() if each.endswith(".dist-info/METADATA")]
            metadata = HeaderParser().parsestr(archive.read(name).decode())
        classifiers = [each for each in metadata.get_all("Classifier", []) if each.startswith("License :: ")]
        told = [metadata["License-Expression"], metadata["License"], *(each.split(" :: ")[-1] for each in classifiers)]
        return next((text.splitlines()[0].strip() for text in told if text and text.strip()), "not told")

    def unpack(self, directory: Path) -> None:
        """Unpack what a step can read of it; what an installer would have to move or generate is not there."""
        with zipfile.ZipFile(self.path) as archive:
            names = [name for name in archive.namelist() if not name.endswith("/")]
            if unfit := [name for name in names if ".data/" in name or name.startswith(("/", "..")) or "/../" in name]:
                raise WheelError(f"{self.path.name} needs an installer: {unfit[0]}.")
            for name in filter(_is_used, names):
                target = directory / name
                target.parent.mkdir(parents=True, exist_ok=True)
                if target.exists():
                    raise WheelError(f"{self.path.name} has a file that another wheel has, too: {name}.")
                target.write_bytes(archive.read(name))


def _is_used(name: str) -> bool:
    in_metadata, file = ".dist-info/" in name, name.rpartition("/")[2]
    return bool(_LICENCE.search(file)) if in_metadata else not any(fnmatchcase(name, pattern) for pattern in _UNUSED)


def download(requirements: Sequence[Requirement], directory: Path) -> tuple[Wheel, ...]:
    """Download a wheel that fits everywhere where there is one, else one for each platform.

    What an earlier call has left in the directory is taken as it is where it is what is locked: then no index is asked.
    """
    pure = [each for each in requirements if each.is_pure]
    compiled = [each for each in requirements if not each.is_pure]
    found = _fetch(pure, directory / PURE, PURE_OPTIONS)
    for platform in PLATFORMS:
        found += _fetch(compiled, directory / platform.name, platform.pip_options)
    return found


def _fetch(requirements: Sequence[Requirement], directory: Path, options: Sequence[str]) -> tuple[Wheel, ...]:
    wheels = _found(requirements, directory)
    if wheels is None:
        _download(requirements, directory, options)
        wheels = _found(requirements, directory)
    if wheels is None:
        raise WheelError(f"{directory} does not hold what is locked.")
    return wheels


def _found(requirements: Sequence[Requirement], directory: Path) -> tuple[Wheel, ...] | None:
    """Take the wheels of a directory, if there is one for each requirement, with one of its hashes, and no other."""
    paths = {_sha256(path): path for path in sorted(directory.glob("*.whl"))}
    wheels = tuple(
        Wheel(requirement=requirement, path=path, part=directory.name)
        for requirement in requirements
        for sha256, path in paths.items()
        if f"sha256:{sha256}" in requirement.text
    )
    is_all = [wheel.requirement for wheel in wheels] == list(requirements)
    return wheels if is_all and len(paths) == len(requirements) else None


def _download(requirements: Sequence[Requirement], directory: Path, options: Sequence[str]) -> None:
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    listing = directory / "requirements.txt"
    listing.write_text("".join(each.text for each in requirements), encoding="utf-8")
    ended = subprocess.run(  # noqa: S603
        [*_PIP, *_DOWNLOAD, f"--dest={directory}", f"--requirement={listing}", *options],
        check=False,
        capture_output=True,
        text=True,
    )
    if ended.returncode:
        raise WheelError(f"The wheels for {directory.name} cannot be had.\n{ended.stdout}{ended.stderr}")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
