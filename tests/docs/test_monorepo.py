"""The script of docs/how-to/monorepo.md lists the services whose charts changed."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.docs.test_docs import DOCS, workflows_of

if TYPE_CHECKING:
    from pathlib import Path

[WORKFLOW] = workflows_of(DOCS / "how-to" / "monorepo.md")
SCRIPT = next(step["run"] for step in WORKFLOW.steps if step.get("id") == "changed")
SERVICES = {"API": "api", "WORKER": "worker", "WEB": "web"}


def git(repository: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=ci", "-c", "user.email=ci@example.com"]
    command = ["git", *identity, *arguments]
    return subprocess.run(command, cwd=repository, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    path = tmp_path / "repository"
    for chart in ("api", "worker", "web", "common"):
        (path / "charts" / chart).mkdir(parents=True)
        (path / "charts" / chart / "values.yaml").write_text("replicas: 1\n")
    git(path, "init", "--quiet")
    git(path, "add", ".")
    git(path, "commit", "--quiet", "--message", "first")
    return path


def changed_since(last: str, repository: Path) -> list[str]:
    """Run the script with a `gh` that answers the commit of the last green run."""
    output, gh = repository.parent / "output", repository.parent / "gh"
    gh.write_text(f"#!/bin/sh\necho '{last}'\n")
    gh.chmod(0o755)
    environment = {
        "PATH": f"{gh.parent}:/usr/local/bin:/usr/bin:/bin",
        "GITHUB_OUTPUT": str(output),
        "GITHUB_SHA": git(repository, "rev-parse", "HEAD"),
        **SERVICES,
    }
    command = ["bash", "-e", "-c", SCRIPT]
    subprocess.run(command, cwd=repository, env=environment, check=True, capture_output=True)  # noqa: S603
    first, *services, last_line = output.read_text().splitlines()
    assert (first, last_line) == ("helm_id<<END", "END")
    return services


@pytest.mark.parametrize(
    ("changed", "services"),
    [
        ("charts/web", ["web"]),
        ("charts/api", ["api"]),
        ("charts/common", ["api", "worker"]),
        ("docs", []),
    ],
)
def test_lists_services_of_changed_charts(repository: Path, changed: str, services: list[str]) -> None:
    last = git(repository, "rev-parse", "HEAD")
    (repository / changed).mkdir(exist_ok=True)
    (repository / changed / "values.yaml").write_text("replicas: 2\n")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "--message", "second")
    assert changed_since(last, repository) == services


@pytest.mark.parametrize(
    "last", [pytest.param("", id="no green run"), pytest.param("0" * 39 + "1", id="commit is gone")]
)
def test_lists_every_service_if_in_doubt(repository: Path, last: str) -> None:
    assert changed_since(last, repository) == ["api", "worker", "web"]
