"""A small action with the real launcher, a package that reports how it was started, and a dependency built here."""

import hashlib
import json
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tests.harness import Action, StepResult
from tests.harness.action import ROOT

_PACKAGE = """
import json, os, sys, time

import toy_dependency

def main(environment):
    report = {
        "argv": sys.argv,
        "dependency": toy_dependency.__file__,
        "environment": dict(environment),
        "path": sys.path,
        "version": list(sys.version_info[:2]),
    }
    print("REPORT " + json.dumps(report), flush=True)
    time.sleep(float(environment.get("TOY_SLEEPS", "0")))
    with open(environment["GITHUB_OUTPUT"], "a") as outputs:
        outputs.write("outcome=succeeded\\n")
    return 0
"""


@dataclass(frozen=True, kw_only=True)
class ToyAction:
    action: Action
    wheels: Path

    @classmethod
    def made_in(cls, directory: Path) -> Self:
        root, wheels = directory / "action", directory / "wheels"
        wheels.mkdir()
        shutil.copytree(ROOT / "launcher", root / "launcher", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "action.yml", root)
        (root / "src" / "qovery_helm_deploy").mkdir(parents=True)
        (root / "src" / "qovery_helm_deploy" / "__init__.py").touch()
        (root / "src" / "qovery_helm_deploy" / "__main__.py").write_text(_PACKAGE)
        (root / "launcher" / "requirements.txt").write_text(requirement(build_wheel(wheels)))
        return cls(action=Action.from_directory(root), wheels=wheels)

    @property
    def requirements(self) -> Path:
        return self.action.path / "launcher" / "requirements.txt"

    @property
    def pip_settings(self) -> dict[str, str]:
        return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.wheels)}

    @property
    def inputs(self) -> dict[str, str]:
        return {"helm_id": "1b0e8f9c-9a2c-4a8f-8a55-0d5c3f0e6a11", "token": "the-token"}


def report_of(result: StepResult) -> Mapping[str, Any]:
    """Return the report of the toy package about its start."""
    [line] = [line for line in result.raw_log.splitlines() if line.startswith("REPORT ")]
    report: dict[str, Any] = json.loads(line.removeprefix("REPORT "))
    return report


def build_wheel(directory: Path, *, requires: str = "") -> Path:
    wheel = directory / "toy_dependency-1.0-py3-none-any.whl"
    info = "toy_dependency-1.0.dist-info"
    files = {
        "toy_dependency.py": "",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: toy-dependency\nVersion: 1.0\n"
        + (f"Requires-Dist: {requires}\n" if requires else ""),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: toy\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in {**files, f"{info}/RECORD": record}.items():
            archive.writestr(name, content)
    return wheel


def requirement(distribution: Path) -> str:
    return f"toy-dependency==1.0 --hash=sha256:{hashlib.sha256(distribution.read_bytes()).hexdigest()}\n"
