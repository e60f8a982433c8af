"""The Pythons and systems that a release carries compiled dependencies for: those of the hosted Linux images."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

VERSIONS = ("3.11", "3.12", "3.13", "3.14")
MACHINES = ("x86_64", "aarch64")
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


PLATFORMS = tuple(Platform(version=version, machine=machine) for version, machine in product(VERSIONS, MACHINES))
#: What makes pip take wheels that fit everywhere.
PURE_OPTIONS = ("--implementation=py", f"--python-version={VERSIONS[0]}", "--abi=none", "--platform=any")
