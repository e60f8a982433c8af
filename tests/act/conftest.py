import os
import re
import shutil
from pathlib import Path

import pytest

from tests.act.act import Act
from tests.act.stage import Stage
from tests.harness.action import ROOT
from tests.harness.dependencies import SEARCH_PATH, install

_ACTION = ("action.yml", "launcher", "src")


@pytest.fixture(scope="session")
def program() -> Path:
    [version] = re.findall(r"^ACT_VERSION := (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    program = ROOT / ".venv" / "bin" / f"act-{version}"
    if not program.exists():
        pytest.fail("act is missing; `make e2e` builds it and runs these tests")
    return program


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the action, which does not change while jobs copy it."""
    repository = tmp_path_factory.mktemp("repository")
    for name in _ACTION:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, repository / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, repository)
    return repository


@pytest.fixture(scope="session")
def tool_cache() -> Path:
    return install()


@pytest.fixture
def search_path(tmp_path: Path) -> str:
    """Return a PATH with a curl that uses no network and prints its arguments."""
    curl = tmp_path / "bin" / "curl"
    curl.parent.mkdir()
    curl.write_text('#!/bin/sh\necho "curl $*"\n')
    curl.chmod(0o755)
    return f"{curl.parent}{os.pathsep}{SEARCH_PATH}"


@pytest.fixture
def stage(program: Path, repository: Path, tool_cache: Path, search_path: str, tmp_path: Path) -> Stage:
    return Stage(
        act=Act(
            program=program, directory=tmp_path, repository=repository, tool_cache=tool_cache, search_path=search_path
        )
    )
