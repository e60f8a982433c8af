"""docs/result.schema.json is what the output `result` holds, whatever Qovery told."""

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


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_is_in_it(outcome: Outcome) -> None:
    Draft202012Validator(SCHEMA).validate(result_of(a_report(outcome)))


@pytest.mark.parametrize("text", ["", "x", MARKUP, COMMANDS, LONG])
@pytest.mark.parametrize("count", [1, 30])
def test_whatever_qovery_tells_fits_it(text: str, count: int) -> None:
    Draft202012Validator(SCHEMA).validate(result_of(*(a_report_full_of(text),) * count))


def test_nothing_is_in_the_result_that_the_schema_does_not_describe() -> None:
    described = SCHEMA["items"]["properties"]
    assert set(result_of(a_report())[0]) == set(described)
    assert set(described["outcome"]["enum"]) == {outcome.value for outcome in Outcome}
