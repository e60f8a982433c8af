from __future__ import annotations

import shutil
import subprocess
import tarfile
from typing import TYPE_CHECKING

import pytest

from release.bundle import WHEELS
from release.bytecode import compile_own, compiling_pythons
from release.changelog import ChangelogError, notes_for
from release.commit import commit_release
from release.locked import requirements_of
from release.size import Size
from release.version import Version, VersionError
from release.wheels import PURE, WheelError, download
from tests.harness.action import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from release.wheels import Wheel

CHANGELOG = """# Changelog

## [Unreleased]

### Added

- Next.

## [1.2.0] - 2026-01-31

- Now.

## [1.1.0]

- Undated.

## [1.0.0] - 2026-01-01
"""


@pytest.mark.parametrize(
    ("version", "is_tagged", "notes"),
    [
        pytest.param("1.2.0", True, "- Now.\n", id="dated section"),
        pytest.param("1.1.0", False, "- Undated.\n", id="undated, before the tag"),
        pytest.param("1.3.0", False, "### Added\n\n- Next.\n", id="unreleased, before the tag"),
    ],
)
def test_notes_are_the_section_of_the_version(version: str, notes: str, *, is_tagged: bool) -> None:
    assert notes_for(CHANGELOG, version, is_tagged=is_tagged) == notes


@pytest.mark.parametrize(
    ("version", "words"),
    [
        pytest.param("1.3.0", "no section for 1.3.0", id="no section"),
        pytest.param("1.1.0", "no date of 1.1.0", id="no date"),
        pytest.param("1.0.0", "says nothing about 1.0.0", id="empty section"),
    ],
)
def test_rejects_a_tag_without_notes(version: str, words: str) -> None:
    with pytest.raises(ChangelogError, match=words):
        notes_for(CHANGELOG, version, is_tagged=True)


def test_rejects_a_changelog_without_sections() -> None:
    with pytest.raises(ChangelogError):
        notes_for("# Changelog\n", "1.0.0", is_tagged=False)


def test_this_repository_can_be_released() -> None:
    version = Version.of(ROOT)

    assert notes_for((ROOT / "CHANGELOG.md").read_text(), version.number, is_tagged=False)
    assert version.tag == f"v{version.number}"
    assert version.major_tag in (ROOT / "README.md").read_text()


@pytest.mark.parametrize("line", ['__version__ = "1.2"', '__version__ = "01.2.3"', '__version__ = "1.2.3rc1"', ""])
def test_rejects_a_malformed_version(tmp_path: Path, line: str) -> None:
    package = tmp_path / "src" / "qovery_helm_deploy"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(line)

    with pytest.raises(VersionError, match="no line such as"):
        Version.of(tmp_path)


def test_only_one_file_has_the_version() -> None:
    number = Version.of(ROOT).number
    listed = _git(ROOT, "grep", "--untracked", "-lF", f'"{number}"', "--", ":!uv.lock", ":!tests").split()
    assert listed == ["src/qovery_helm_deploy/__init__.py"]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    (root / "bundle" / "pure").mkdir(parents=True)
    (root / "bundle" / "pure" / "module.py").write_bytes(b"a\r\n")
    (root / "src" / "qovery_helm_deploy").mkdir(parents=True)
    (root / "launcher" / "__pycache__").mkdir(parents=True)
    (root / "launcher" / "launch.py").write_text("ANSWER = 42\n")
    (root / "launcher" / "__pycache__" / "launch.cpython-30.pyc").touch()
    (root / ".gitignore").write_text("/bundle/\n__pycache__/\n")
    (root / ".gitattributes").write_text("* text=auto eol=lf\n/bundle/** -text\n")
    (root / "stray").touch()
    for command in (
        ["init", "--quiet", "--initial-branch=main"],
        ["add", ".gitignore", ".gitattributes", "launcher"],
        ["-c", "user.name=me", "-c", "user.email=me@example.com", "commit", "--quiet", "-m", "Begin"],
    ):
        _git(root, *command)
    return root


