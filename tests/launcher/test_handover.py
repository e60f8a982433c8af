"""The package gets its own dependencies, also if site-packages of the machine changed the import system."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness.action import ROOT

_PROGRAM = """
import sys
launcher, dependencies, source, elsewhere = sys.argv[1:]

# As .pth files do: paths, modules imported from there, and import hooks.
sys.path[:0] = [elsewhere, launcher]
import dependency.part

class Hook:
    @staticmethod
    def find_spec(name, path=None, target=None):
        return sys.exit("hooked") if name.startswith("dependency") else None

sys.meta_path.insert(0, Hook)

from pathlib import Path
from handover import load
sys.exit(load("package", Path(source), [Path(dependencies)])({}))
"""
_PACKAGE = """
import gc, json, sys
import dependency.part
def main(environment):
    print(json.dumps([dependency.part.__file__, sys.path, gc.isenabled()]))
    return 0
"""


@pytest.mark.parametrize(
    ("line", "may_be_allowed"),
    [
        pytest.param("raise ImportError(name='_ssl')", False, id="Python built without a module"),
        pytest.param("import another", True, id="missing module"),
        pytest.param("raise ImportError('x.so: failed to map segment')", True, id="library not mappable"),
        pytest.param("raise PermissionError(13, 'Permission denied')", True, id="unreadable file"),
    ],
)
def test_reports_a_failed_import(tmp_path: Path, line: str, *, may_be_allowed: bool) -> None:
    dependencies, source = tmp_path / "dependencies", tmp_path / "source"
    _write_dependency(dependencies)
    (dependencies / "dependency" / "part.py").write_text(line)
    (source / "package").mkdir(parents=True)
    (source / "package" / "__main__.py").write_text(_PACKAGE)
    arguments = [str(path) for path in (ROOT / "launcher", dependencies, source, tmp_path)]

    ended = subprocess.run(  # noqa: S603
        [sys.executable, "-I", "-c", _PROGRAM.replace("\nimport dependency.part\n", "\n"), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )

    assert "errors.LoadError: " in ended.stderr.splitlines()[-1]
    assert "cannot load the action or its dependencies" in ended.stderr
    assert ("Allow this Python to load" in ended.stderr) is may_be_allowed
    assert "actions/setup-python" in ended.stderr


def _write_dependency(directory: Path) -> None:
    (directory / "dependency").mkdir(parents=True)
    (directory / "dependency" / "__init__.py").touch()
    (directory / "dependency" / "part.py").touch()


def test_removes_foreign_paths_hooks_and_modules(tmp_path: Path) -> None:
    dependencies, source, elsewhere = tmp_path / "dependencies", tmp_path / "source", tmp_path / "elsewhere"
    _write_dependency(dependencies)
    _write_dependency(elsewhere)
    (source / "package").mkdir(parents=True)
    (source / "package" / "__main__.py").write_text(_PACKAGE)
    arguments = [str(path) for path in (ROOT / "launcher", dependencies, source, elsewhere)]

    ended = subprocess.run(  # noqa: S603
        [sys.executable, "-I", "-c", _PROGRAM, *arguments], capture_output=True, text=True, check=False
    )

    assert ended.returncode == 0, ended.stderr
    imported_from, path, collects_garbage = json.loads(ended.stdout)
    assert Path(imported_from) == dependencies / "dependency" / "part.py"
    assert path[:2] == [str(source), str(dependencies)]
    assert all(entry.startswith(sys.base_prefix) and "-packages" not in entry for entry in path[2:])
    assert not collects_garbage
