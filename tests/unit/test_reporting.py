from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from qovery_helm_deploy.deployment.log_entry import LogEntry
from qovery_helm_deploy.deployment.verdict import Outcome, Verdict
from qovery_helm_deploy.errors import DefectError, InputsError, Problem, RunnerError, UnreachableError
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
    "More failures",
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
def test_a_green_outcome_is_logged(
    capsys: pytest.CaptureFixture[str], files: dict[str, Path], outcome: Outcome
) -> None:
    assert REPORTING.report((a_report(outcome, environment="staging"),), requests=7) == 0
    assert capsys.readouterr().out == ("" if outcome is Outcome.SUCCEEDED else "It ran.\n")
    assert outcome_in(files["OUTPUT"]) == outcome
    assert files["STEP_SUMMARY"].read_text(encoding="utf-8").startswith("### ✅ api (staging)")


@pytest.mark.parametrize("outcome", RED)
def test_an_annotation_begins_with_the_reason(
    capsys: pytest.CaptureFixture[str], files: dict[str, Path], outcome: Outcome
) -> None:
    report = a_report(outcome, reason="It broke.", hint="Mend it.", console_url="https://console.test")
    assert REPORTING.report((report,), requests=7) == 1
    ((title, text),) = errors_in(capsys.readouterr().out)
    assert title in TITLES
    assert text == (
        f"It broke.%0AWhat to do: Mend it.%0Aapi: https://console.test%0AAbout `{outcome}`: {page_of(outcome)}"
    )
    assert outcome_in(files["OUTPUT"]) == outcome


def test_one_red_service_fails_the_step(capsys: pytest.CaptureFixture[str]) -> None:
    assert REPORTING.report((a_report(), a_report(Outcome.FAILED), a_report()), requests=7) == 1
    log = capsys.readouterr().out
    assert log.count("api: deployed\n") == 2
    assert f"::api: It ran.%0AAbout `failed`: {page_of(Outcome.FAILED)}\n" in log


@pytest.mark.parametrize(
    ("failed", "annotations", "rest"),
    [
        pytest.param(1, 1, None, id="one"),
        pytest.param(10, 10, None, id="as many as the runner shows"),
        pytest.param(11, 10, "2 more services failed", id="one more"),
        pytest.param(500, 10, "491 more services failed", id="as many as a step accepts"),
    ],
)
def test_at_most_ten_annotations(
    capsys: pytest.CaptureFixture[str], failed: int, annotations: int, rest: str | None
) -> None:
    REPORTING.report((a_report(Outcome.FAILED),) * failed, requests=7)
    errors = errors_in(capsys.readouterr().out)
    assert len(errors) == annotations
    assert errors[-1][1].startswith(rest or ("It ran." if failed == 1 else "api: It ran."))


@pytest.mark.parametrize("text", [COMMANDS, MARKUP, LONG, SECRET], ids=["commands", "markup", "long", "secret"])
def test_titles_have_no_text_from_outside(capsys: pytest.CaptureFixture[str], text: str) -> None:
    REPORTING.report(tuple(a_report_full_of(text, outcome) for outcome in RED), requests=7)
    log = capsys.readouterr().out
    assert {title for title, _ in errors_in(log)} <= TITLES
    assert len(log.splitlines()) == len(RED)
    assert SECRET not in log


def test_long_names_do_not_hide_the_reason(capsys: pytest.CaptureFixture[str]) -> None:
    REPORTING.report(
        (a_report(Outcome.FAILED, reason="It broke.", name="n" * 5000, environment="e" * 5000),), requests=7
    )
    ((_, text),) = errors_in(capsys.readouterr().out)
    assert text.startswith(f"It broke.%0A{'n' * 99}…{'e' * 99})%0AAbout `failed`: ")


def test_long_cause_keeps_its_end(capsys: pytest.CaptureFixture[str], files: dict[str, Path]) -> None:
    entry = LogEntry(error=f"begin {'x' * 5000} the cause", hint=f"Look {'y' * 5000} here.")
    verdict = Verdict(outcome=Outcome.FAILED, reason="It broke.").because_of(entry)
    report = a_report(Outcome.FAILED, reason=verdict.reason, hint=verdict.hint)
    REPORTING.report((report,), requests=7)
    ((_, text),) = errors_in(capsys.readouterr().out)
    summary = files["STEP_SUMMARY"].read_text(encoding="utf-8")
    for shown in (text, summary, files["OUTPUT"].read_text(encoding="utf-8")):
        assert "begin xxx" in shown
        assert "xxx the cause. It broke." in shown
        assert "yyy here." in shown
    assert text.endswith(page_of(Outcome.FAILED))
    assert len(text) < 4000


