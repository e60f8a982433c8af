"""What Open Policy Agent itself decides, beside the interpreter that the other tests use."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.policy.calls import documents
from tests.policy.page import PACKAGE, decision, policies
from tests.readme import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ONE, SEVERAL = policies()
EACH_POLICY = pytest.mark.parametrize("policy", [pytest.param(ONE, id="one"), pytest.param(SEVERAL, id="several")])
_DECISIONS = "[allow | some document in data.documents; allow := data.qovery.policy.allow with input as document]"


@pytest.fixture(scope="module")
def opa() -> Path:
    found = sorted((ROOT / ".venv" / "bin").glob("opa-*"))
    if not found:
        pytest.fail("opa is not there yet; `make policy` builds it")
    return found[-1]


@pytest.fixture
def policy_file(policy: str, tmp_path: Path) -> Path:
    path = tmp_path / "policy.rego"
    path.write_text(f"{PACKAGE}{policy}")
    return path


def run(opa: Path, *arguments: str | Path) -> str:
    """Run Open Policy Agent. Returns what it prints; raises `CalledProcessError` where it complains."""
    return subprocess.run([opa, *arguments], capture_output=True, text=True, check=True).stdout  # noqa: S603


@EACH_POLICY
def test_compiles_strictly_and_is_formatted(opa: Path, policy_file: Path) -> None:
    run(opa, "check", "--strict", policy_file)
    assert run(opa, "fmt", policy_file) == policy_file.read_text()


@EACH_POLICY
def test_decides_as_the_tests_assume(opa: Path, policy: str, policy_file: Path, tmp_path: Path) -> None:
    every: list[Mapping[str, Any]] = documents()
    data = tmp_path / "data.json"
    data.write_text(json.dumps({"documents": every}))
    decided = json.loads(run(opa, "eval", "--data", policy_file, "--data", data, "--format", "raw", _DECISIONS))
    expected = [decision(policy, json.dumps(document, sort_keys=True)) for document in every]
    assert [document for document, a, b in zip(every, decided, expected, strict=True) if a is not b] == []
    assert {True, False} == set(decided)


@EACH_POLICY
def test_nothing_but_true_allows(opa: Path, policy_file: Path) -> None:
    assert run(opa, "eval", "--data", policy_file, "--format", "raw", "data.qovery.policy.allow").strip() == "false"
