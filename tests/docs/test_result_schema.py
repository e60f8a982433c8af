"""docs/result.schema.json describes the output `result`, whatever Qovery answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import SecretStr

from qovery_helm_deploy.deployment.verdict import Outcome
from qovery_helm_deploy.redaction import Redactor
from qovery_helm_deploy.runner.outputs import outputs_of
from tests.harness.action import ROOT
from tests.unit.examples import COMMANDS, LONG, MARKUP, a_report, a_report_full_of

if TYPE_CHECKING:
    from qovery_helm_deploy.deployment.report import Report

SCHEMA: dict[str, Any] = json.loads((ROOT / "docs" / "result.schema.json").read_text(encoding="utf-8"))
REDACT = Redactor(SecretStr(""))


def result_of(*reports: Report) -> list[dict[str, Any]]:
    return list(json.loads(outputs_of(reports, redact=REDACT)["result"]))


def test_schema_is_valid() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("outcome", Outcome)
def test_accepts_every_outcome(outcome: Outcome) -> None:
    Draft202012Validator(SCHEMA).validate(result_of(a_report(outcome)))


@pytest.mark.parametrize("text", ["", "x", MARKUP, COMMANDS, LONG])
@pytest.mark.parametrize("count", [1, 30])
def test_accepts_any_text(text: str, count: int) -> None:
    Draft202012Validator(SCHEMA).validate(result_of(*(a_report_full_of(text),) * count))


def test_describes_every_field() -> None:
    described = SCHEMA["items"]["properties"]
    assert set(result_of(a_report())[0]) == set(described)
    assert set(described["outcome"]["enum"]) == {outcome.value for outcome in Outcome}
