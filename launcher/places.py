"""Where installations are kept, each under a key of everything that it depends on.

The runner's tool cache is trusted as it is: the Pythons that actions run come from there too.
"""

import hashlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

from contents import is_intact, record
from errors import PlaceError
from libc import gnu_version
from mounts import can_load_from

STAGING = ".staging-"
# No installation takes this long: a staging directory that is older was left behind by a run that was killed.
ABANDONED_AFTER = 24 * 3600.0


@dataclass(frozen=True)
class Place:
    """A directory that holds installations, and the key of the one that is wanted."""

    root: Path
    key: str

    @property
    def directory(self) -> Path:
        return self.root / self.key

    def is_complete(self) -> bool:
        return is_intact(self.directory, self.key) and can_load_from(self.directory)

    def stage(self) -> Path:
        """Make a directory beside it, to install in."""
        with self.guarded():
            self.root.mkdir(parents=True, exist_ok=True)
            if not can_load_from(self.root):
                raise PlaceError(f"{self.root}: mounted noexec")
            staging = Path(tempfile.mkdtemp(prefix=STAGING, dir=self.root))
            # Jobs of other users, in containers for one, read the same tool cache.
            staging.chmod(0o755)
        return staging

    def keep(self, staging: Path) -> None:
        """Put a finished installation in its place, whole at once. If another run was faster, take its own."""
        problem: OSError | None = None
        for _attempt in range(3):
            try:
                record(staging, self.key)
                staging.rename(self.directory)
            except OSError as error:
                problem = error
            if self.is_complete():
                return
            self._set_aside()
        raise PlaceError(f"{self.directory}: {problem}")

    def remove_abandoned(self) -> None:
        with suppress(OSError):
            for staging in self.root.glob(f"{STAGING}*"):
                if time.time() - _changed_at(staging) > ABANDONED_AFTER:
                    discard(staging)

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Raise a PlaceError for what the system refuses in this place."""
        try:
            yield
        except OSError as error:
            raise PlaceError(f"{self.root}: {error}") from error

    def _set_aside(self) -> None:
        # What is there is broken. Whoever repairs it at the same moment puts the very same files in its place.
        aside = self.stage()
        with suppress(OSError):
            self.directory.rename(aside / self.key)
        discard(aside)


def kept_places(environment: Mapping[str, str], key: str) -> list[Place]:
    """Return the places to look in and to install into, the one that lasts longest first."""
    roots = [environment.get(name, "") for name in ("RUNNER_TOOL_CACHE", "RUNNER_TEMP")]
    # pip runs in another directory than the caller's.
    return [Place(Path(root).absolute() / "qovery-helm-deploy", key) for root in roots if root]


def private_place(key: str) -> Place:
    """Make a place in the system's temporary directory, for this run alone."""
    try:
        return Place(Path(tempfile.mkdtemp(prefix="qovery-helm-deploy-")), key)
    except OSError as error:
        raise PlaceError(str(error)) from error


def key_of(requirements: bytes) -> str:
    """Return a key that Pythons, architectures and C libraries which need different wheels do not share."""
    platform = (EXTENSION_SUFFIXES[0], str(sys.implementation.cache_tag), sys.platform, _machine(), gnu_version())
    return hashlib.sha256("\0".join(platform).encode() + b"\0" + requirements).hexdigest()


def discard(directory: Path) -> None:
    shutil.rmtree(directory, ignore_errors=True)


def _machine() -> str:
    # Windows has no uname; the suffix of extensions shows the architecture there.
    return os.uname().machine if hasattr(os, "uname") else ""


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        # Another run has just put it in its place, or removed it.
        return time.time()
