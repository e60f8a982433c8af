"""Adds answers of the sandbox to the specification as examples, which Prism then returns."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import trio

from qovery_sandbox import HELM_ID, ORGANIZATION_ID, PROJECT_ID, STAGING_ID
from tests.sandbox.session import Sandbox, run

if TYPE_CHECKING:
    import httpx

Answers = dict[tuple[str, str], "httpx.Response"]

SLICE = json.loads((Path(__file__).parents[2] / "data" / "qovery-openapi.json").read_text(encoding="utf-8"))

#: Java writes fractions of seconds into durations, which Prism's `duration` format rejects.
SLICE_WITHOUT_DURATIONS = json.loads(
    json.dumps(SLICE).replace(', "format": "duration"', "").replace('"format": "duration", ', "")
)

_DEPLOY = "/helm/{helmId}/deploy"
_CANCEL = "/environment/{environmentId}/cancelDeployment"
_REQUEST = "/environment/deploymentStatus"
_IDS = {
    "organizationId": ORGANIZATION_ID,
    "projectId": PROJECT_ID,
    "environmentId": STAGING_ID,
    "helmId": HELM_ID,
    "serviceId": HELM_ID,
}
_READING = [path for path, item in SLICE["paths"].items() if "get" in item]


def before_a_deployment() -> dict[str, Any]:
    """Return the specification with answers from before a deployment; an earlier one left the service DEPLOYED."""
    return _with_examples(run(_before))


def after_a_deployment() -> dict[str, Any]:
    """Return the specification with answers from after a deployment: the accepted request left the service DEPLOYED."""
    return _with_examples(run(_after))


async def _before(sandbox: Sandbox) -> Answers:
    return await _read(sandbox) | await _do(sandbox)


async def _after(sandbox: Sandbox) -> Answers:
    done = await _do(sandbox)
    await trio.sleep(60)
    await sandbox.deploy()
    await trio.sleep(60)
    deployed = {("post", _DEPLOY): await sandbox.client.post(f"/helm/{HELM_ID}/deploy", json={})}
    await trio.sleep(60)
    return done | deployed | await _read(sandbox)


async def _read(sandbox: Sandbox) -> Answers:
    newest = sandbox.world.requests()[-1].id
    query = {_REQUEST: {"deploymentRequestId": newest}}
    return {("get", path): await sandbox.client.get(_concrete(path), params=query.get(path)) for path in _READING}


async def _do(sandbox: Sandbox) -> Answers:
    return {
        ("post", path): await sandbox.client.post(_concrete(path), json=body)
        for path, body in ((_DEPLOY, {"chart_version": "1.5.0"}), (_CANCEL, {"force_cancel": False}))
    }


def _concrete(path: str) -> str:
    return re.sub(r"{(\w+)}", lambda found: _IDS[found[1]], path)


def _with_examples(answers: Answers) -> dict[str, Any]:
    specification = copy.deepcopy(SLICE)
    for (method, path), answer in answers.items():
        response = specification["paths"][path][method]["responses"][str(answer.status_code)]
        response["content"]["application/json"]["example"] = answer.json()
    return dict(specification)
