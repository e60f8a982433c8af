import json
import subprocess
import sys
from pathlib import Path

from qovery_sandbox.server import RunningSandbox
from tests.harness.action import ROOT

_LIST_MODULES = """
print(json.dumps([name for name in sys.modules if name.partition(".")[0] not in sys.stdlib_module_names]))
"""
_AT_START = f"""
import json, sys
sys.path[:0] = sys.argv[1:]
import qovery_helm_deploy.__main__
{_LIST_MODULES}
"""
_AFTER_A_REQUEST = f"""
import asyncio, json, sys
sys.path[:0] = sys.argv[2:]
import httpx
from qovery_helm_deploy.__main__ import _import_while_waiting

async def request():
    async with httpx.AsyncClient(event_hooks={{"request": [_import_while_waiting]}}) as http:
        await http.get(sys.argv[1])

asyncio.run(request())
{_LIST_MODULES}
"""
_PACKAGES = {
    *("actions_toolkit", "annotated_types", "anyio", "certifi", "h11", "httpcore", "httpx", "idna", "pydantic"),
    *("pydantic_core", "qovery_helm_deploy", "typing_extensions", "typing_inspection"),
}
_LATER = {"qovery_helm_deploy.qovery.states", "qovery_helm_deploy.run.deployments"}


def modules_of(script: str, tool_cache: Path, *arguments: str) -> list[str]:
    [dependencies] = (tool_cache / "qovery-helm-deploy").iterdir()
    ended = subprocess.run(  # noqa: S603
        [sys.executable, "-ISc", script, *arguments, str(ROOT / "src"), str(dependencies)],
        check=True,
        capture_output=True,
        text=True,
    )
    return [name for name in json.loads(ended.stdout) if not name.startswith("_")]


def test_a_start_imports_few_modules(tool_cache: Path) -> None:
    modules = modules_of(_AT_START, tool_cache)

    # Neither the modules of a live log nor the dependencies of actions-toolkit.
    assert {name.partition(".")[0] for name in modules} <= _PACKAGES
    assert len([name for name in modules if name.startswith("qovery_helm_deploy")]) <= 32
    assert len(modules) <= 116
    assert not _LATER & set(modules)


def test_imports_the_rest_during_the_first_request(tool_cache: Path) -> None:
    with RunningSandbox() as url:
        assert set(modules_of(_AFTER_A_REQUEST, tool_cache, url)) >= _LATER
