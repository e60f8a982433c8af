"""Calls of Qovery's API: every one that the specification's slice has, and many that change or delete something."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

from qovery_sandbox import (
    GIT_HELM_ID,
    HELM_ID,
    ORGANIZATION_ID,
    PRODUCTION_HELM_ID,
    PRODUCTION_ID,
    PROJECT_ID,
    STAGING_ID,
    ApiToken,
    World,
)
from qovery_sandbox.policy import is_allowed
from tests.readme import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SLICE = json.loads((ROOT / "tests" / "data" / "qovery-openapi.json").read_text(encoding="utf-8"))
REQUEST_ID = "0198f2a1-6c3d-7b41-9e08-5a2d3c4b7e91"

#: From Qovery's specification, beyond the slice.
_CHANGES = {
    "/environment/{environmentId}": ["PUT", "DELETE"],
    "/environment/{environmentId}/clone": ["POST"],
    "/environment/{environmentId}/environmentVariable": ["GET", "POST"],
    "/environment/{environmentId}/helm": ["POST"],
    "/environment/{environmentId}/redeploy": ["POST"],
    "/environment/{environmentId}/secret": ["POST"],
    "/environment/{environmentId}/service/delete": ["POST"],
    "/environment/{environmentId}/service/restart-service": ["POST"],
    "/environment/{environmentId}/service/stop": ["POST"],
    "/environment/{environmentId}/stop": ["POST"],
    "/environment/{environmentId}/uninstall": ["POST"],
    "/helm/{helmId}": ["PUT", "DELETE"],
    "/helm/{helmId}/advancedSettings": ["GET", "PUT"],
    "/helm/{helmId}/clone": ["POST"],
    "/helm/{helmId}/stop": ["POST"],
    "/helm/{helmId}/uninstall": ["POST"],
    "/organization/{organizationId}/apiToken": ["GET", "POST"],
    "/organization/{organizationId}/policyApiToken": ["GET", "POST"],
    "/project/{projectId}": ["PUT", "DELETE"],
    "/project/{projectId}/environment": ["POST"],
}
_IDS = {
    "organizationId": [ORGANIZATION_ID],
    "projectId": [PROJECT_ID],
    "environmentId": [STAGING_ID, PRODUCTION_ID],
    "helmId": [HELM_ID, GIT_HELM_ID, PRODUCTION_HELM_ID],
    "serviceId": [HELM_ID, PRODUCTION_HELM_ID],
    "deploymentRequestId": [REQUEST_ID],
}
_OTHER_METHODS, _WITH_BODY = ["HEAD", "OPTIONS", "PUT", "PATCH"], {"POST", "PUT", "PATCH"}
_OWN, _OTHER = {"id": HELM_ID}, {"id": PRODUCTION_HELM_ID}
#: A body that `helms` of two services make acceptable, and what is near to it.
DEPLOYMENTS: Mapping[str, object] = {
    "one service": {"helms": [_OWN]},
    "two services": {"helms": [_OWN, {"id": GIT_HELM_ID, "git_commit_id": "abc"}]},
    "a foreign service": {"helms": [_OTHER]},
    "a foreign service too": {"helms": [_OWN, _OTHER]},
    "no service": {"helms": []},
    "no body": None,
    "an empty body": {},
    "no id": {"helms": [{}]},
    "not in an array": {"helms": {"first": _OWN}},
    "a text": {"helms": HELM_ID},
    "an application too": {"helms": [_OWN], "applications": [{"application_id": GIT_HELM_ID}]},
    "a job alone": {"jobs": [_OWN]},
}
CANCELS: Mapping[str, object] = {
    "gracefully": {"force_cancel": False},
    "by force": {"force_cancel": True},
    "no body": None,
    "more": {"force_cancel": False, "more": 1},
}


@dataclass(frozen=True, kw_only=True)
class ApiCall:
    """A call with its ids filled in."""

    method: str
    path: str
    body: object = None

    def __str__(self) -> str:
        return f"{self.method} {self.path} {'' if self.body is None else json.dumps(self.body)}".rstrip()


def api_calls() -> Iterator[ApiCall]:
    """Yield every call with every id."""
    specified = {path: [each.upper() for each in item if each != "parameters"] for path, item in SLICE["paths"].items()}
    for template, own in [*specified.items(), *_CHANGES.items()]:
        names = re.findall(r"\{(\w+)\}", template)
        every_id = product(*(_IDS[name] for name in names))
        paths = [template.format(**dict(zip(names, ids, strict=True))) for ids in every_id]
        for method, path in product(dict.fromkeys([*own, *_OTHER_METHODS]), paths):
            yield from (ApiCall(method=method, path=path, body=body) for body in _bodies(method, path))


def documents() -> list[Mapping[str, Any]]:
    """Return the document that a policy gets for each call."""
    seen: list[Mapping[str, Any]] = []
    keep = ApiToken(value="any", policy=seen.append, unresolved="asked")
    world = World(lambda: 0.0)
    for call in api_calls():
        content = b"" if call.body is None else json.dumps(call.body).encode()
        is_allowed(keep, world, method=call.method, path=call.path, body=content)
    return seen


def _bodies(method: str, path: str) -> list[object]:
    if method not in _WITH_BODY:
        return [None]
    if path.endswith("/service/deploy"):
        return [*DEPLOYMENTS.values()]
    if path.startswith("/environment") and path.endswith("/cancelDeployment"):
        return [*CANCELS.values()]
    return [{}]
