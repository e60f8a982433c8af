"""The Pythons and systems that a release carries compiled dependencies for.

Each hosted Linux image has one of them: as its `python3` (3.12 on ubuntu-24.04, 3.14 on ubuntu-26.04), or else in its
tool cache. The launcher prefers such a Python to the one that comes first on the PATH.

A compiled part is 2 MB of what each job downloads. So the images for arm64, all of which have a tool cache, share one.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Oldest GNU C libraries that wheels may have been built for; the images' own are newer.
_BASES = ("manylinux2014", "manylinux_2_17", "manylinux_2_28")


@dataclass(frozen=True, kw_only=True)
class Platform:
    """A Python `version` (3.12) on Linux on a `machine`, as `uname` names it."""

    version: str
    machine: str

    @property
    def name(self) -> str:
        """The name as such a Python has it in the suffix of its extension modules; the launcher looks for that."""
        return f"cpython-{self.version.replace('.', '')}-{self.machine}-linux-gnu"

    @property
    def pip_options(self) -> tuple[str, ...]:
        """What makes pip take wheels for this platform, wherever it runs."""
        abi = f"cp{self.version.replace('.', '')}"
        systems = (f"--platform={base}_{self.machine}" for base in _BASES)
        return ("--implementation=cp", f"--python-version={self.version}", f"--abi={abi}", "--abi=abi3", *systems)


PLATFORMS = (
    Platform(version="3.12", machine="x86_64"),
    Platform(version="3.14", machine="x86_64"),
    Platform(version="3.14", machine="aarch64"),
)
VERSIONS = tuple(dict.fromkeys(platform.version for platform in PLATFORMS))
#: What makes pip take wheels that fit everywhere.
PURE_OPTIONS = ("--implementation=py", f"--python-version={VERSIONS[0]}", "--abi=none", "--platform=any")
