"""Rules for the files of the launcher."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from other_python import NEWEST_LOCKED

from tests.harness.action import ROOT, Action

LAUNCHER = ROOT / "launcher"
MODULES = sorted(LAUNCHER.glob("*.py"))
FOR_OLD_PYTHONS = ("__main__.py", "other_python.py", "workflow.py")


def _imported_by(module: Path) -> set[str]:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("name", FOR_OLD_PYTHONS)
def test_old_pythons_can_parse_their_modules(name: str) -> None:
    ast.parse((LAUNCHER / name).read_text(encoding="utf-8"), feature_version=(3, 6))


def test_old_pythons_import_no_other_module() -> None:
    own = {module.stem for module in MODULES}
    for name in ("other_python.py", "workflow.py"):
        assert {f"{module}.py" for module in _imported_by(LAUNCHER / name) & own} <= set(FOR_OLD_PYTHONS)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.stem))
def test_imports_only_the_standard_library(module: Path) -> None:
    own = {module.stem for module in MODULES}

    assert _imported_by(module) <= sys.stdlib_module_names | own


def test_module_names_hide_no_other_module() -> None:
    locked = re.findall(r"^([a-z0-9-]+)==", (LAUNCHER / "requirements.txt").read_text(), re.MULTILINE)
    taken = sys.stdlib_module_names | {name.replace("-", "_") for name in locked} | {"pip"}

    assert {module.stem for module in MODULES if module.stem != "__main__"}.isdisjoint(taken)


def test_newest_python_is_the_same_everywhere() -> None:
    major, minor = NEWEST_LOCKED
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())

    assert project["classifiers"][-2] == f"Programming Language :: Python :: {major}.{minor}"
    assert workflow["jobs"]["check"]["strategy"]["matrix"]["python"][-1] == f"{major}.{minor}"
    assert f"python3.1{{{minor - 10}..1}}" in Action.from_directory().script


def test_lock_has_wheels_for_the_newest_python() -> None:
    tag = "cp{}{}".format(*NEWEST_LOCKED)
    packages = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    wheels = {each["name"]: [wheel["url"] for wheel in each.get("wheels", ())] for each in packages}
    for name in re.findall(r"^([a-z0-9-]+)==", (LAUNCHER / "requirements.txt").read_text(), re.MULTILINE):
        if not any(url.endswith("-none-any.whl") for url in wheels[name]):
            for system in ("manylinux_2_17_x86_64", "manylinux_2_17_aarch64", "macosx_11_0_arm64", "win_amd64"):
                assert any(f"-{tag}-{tag}-" in url and f"{system}.whl" in url for url in wheels[name]), (name, system)


def test_requirements_are_those_of_the_lock() -> None:
    exported = subprocess.run(  # noqa: S603
        [
            str(Path(sys.executable).parent / "uv"),
            *("export", "--frozen", "--no-dev", "--no-emit-project", "--no-annotate", "--no-header", "--quiet"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert (LAUNCHER / "requirements.txt").read_text() == exported, "run `make lock`"


def test_requirements_have_hashes_and_no_index() -> None:
    text = (LAUNCHER / "requirements.txt").read_text().replace("\\\n", " ")

    assert all("--hash=sha256:" in line for line in text.splitlines())
    assert "://" not in text
