"""Makes the commit that a release's tags point to: that of main, with the bundle and bytecode on top.

The same commit, bundle and Pythons make the same commit, byte for byte: whoever builds it again gets its id.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from release.bytecode import compile_own, compiling_pythons
from release.version import Version

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_AUTHOR = {"NAME": "github-actions[bot]", "EMAIL": "41898282+github-actions[bot]@users.noreply.github.com"}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description="Commit bundle/ and bytecode on top of HEAD, and set the release's tags to that."
    )
    parser.add_argument("--repository", type=Path, default=Path(), help="whose bundle/ it is (default: here)")
    options = parser.parse_args(arguments)
    root = options.repository.resolve()
    compiled = compile_own(root, compiling_pythons())
    sys.stdout.write(f"{commit_release(root, Version.of(root), compiled=compiled)}\n")
    return 0


def commit_release(repository: Path, version: Version, *, compiled: Iterable[Path]) -> str:
    """Commit `bundle/` and what is compiled, and set both tags of the version to that; returns the commit's id.

    HEAD stays where it is.
    """

    def git(*arguments: str, environment: dict[str, str] | None = None) -> str:
        ended = subprocess.run(  # noqa: S603
            ["git", "-c", "core.autocrlf=false", *arguments],  # noqa: S607
            cwd=repository,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
        return ended.stdout.strip()

    date = git("show", "--no-patch", "--format=%cI", "HEAD")
    # What is committed is HEAD and these, whatever else lies about.
    git("read-tree", "HEAD")
    git("add", "--force", "bundle", *(str(path.relative_to(repository)) for path in compiled))
    tree = git("write-tree")
    git("read-tree", "HEAD")
    commit = git(
        *("-c", "commit.gpgsign=false", "commit-tree", tree, "-p", "HEAD"),
        *("-m", f"Carry the dependencies of {version.tag}"),
        environment={f"GIT_{role}_{name}": value for role in ("AUTHOR", "COMMITTER") for name, value in _AUTHOR.items()}
        | {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date},
    )
    for tag in (version.tag, version.major_tag):
        git("tag", "--force", tag, commit)
    return commit


if __name__ == "__main__":
    sys.exit(main())
