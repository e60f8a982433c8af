from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from qovery_helm_deploy.deployment.status import Step
from qovery_helm_deploy.deployment.verdict import Outcome
from qovery_helm_deploy.errors import RunnerError
from qovery_helm_deploy.redaction import Redactor
from qovery_helm_deploy.runner.outputs import check_outputs, outputs_of, write_outputs
from tests.unit.examples import COMMANDS, LONG, SECRET, SERVICE, a_report, a_report_full_of, unchanged

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from qovery_helm_deploy.deployment.report import Report

REPORT = a_report(
    environment="staging",
    request_id="r-1",
    state="DEPLOYED",
    service_deployment_status="UP_TO_DATE",
    execution_id="e-1",
    duration=42.0,
    steps=(Step(name="BUILD", status="SUCCESS", duration=5.0), Step(name="DEPLOYMENT")),
    service_url="https://shop.test",
    console_url="https://console.test",
)


def outputs(*reports: Report) -> Mapping[str, str]:
    return outputs_of(reports, redact=Redactor(SecretStr(SECRET)))


def written(path: Path) -> dict[str, str]:
    """Read the runner's output file as the runner does."""
    text = path.read_text(encoding="utf-8")
    blocks = re.findall(r"^(\w+)<<(ghadelimiter_\S+)\n(.*?)\n\2$", text, re.DOTALL | re.MULTILINE)
    return {name: value for name, _, value in blocks}


@pytest.fixture
def output_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "output"
    path.touch()
    monkeypatch.setenv("GITHUB_OUTPUT", str(path))
    return path


def test_writes_every_output() -> None:
    values = dict(outputs(REPORT))
    result = json.loads(values.pop("result"))
    assert values == {
        "deployment_request_id": "r-1",
        "state": "DEPLOYED",
        "outcome": "succeeded",
        "service_deployment_status": "UP_TO_DATE",
        "execution_id": "e-1",
        "duration": "42",
        "service_url": "https://shop.test",
        "console_url": "https://console.test",
    }
    steps = [
        {"name": "BUILD", "status": "SUCCESS", "duration": 5.0},
        {"name": "DEPLOYMENT", "status": None, "duration": None},
    ]
    service = {"helm_id": SERVICE, "name": "api", "environment": "staging", "reason": "It ran.", "hint": ""}
    assert result == [{**values, **service, "duration": 42.0, "steps": steps}]


@pytest.mark.parametrize(
    ("duration", "text"), [(None, ""), (0.0, "0"), (12.5, "12.5"), (123_456.7, "123456.7"), (2e6, "2000000")]
)
def test_a_duration_is_a_plain_number(duration: float | None, text: str) -> None:
    assert outputs(a_report(duration=duration))["duration"] == text


def test_single_values_show_first_red_service() -> None:
    failed, canceled = a_report(Outcome.FAILED, request_id="r-2"), a_report(Outcome.CANCELED, request_id="r-3")
    values = outputs(REPORT, failed, canceled)
    assert (values["outcome"], values["deployment_request_id"]) == ("failed", "r-2")
    assert [entry["outcome"] for entry in json.loads(values["result"])] == ["succeeded", "failed", "canceled"]


def test_single_values_show_first_of_green_services() -> None:
    assert outputs(REPORT, a_report(Outcome.UNCHANGED))["deployment_request_id"] == "r-1"


@pytest.mark.parametrize(
    "echo",
    [
        pytest.param(SECRET, id="the token"),
        pytest.param(SECRET.encode().hex(), id="the token in hexadecimal"),
        pytest.param(f'"{SECRET}\\"', id="the token between quotes"),
    ],
)
def test_no_output_shows_the_token(echo: str) -> None:
    values = outputs(a_report_full_of(f"x {echo} y"))
    assert {name for name, value in values.items() if "***" not in value} == {"outcome", "duration"}
    assert echo.strip('"\\') not in "".join(values.values())


