from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from qovery_helm_deploy.deployment.verdict import Outcome
from qovery_helm_deploy.errors import DefectError, InputsError, Problem, UnreachableError
from qovery_helm_deploy.redaction import Redactor
from qovery_helm_deploy.runner.console import Console
from qovery_helm_deploy.runner.pages import page_of
from qovery_helm_deploy.runner.reporting import Reporting
from tests.unit.examples import COMMANDS, LONG, MARKUP, SECRET, a_report, a_report_full_of

if TYPE_CHECKING:
    from pathlib import Path

REDACT = Redactor(SecretStr(SECRET))
REPORTING = Reporting(Console(redact=REDACT), redact=REDACT)
GREEN = [outcome for outcome in Outcome if outcome.is_green]
RED = [outcome for outcome in Outcome if not outcome.is_green]
TITLES = {
    "Deployment failed",
    "Deployment canceled",
    "Service not deployed",
    "Deployment superseded",
    "Deployment timed out",
    "Deployment interrupted",
    "Deployment rejected",
    "Lost contact with Qovery",
    "More failed",
}


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    paths = {name: tmp_path / name for name in ("OUTPUT", "STEP_SUMMARY")}
    for name, path in paths.items():
        path.touch()
        monkeypatch.setenv(f"GITHUB_{name}", str(path))
    return paths


def outcome_in(path: Path) -> str:
    match = re.search(r"^outcome<<(\S+)\n(\w+)\n\1$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert match
    return match[2]


def errors_in(log: str) -> list[tuple[str, str]]:
    return re.findall(r"^::error title=(.*?)::(.*)$", log, re.MULTILINE)


@pytest.mark.parametrize("outcome", GREEN)
def test_a_green_outcome_is_told_in_a_line(
    capsys: pytest.CaptureFixture[str], files: dict[str, Path], outcome: Outcome
) -> None:
    assert REPORTING.tell((a_report(outcome, environment="staging"),), requests=7) == 0
    assert capsys.readouterr().out == f"api (staging): {outcome}. It ran.\n"
    assert outcome_in(files["OUTPUT"]) == outcome
    assert files["STEP_SUMMARY"].read_text(encoding="utf-8").startswith("### ✅ api (staging)")


@pytest.mark.parametrize("outcome", RED)
def test_a_red_outcome_is_annotated_with_what_to_do(
    capsys: pytest.CaptureFixture[str], files: dict[str, Path], outcome: Outcome
) -> None:
    report = a_report(outcome, reason="It broke.", hint="Mend it.", console_url="https://console.test")
    assert REPORTING.tell((report,), requests=7) == 1
    ((title, text),) = errors_in(capsys.readouterr().out)
    assert title in TITLES
    told = f"api: {outcome}. It broke. What to do: Mend it. https://console.test"
    assert text == f"{told} About this outcome: {page_of(outcome)}"
    assert outcome_in(files["OUTPUT"]) == outcome


def test_one_red_service_makes_the_step_red(capsys: pytest.CaptureFixture[str]) -> None:
    assert REPORTING.tell((a_report(), a_report(Outcome.FAILED), a_report()), requests=7) == 1
    assert capsys.readouterr().out.count("api: succeeded") == 2


@pytest.mark.parametrize(
    ("failed", "annotations", "rest"),
    [
        pytest.param(1, 1, None, id="one"),
        pytest.param(10, 10, None, id="as many as the runner shows"),
        pytest.param(11, 10, "2 more services failed", id="one more"),
        pytest.param(500, 10, "491 more services failed", id="as many as a step takes"),
    ],
)
def test_no_more_is_annotated_than_the_runner_shows(
    capsys: pytest.CaptureFixture[str], failed: int, annotations: int, rest: str | None
) -> None:
    REPORTING.tell((a_report(Outcome.FAILED),) * failed, requests=7)
    errors = errors_in(capsys.readouterr().out)
    assert len(errors) == annotations
    assert errors[-1][1].startswith(rest or "api: failed")


@pytest.mark.parametrize("text", [COMMANDS, MARKUP, LONG, SECRET], ids=["commands", "markup", "long", "secret"])
def test_an_annotations_title_has_nothing_from_outside(capsys: pytest.CaptureFixture[str], text: str) -> None:
    REPORTING.tell(tuple(a_report_full_of(text, outcome) for outcome in RED), requests=7)
    log = capsys.readouterr().out
    assert {title for title, _ in errors_in(log)} <= TITLES
    assert len(log.splitlines()) == len(RED)
    assert SECRET not in log


def test_a_long_name_leaves_room_for_the_reason(capsys: pytest.CaptureFixture[str]) -> None:
    REPORTING.tell((a_report(Outcome.FAILED, reason="It broke.", name="n" * 5000, environment="e" * 5000),), requests=7)
    ((_, text),) = errors_in(capsys.readouterr().out)
    assert text.startswith(f"{'n' * 199}…: failed. It broke.")


def test_results_that_cannot_be_written_make_the_step_red(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_OUTPUT", "")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "")
    assert REPORTING.tell((a_report(),), requests=7) == 1
    ((title, text),) = errors_in(capsys.readouterr().out)
    assert title == "Results not written"
    assert "outputs cannot be written" in text
    assert "summary cannot be written" in text
    assert text.endswith("The action must run as a step of a GitHub workflow.")


def test_results_that_cannot_be_written_take_one_annotation_of_ten(
    capsys: pytest.CaptureFixture[str], files: dict[str, Path]
) -> None:
    files["OUTPUT"].unlink()
    REPORTING.tell((a_report(Outcome.FAILED),) * 50, requests=7)
    errors = errors_in(capsys.readouterr().out)
    assert len(errors) == 10
    assert errors[-1][1].startswith("42 more services failed")
    assert files["STEP_SUMMARY"].read_text(encoding="utf-8").startswith("### ❌")


def test_problems_with_the_inputs_are_told_one_by_one_and_together(
    capsys: pytest.CaptureFixture[str], files: dict[str, Path]
) -> None:
    error = InputsError([Problem(input="wait", message="is odd"), Problem(input="logs", message=f"{SECRET} ::x")])
    assert REPORTING.tell_problems(error) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["wait: is odd", "logs: *** ::x"]
    assert errors_in(lines[2]) == [("Inputs cannot be used", f"`wait` is odd. `logs` *** ::x. {error.hint}")]
    assert outcome_in(files["OUTPUT"]) == "rejected"
    assert "| `wait` | is odd |" in files["STEP_SUMMARY"].read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(UnreachableError("No way."), id="no connection"),
        pytest.param(DefectError(OSError()), id="a defect"),
    ],
)
def test_an_early_end_is_told_with_what_to_do(
    capsys: pytest.CaptureFixture[str], files: dict[str, Path], error: UnreachableError | DefectError
) -> None:
    assert REPORTING.tell_failure(error, outcome=Outcome.LOST_CONTACT) == 1
    assert errors_in(capsys.readouterr().out) == [("Lost contact with Qovery", f"{error} {error.hint}")]
    assert outcome_in(files["OUTPUT"]) == "lost_contact"
    assert json.loads(re.findall(r"^\[.*$", files["OUTPUT"].read_text(encoding="utf-8"), re.MULTILINE)[0]) == []
    assert "### ❌ Nothing deployed" in files["STEP_SUMMARY"].read_text(encoding="utf-8")