@pytest.mark.parametrize("summary", ["", "/nowhere/summary"])
def test_an_unwritten_summary_is_a_warning(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, files: dict[str, Path], summary: str
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", summary)
    assert REPORTING.report((a_report(),), requests=7) == 0
    log = capsys.readouterr().out
    assert log.startswith("::warning title=Summary not written::The summary cannot be written: ")
    assert not errors_in(log)
    assert outcome_in(files["OUTPUT"]) == "succeeded"


def test_unwritten_outputs_are_red(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, files: dict[str, Path]
) -> None:
    monkeypatch.setenv("GITHUB_OUTPUT", "")
    assert REPORTING.report((a_report(),), requests=7) == 1
    ((title, text),) = errors_in(capsys.readouterr().out)
    assert title == "Outputs not written"
    assert text.startswith("The outputs cannot be written: ")
    assert text.endswith("check the runner's disk. The summary has the result.")
    assert files["STEP_SUMMARY"].read_text(encoding="utf-8").startswith("### ✅")


def test_unwritable_outputs_end_the_step(capsys: pytest.CaptureFixture[str], files: dict[str, Path]) -> None:
    assert REPORTING.report_unwritable(RunnerError("No way. Nothing was deployed.", hint="Go.")) == 1
    assert errors_in(capsys.readouterr().out) == [("Outputs not written", "No way. Nothing was deployed. Go.")]
    assert "### ❌ Nothing deployed" in files["STEP_SUMMARY"].read_text(encoding="utf-8")


def test_unwritten_outputs_add_one_annotation(capsys: pytest.CaptureFixture[str], files: dict[str, Path]) -> None:
    files["OUTPUT"].unlink()
    REPORTING.report((a_report(Outcome.FAILED),) * 50, requests=7)
    errors = errors_in(capsys.readouterr().out)
    assert len(errors) == 10
    assert errors[-1][1].startswith("42 more services failed")
    assert files["STEP_SUMMARY"].read_text(encoding="utf-8").startswith("### ❌")


def test_all_problems_are_in_one_annotation(capsys: pytest.CaptureFixture[str], files: dict[str, Path]) -> None:
    error = InputsError([Problem(input="wait", message="is odd"), Problem(input="logs", message=f"{SECRET} ::x")])
    assert REPORTING.report_problems(error) == 1
    assert errors_in(capsys.readouterr().out) == [
        ("Inputs cannot be used", f"`wait` is odd. `logs` *** ::x. {error.hint}")
    ]
    assert outcome_in(files["OUTPUT"]) == "rejected"
    assert "| `wait` | is odd |" in files["STEP_SUMMARY"].read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(UnreachableError("No way."), id="no connection"),
        pytest.param(DefectError(OSError()), id="a defect"),
    ],
)
def test_an_early_end_has_a_hint(
    capsys: pytest.CaptureFixture[str], files: dict[str, Path], error: UnreachableError | DefectError
) -> None:
    assert REPORTING.report_failure(error) == 1
    assert errors_in(capsys.readouterr().out) == [("Lost contact with Qovery", f"{error} {error.hint}")]
    assert outcome_in(files["OUTPUT"]) == "lost_contact"
    assert json.loads(re.findall(r"^\[.*$", files["OUTPUT"].read_text(encoding="utf-8"), re.MULTILINE)[0]) == []
    assert "### ❌ Nothing deployed" in files["STEP_SUMMARY"].read_text(encoding="utf-8")


def test_failure_log_follows_the_annotation(capsys: pytest.CaptureFixture[str]) -> None:
    REPORTING.report((a_report(Outcome.FAILED, log=("start", "no image")),), requests=7)
    lines = [
        re.sub(r"^(::stop-commands::|::)\w{32}(::)?$", r"\1", line) for line in capsys.readouterr().out.splitlines()
    ]
    assert lines[0].startswith("::error title=Deployment failed::It ran.")
    assert lines[1:] == [
        "::group::Qovery's deployment log",
        "::stop-commands::",
        "│ start",
        "│ no image",
        "::",
        "::endgroup::",
    ]


def test_logs_of_several_services_are_labelled(capsys: pytest.CaptureFixture[str]) -> None:
    REPORTING.report((a_report(Outcome.FAILED, log=("no image",)), a_report()), requests=7)
    assert "::group::api: Qovery's deployment log" in capsys.readouterr().out
