import json
import subprocess
import sys
from pathlib import Path

from tests.harness.action import ROOT

_TELL_MODULES = """
import json, sys
sys.path[:0] = sys.argv[1:]
import qovery_helm_deploy.__main__
print(json.dumps([name for name in sys.modules if name.partition(".")[0] not in sys.stdlib_module_names]))
"""
_PACKAGES = {
    *("actions_toolkit", "annotated_types", "anyio", "certifi", "h11", "httpcore", "httpx", "idna", "pydantic"),
    *("pydantic_core", "qovery_helm_deploy", "typing_extensions", "typing_inspection"),
}


def test_a_step_imports_no_more_modules_than_it_did(tool_cache: Path) -> None:
    [dependencies] = (tool_cache / "qovery-helm-deploy").iterdir()
    ended = subprocess.run(  # noqa: S603
        [sys.executable, "-ISc", _TELL_MODULES, str(ROOT / "src"), str(dependencies)],
        check=True,
        capture_output=True,
        text=True,
    )
    modules = [name for name in json.loads(ended.stdout) if not name.startswith("_")]

    # Nothing of what only a live log takes, and nothing that actions-toolkit would bring along.
    assert {name.partition(".")[0] for name in modules} <= _PACKAGES
    assert len([name for name in modules if name.startswith("qovery_helm_deploy")]) <= 61
    assert len(modules) <= 145
