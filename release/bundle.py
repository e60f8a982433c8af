"""``make bundle``: the locked dependencies, unpacked, so that the action starts without any network.

``pure/`` has what fits everywhere, a directory for each platform what is compiled. ``SHA256SUMS`` is what the launcher
checks; ``manifest.json`` tells people where everything came from.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from release.bytecode import CompilingPython, compiling_pythons
from release.locked import requirements_of
from release.platforms import PLATFORMS, VERSIONS
from release.wheels import PURE, Wheel, download

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parents[1]
#: Where downloaded wheels are kept, so that no index is needed the next time.
WHEELS = ROOT / ".wheels"
# The launcher runs as a directory: its modules import each other by their bare names.
sys.path.append(str(ROOT / "launcher"))

from bundle import key_of  # noqa: E402 - see above
from contents import record  # noqa: E402


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make bundle", description="Build the dependencies that a release carries.")
    parser.add_argument("directory", type=Path, help="where to; what is there is replaced")
    options = parser.parse_args(arguments)
    pythons = tuple(compiling_pythons())
    missing = [version for version in VERSIONS if version not in {python.version for python in pythons}]
    wheels = download(requirements_of(ROOT), WHEELS)
    build(options.directory, wheels, pythons=pythons)
    sys.stdout.write(_account(options.directory, wheels, missing))
    return 0


def build(directory: Path, wheels: Sequence[Wheel], *, pythons: Sequence[CompilingPython]) -> None:
    """Build the bundle of these wheels: the same wheels and Pythons make the same bytes."""
    shutil.rmtree(directory, ignore_errors=True)
    for wheel in wheels:
        wheel.unpack(directory / wheel.part)
    for python in pythons:
        compiled = (platform.name for platform in PLATFORMS if platform.version == python.version)
        # The bundle's checksums vouch for what is compiled and for its source.
        python.compile((directory / part for part in (PURE, *compiled)), below=directory, named="bundle")
    key = key_of((ROOT / "launcher" / "requirements.txt").read_bytes())
    manifest = {
        "lock": key,
        "bytecode": [python.release for python in pythons],
        "packages": [_package(name, [*own]) for name, own in groupby(sorted(wheels, key=_name), key=_name)],
    }
    (directory / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    record(directory, key)


def _name(wheel: Wheel) -> str:
    return wheel.requirement.name


def _package(name: str, wheels: Sequence[Wheel]) -> dict[str, object]:
    return {
        "name": name,
        "version": wheels[0].requirement.version,
        "licence": wheels[0].licence,
        "wheels": [{"part": wheel.part, "file": wheel.path.name, "sha256": wheel.sha256} for wheel in wheels],
    }


def _account(directory: Path, wheels: Sequence[Wheel], missing: Sequence[str]) -> str:
    files = [path for path in directory.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files) / 1024 / 1024
    lines = [f"{directory}: {len(wheels)} wheels, {len(files)} files, {size:.1f} MiB"]
    if missing:
        lines.append(f"without bytecode for {', '.join(missing)}, which are not there to compile with")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.exit(main())
