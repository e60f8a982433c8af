import json
import subprocess
import sys
from pathlib import Path

import anyio
import httpx
import pytest

from qovery_helm_deploy import __main__ as entry_point
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


def test_imports_the_rest_while_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    monkeypatch.setattr(entry_point, "_LATER", ("colorsys",))
    first, second = (httpx.Request("GET", "https://api.qovery.test") for _ in range(2))

    async def send() -> None:
        await entry_point._import_while_waiting(first)  # noqa: SLF001
        await first.extensions["trace"]("http11.send_request_headers.started", {})
        assert "colorsys" not in sys.modules
        await first.extensions["trace"]("http11.receive_response_headers.started", {})
        assert "colorsys" in sys.modules
        await entry_point._import_while_waiting(second)  # noqa: SLF001

    anyio.run(send)
    assert "trace" not in second.extensions
