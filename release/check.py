"""``make release-check``: everything that a release does, short of publishing it.

It leaves in ``dist/`` what would be published: the commit with the bundle and bytecode, the archive of what the tag
would carry with its checksum, the list of what is in it (SBOM), and the notes. It asks the package index for wheels
that are not there yet, and nobody else for anything.
"""

from __future__ import annotations

import argparse
import filecmp
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from release import bundle
from release.bytecode import CompilingPython, compile_own, compiling_pythons
from release.changelog import ChangelogError, notes_for
from release.commit import commit_release
from release.locked import LockError, requirements_of
from release.platforms import VERSIONS
from release.size import LIMIT, Size
from release.version import Version, VersionError
from release.wheels import WheelError, download

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = bundle.ROOT
DIST = ROOT / "dist"


class CheckError(Exception):
    """What would be released is not as it must be."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make release-check", description="Do what a release does, here.")
    parser.add_argument("--tagged", metavar="TAG", help="check what this tag is to release, as the workflow does")
    options = parser.parse_args(arguments)
    try:
        check(tag=options.tagged)
    except (CheckError, VersionError, ChangelogError, LockError, WheelError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def check(*, tag: str | None) -> None:
    """Fill `dist/`; before there is a tag, what is unreleased serves for the notes, and the Pythons at hand compile."""
    version = Version.of(ROOT)
    if tag and tag != version.tag:
        raise CheckError(f"The tag is {tag}, but the package says that it is {version.number}.")
    notes = notes_for((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), version.number, is_tagged=bool(tag))
    _say(f"{version.tag}; the major tag that moves is {version.major_tag}")
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir()
    (DIST / "notes.md").write_text(notes, encoding="utf-8")
    with tempfile.TemporaryDirectory() as temporary:
        clone = Path(temporary) / "clone"
        _git(ROOT, "clone", "--quiet", "--no-tags", str(ROOT), str(clone))
        pythons = tuple(compiling_pythons())
        missing = sorted(set(VERSIONS) - {python.version for python in pythons})
        if missing and tag:
            raise CheckError(f"A release has bytecode for each of its Pythons; not here: {', '.join(missing)}.")
        compiled = _build_twice(clone, Path(temporary) / "again", pythons)
        _say(f"commit {commit_release(clone, version, compiled=compiled)}")
        archive = _pack(clone, version)
        _check_size(archive)
        _deploy_without_network(archive, Path(temporary), pythons)
        if missing:
            _say(f"without bytecode for Python {', '.join(missing)}, and not deployed by that: it is not here")
    _write_sbom(DIST / "sbom.cdx.json")
    _say(f"dist/: {', '.join(sorted(path.name for path in DIST.iterdir()))}")


def _build_twice(clone: Path, again: Path, pythons: Sequence[CompilingPython]) -> list[Path]:
    """Build the bundle and the bytecode of the action's own modules, which is returned."""
    wheels = download(requirements_of(ROOT), bundle.WHEELS)
    _git(ROOT, "clone", "--quiet", "--no-tags", str(clone), str(again))
    for root in (clone, again):
        bundle.build(root / "bundle", wheels, pythons=pythons)
    compiled = compile_own(clone, pythons)
    compile_own(again, pythons)
    built = [*compiled, *(path for path in (clone / "bundle").rglob("*") if path.is_file())]
    names = [str(path.relative_to(clone)) for path in built]
    if filecmp.cmpfiles(clone, again, names, shallow=False)[0] != names:
        raise CheckError("The bundle or the bytecode is not the same when it is built again.")
    releases = ", ".join(each.release for each in pythons)
    _say(f"bundle of {len(wheels)} wheels, and {len(compiled)} modules of bytecode by {releases}: twice the same")
    return compiled


def _pack(clone: Path, version: Version) -> Path:
    name = f"qovery-helm-deploy-{version.number}"
    archive = DIST / f"{name}.tar.gz"
    _git(clone, "archive", f"--prefix={name}/", f"--output={archive}", version.tag)
    # The one commit alone: whoever publishes it has to build nothing.
    _git(clone, "bundle", "create", "--quiet", str(DIST / "commit.bundle"), version.tag, "^HEAD")
    checksum = hashlib.sha256(archive.read_bytes()).hexdigest()
    (DIST / "SHA256SUMS").write_text(f"{checksum}  {archive.name}\n", encoding="ascii")
    return archive


def _check_size(archive: Path) -> None:
    size = Size.of(archive)
    if size.compressed > LIMIT:
        raise CheckError(f"{archive.name} is too large: {size}. At most {LIMIT / 1e6:.0f} MB is allowed.")
    _say(f"{archive.name}: {size}")


def _deploy_without_network(archive: Path, directory: Path, pythons: Sequence[CompilingPython]) -> None:
    with tarfile.open(archive) as packed:
        packed.extractall(directory, filter="data")
    release = directory / archive.name.removesuffix(".tar.gz")
    for python in pythons:
        command = [sys.executable, "-m", "tests.release.offline", str(release), str(Path(python.program).parent)]
        ended = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)  # noqa: S603
        if ended.returncode:
            raise CheckError(f"The release does not deploy without a network:\n{ended.stdout}{ended.stderr}")
        _say(f"deployed from the archive, without any network, by Python {python.release}")


def _write_sbom(path: Path) -> None:
    uv = str(Path(sys.executable).parent / "uv")
    what = ("--frozen", "--no-dev", "--no-emit-project", "--preview-features=sbom-export", "--format=cyclonedx1.5")
    subprocess.run([uv, "export", "--quiet", *what, f"--output-file={path}"], cwd=ROOT, check=True)  # noqa: S603


def _git(directory: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=directory, check=True)  # noqa: S603, S607


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
