"""The policies of docs/how-to/least-privilege-token.md, with the sandbox's ids, and what evaluates them."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from regopy import Interpreter

from qovery_sandbox import GIT_HELM_ID, HELM_ID, STAGING_ID, ApiToken, World
from qovery_sandbox.policy import is_allowed
from tests.readme import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

PAGE = ROOT / "docs" / "how-to" / "least-privilege-token.md"
TOKEN = "sk-qov-01-sandbox"  # noqa: S105
#: The package that Qovery's documentation puts before a policy to test it.
PACKAGE = "package qovery.policy\n\n"

_IDS = {
    "00000000-0000-0000-0000-000000000001": STAGING_ID,
    "00000000-0000-0000-0000-000000000002": HELM_ID,
    "00000000-0000-0000-0000-000000000003": GIT_HELM_ID,
}
_POLICY = re.compile(r"^```rego\n(.*?)^```$", flags=re.DOTALL | re.MULTILINE)
_COST = re.compile(r"^\| `(GET|POST) (\S+)` \|", flags=re.MULTILINE)
_PARAMETER = re.compile(r"\{\w+\}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def policies() -> tuple[str, str]:
    """Return the policy for one service and that for several."""
    one, several = _POLICY.findall(PAGE.read_text())
    return _filled(one), _filled(several)


def costs() -> set[str]:
    """Return the calls that the page lists as denied."""
    return {template(method, path) for method, path in _COST.findall(PAGE.read_text())}


def template(method: str, path: str) -> str:
    return f"{method} {_PARAMETER.sub('{}', path)}"


def api_token(policy: str, *, is_unresolved_asked: bool = False) -> ApiToken:
    """Return a policy token for the sandbox, whose policy a Rego interpreter evaluates."""

    def decide(document: Mapping[str, Any]) -> bool:
        return decision(policy, json.dumps(document, sort_keys=True))

    return ApiToken(value=TOKEN, policy=decide, unresolved="asked" if is_unresolved_asked else "denied")


@cache
def decision(policy: str, document: str) -> bool:
    """Return what a policy decides about an input document, which is JSON."""
    interpreter = _interpreter(policy)
    interpreter.set_input(json.loads(document))
    # Kept until its value is read: regopy frees a node with the output that it comes from.
    output = interpreter.query("decision = data.qovery.policy.allow")
    return output.binding("decision").value is True


def allows(policy: str, method: str, path: str, body: object = None, *, is_unresolved_asked: bool = False) -> bool:
    """Return whether Qovery would allow a call, with the sandbox's services."""
    content = b"" if body is None else json.dumps(body).encode()
    policy_token = api_token(policy, is_unresolved_asked=is_unresolved_asked)
    return is_allowed(policy_token, World(lambda: 0.0), method=method, path=path, body=content)


def allows_request(policy: str, request: httpx.Request) -> bool:
    body = json.loads(request.content) if request.content else None
    return allows(policy, request.method, request.url.path, body)


def _filled(policy: str) -> str:
    for placeholder, identity in _IDS.items():
        policy = policy.replace(placeholder, identity)
    return policy


@cache
def _interpreter(policy: str) -> Interpreter:
    interpreter = Interpreter()
    interpreter.add_module("policy", f"{PACKAGE}{policy}")
    return interpreter