def test_both_tags_add_bundle_and_bytecode(repository: Path) -> None:
    head, [python, *_] = _git(repository, "rev-parse", "HEAD"), compiling_pythons()
    compiled = compile_own(repository, [python])

    commit = commit_release(repository, Version(number="1.2.3", major="1"), compiled=compiled)

    assert _git(repository, "rev-parse", "v1.2.3", "v1").split() == [commit, commit]
    assert _git(repository, "rev-parse", f"{commit}^", "HEAD").split() == [head, head]
    listed = _git(repository, "ls-tree", "-r", "--name-only", commit).split()
    bytecode = f"launcher/__pycache__/launch.cpython-{python.version.replace('.', '')}.pyc"
    assert listed == [".gitattributes", ".gitignore", "bundle/pure/module.py", bytecode, "launcher/launch.py"]
    assert _git(repository, "cat-file", "-s", f"{commit}:bundle/pure/module.py") == "3"
    assert _git(repository, "status", "--short") == "?? stray"


def test_release_commit_is_reproducible(repository: Path, tmp_path: Path) -> None:
    version = Version(number="1.2.3", major="1")
    pythons = [*compiling_pythons()]
    first = commit_release(repository, version, compiled=compile_own(repository, pythons))
    other = tmp_path / "other"
    _git(tmp_path, "clone", "--quiet", "--no-tags", str(repository), str(other))
    shutil.copytree(repository / "bundle", other / "bundle")

    assert commit_release(other, version, compiled=compile_own(other, pythons)) == first


def test_archive_has_only_what_a_run_reads(tmp_path: Path) -> None:
    _git(ROOT, "archive", "--worktree-attributes", f"--output={tmp_path / 'archive.tar'}", "HEAD")
    with tarfile.open(tmp_path / "archive.tar") as archive:
        names = [name for name in archive.getnames() if not archive.getmember(name).isdir()]

    assert {name for name in names if "/" not in name} == {"LICENSE", "README.md", "SECURITY.md", "action.yml"}
    nested = {"/".join(name.split("/")[:2]) for name in names if name.startswith("src/")}
    assert nested == {"src/qovery_helm_deploy"}
    assert {name.partition("/")[0] for name in names if "/" in name} == {"launcher", "src"}


def test_measures_an_archive(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    for name in ("one", "two"):
        (tmp_path / "files" / name).write_bytes(bytes(1000))
    with tarfile.open(tmp_path / "archive.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "files", "files")

    size = Size.of(tmp_path / "archive.tar.gz")

    assert (size.files, size.unpacked) == (2, 2000)
    assert size.compressed == (tmp_path / "archive.tar.gz").stat().st_size


def test_bytecode_of_a_changed_source_is_ignored(repository: Path) -> None:
    [python, *_] = compiling_pythons()
    compile_own(repository, [python])
    (repository / "launcher" / "launch.py").write_text("ANSWER = 43\n")
    command = [python.program, "-c", "import launch; print(launch.ANSWER)"]
    ended = subprocess.run(command, cwd=repository / "launcher", check=True, capture_output=True, text=True)  # noqa: S603
    assert ended.stdout == "43\n"


def test_downloads_only_missing_wheels(
    wheels: tuple[Wheel, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(WHEELS, tmp_path / "wheels")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("PIP_FIND_LINKS", "")

    again = download(requirements_of(ROOT), tmp_path / "wheels")
    assert [wheel.sha256 for wheel in again] == [wheel.sha256 for wheel in wheels]

    (tmp_path / "wheels" / PURE / again[0].path.name).write_bytes(b"another")
    with pytest.raises(WheelError, match="cannot be had"):
        download(requirements_of(ROOT), tmp_path / "wheels")


def _git(root: Path, *arguments: str) -> str:
    return subprocess.run(  # noqa: S603
        ["git", *arguments],  # noqa: S607
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