def test_token_null_keeps_result_valid() -> None:
    (entry,) = json.loads(outputs_of((a_report(),), redact=Redactor(SecretStr("null")))["result"])
    assert entry["duration"] is None


@pytest.mark.parametrize("count", [1, 60, 500])
@pytest.mark.parametrize(
    "text",
    [
        pytest.param(LONG[:1100], id="twelve characters each in JSON"),
        pytest.param('"\\' * 550, id="two characters each in JSON"),
        pytest.param(COMMANDS * 20, id="commands"),
    ],
)
def test_outputs_are_bounded(count: int, text: str) -> None:
    report = a_report_full_of(text)
    values = outputs_of((replace(report, steps=report.steps[: 2000 // count]),) * count, redact=unchanged)
    assert sum(len(name) + len(value) for name, value in values.items()) * 2 < 1_000_000
    assert all(len(value) <= 1000 for name, value in values.items() if name != "result")
    entries = json.loads(values["result"])
    assert [(entry["helm_id"], entry["outcome"]) for entry in entries] == [(SERVICE, "failed")] * count


def test_few_services_have_longer_results() -> None:
    report = a_report(Outcome.FAILED, reason="r" * 900, steps=REPORT.steps, environment="e" * 900)
    few, many, most = (json.loads(outputs(*[report] * count)["result"])[0] for count in (10, 250, 500))
    assert (len(few["reason"]), len(few["steps"]), len(few["environment"])) == (900, 2, 900)
    assert (len(many["reason"]), len(many["steps"]), len(many["environment"])) == (100, 0, 900)
    assert (len(most["reason"]), len(most["steps"]), len(most["environment"])) == (0, 0, 100)


def test_runner_reads_the_written_outputs(output_file: Path) -> None:
    values = outputs(REPORT, a_report_full_of(f"{COMMANDS}\nghadelimiter_x\nstate<<y"))
    write_outputs(values)
    assert written(output_file) == values


def test_an_output_cannot_set_another(output_file: Path) -> None:
    write_outputs(outputs(a_report_full_of("x\nghadelimiter_\noutcome=succeeded\noutcome<<E\nsucceeded\nE")))
    assert written(output_file)["outcome"] == "failed"
    assert "succeeded" not in output_file.read_text(encoding="utf-8").splitlines()


def test_check_leaves_writable_file_unchanged(output_file: Path) -> None:
    check_outputs()
    assert output_file.read_bytes() == b""


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        pytest.param("none", "No such file or directory", id="missing"),
        pytest.param("", "Is a directory", id="a directory"),
    ],
)
def test_reports_an_unwritable_output_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, reason: str
) -> None:
    path = str(tmp_path / name)
    monkeypatch.setenv("GITHUB_OUTPUT", path)
    with pytest.raises(RunnerError) as caught:
        check_outputs()
    who = f"The user with the id {os.geteuid()}"
    assert str(caught.value) == f"{who} cannot write the output file {path}: {reason}. Nothing was deployed."


@pytest.fixture
def nobody(output_file: Path) -> Iterator[int]:
    """Run the test as a user who may not write the output file."""
    output_file.chmod(0o400)
    own = os.geteuid()
    user = own or 65534
    os.seteuid(user)
    yield user
    os.seteuid(own)


def test_hints_at_the_user_option(output_file: Path, nobody: int) -> None:
    with pytest.raises(RunnerError) as caught:
        check_outputs()
    assert str(caught.value).startswith(f"The user with the id {nobody} cannot write the output file {output_file}: ")
    assert "options: --user" in caught.value.hint


def test_names_a_missing_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_OUTPUT", raising=False)
    with pytest.raises(RunnerError, match="GITHUB_OUTPUT is not set"):
        check_outputs()


@pytest.mark.parametrize("path", ["", "/nowhere/output"])
def test_rejects_a_missing_output_file(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setenv("GITHUB_OUTPUT", path)
    with pytest.raises(RunnerError, match="The outputs cannot be written: "):
        write_outputs({"outcome": "failed"})
