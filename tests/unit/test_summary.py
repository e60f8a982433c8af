from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from qovery_helm_deploy.deployment.evidence import Asked
from qovery_helm_deploy.deployment.status import Step
from qovery_helm_deploy.deployment.verdict import Outcome
from qovery_helm_deploy.errors import Problem, RunnerError, UnreachableError
from qovery_helm_deploy.redaction import Redactor
from qovery_helm_deploy.runner.summary import summary_of, summary_of_failure, summary_of_problems, write_summary
from tests.unit.examples import COMMANDS, LONG, MARKUP, SECRET, SERVICE, a_report, a_report_full_of, unchanged

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1024 * 1024


def without_code(markdown: str) -> str:
    """Leave out code spans, in which nothing means anything."""
    return re.sub(r"`[^`\n]*`", "", markdown.replace("\\`", ""))


def test_a_summary_tells_the_service_its_outcome_and_its_steps() -> None:
    report = a_report(
        Outcome.FAILED,
        reason="It broke.",
        hint="Mend it.",
        environment="staging",
        asked=Asked(chart_version="1.2", git_commit_id="abc", values_override_git_commit_id="def"),
        request_id="r-1",
        state="DEPLOYMENT_ERROR",
        execution_id="e-1",
        duration=187.0,
        steps=(Step(name="BUILD", status="SUCCESS", duration=5.0), Step(name="DEPLOYMENT")),
        service_url="https://shop.test/",
        console_url="https://console.test/x?y=1",
    )
    assert summary_of((report,), redact=unchanged).splitlines() == [
        "### ❌ api (staging): deployment failed",
        "",
        "It broke.",
        "",
        "**What to do:** Mend it.",
        "",
        "|  |  |",
        "| --- | --- |",
        "| Service | api (staging) |",
        "| Outcome | `failed` |",
        "| State | `DEPLOYMENT_ERROR` |",
        "| Duration | 3m 07s |",
        "| Chart version | `1.2` |",
        "| Commit | `abc` |",
        "| Values commit | `def` |",
        "| Request | `r-1` |",
        "| Execution | `e-1` |",
        "| Links | [Open the service](https://shop.test/) · [Qovery console](https://console.test/x?y=1) |",
        "",
        "**Steps**",
        "",
        "| Step | Status | Duration |",
        "| --- | --- | --- |",
        "| `BUILD` | `SUCCESS` | 5s |",
        "| `DEPLOYMENT` | `running` |  |",
    ]


def test_what_nobody_told_is_left_out() -> None:
    assert summary_of((a_report(name=""),), redact=unchanged).splitlines() == [
        f"### ✅ {SERVICE} deployed",
        "",
        "It ran.",
        "",
        "|  |  |",
        "| --- | --- |",
        f"| Service | {SERVICE} |",
        "| Outcome | `succeeded` |",
    ]


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_has_a_headline_that_shows_whether_it_is_green(outcome: Outcome) -> None:
    headline = summary_of((a_report(outcome),), redact=unchanged).splitlines()[0]
    assert headline.startswith("### ✅ api" if outcome.is_green else "### ❌ api: ")


@pytest.mark.parametrize(
    "markdown",
    [
        pytest.param(summary_of((a_report_full_of(MARKUP),), redact=unchanged), id="in a report"),
        pytest.param(summary_of_failure(UnreachableError(MARKUP, hint=MARKUP), redact=unchanged), id="in an error"),
        pytest.param(summary_of_problems([Problem(input="wait", message=MARKUP)], redact=unchanged), id="in a problem"),
    ],
)
def test_texts_from_outside_bring_no_markup(markdown: str) -> None:
    shown = without_code(markdown)
    assert "&lt;img" in shown
    assert not re.search(r"<|@|://|www\.", shown)
    assert not re.search(r"(?<!\\)\[|(?<!\\)\$", shown)


@pytest.mark.parametrize("text", [MARKUP, COMMANDS, "a|b", "a\\|b", "x\n\n| y |\n### z"])
def test_texts_from_outside_stay_in_their_rows(text: str) -> None:
    lines = summary_of((a_report_full_of(text),), redact=unchanged).splitlines()
    plain = summary_of((a_report_full_of("text"),), redact=unchanged).splitlines()
    bars = re.compile(r"(?<!\\)\|")
    assert [len(bars.findall(line)) for line in lines if line.startswith("| `")] == [4] * 50
    assert len([line for line in lines if line.startswith("### ")]) == 1
    assert len(lines) == len([line for line in plain if "Links" not in line])


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("javascript:alert(1)", id="a script"),
        pytest.param("data:text/html,x", id="data"),
        pytest.param("https://a.test) [x](https://evil.test", id="an address that ends the link"),
        pytest.param("https://a.test|", id="an address that ends the cell"),
        pytest.param("https://me@evil.test", id="an address with credentials"),
        pytest.param("https://a.test/\n\n# x", id="an address of several lines"),
        pytest.param(f"https://a.test/{'a' * 600}", id="an address that never ends"),
        pytest.param("//evil.test", id="an address without a scheme"),
    ],
)
def test_only_plain_web_addresses_are_links(url: str) -> None:
    assert "](" not in summary_of((a_report(service_url=url, console_url=url),), redact=unchanged)


def test_no_summary_shows_the_token() -> None:
    redact, text = Redactor(SecretStr(SECRET)), f"{SECRET} or {SECRET.encode().hex()}"
    for markdown in (
        summary_of((a_report_full_of(text),), redact=redact),
        summary_of_failure(UnreachableError(text, hint=text), redact=redact),
        summary_of_problems([Problem(input="wait", message=text)], redact=redact),
    ):
        assert r"\*\*\* or \*\*\*" in markdown
        assert SECRET[:12] not in markdown
        assert SECRET.encode().hex()[:12] not in markdown
    assert SECRET not in summary_of((a_report(service_url=f"https://a.test/{SECRET}"),), redact=redact)


@pytest.mark.parametrize("text", [LONG, "&" * 5000, COMMANDS * 100], ids=["wide", "escaped", "commands"])
def test_a_summary_is_bounded_whatever_qovery_tells(text: str) -> None:
    full = summary_of((a_report_full_of(text),) * 500, redact=unchanged)
    shown = full.count("### ")
    assert len(full.encode()) < MIB
    assert full.endswith(f"_{500 - shown} more services are left out here; the output `result` has all._")


def test_a_summary_of_many_services_has_them_all() -> None:
    full = summary_of((a_report(),) * 500, redact=unchanged)
    assert full.count("### ") == 500
    assert "left out" not in full


def test_all_problems_are_listed() -> None:
    problems = [Problem(input="wait", message="is odd"), Problem(input="logs", message="a|b")]
    assert summary_of_problems(problems, redact=unchanged).splitlines() == [
        "### ❌ Nothing deployed: the step's inputs cannot be used",
        "",
        "| Input | Problem |",
        "| --- | --- |",
        "| `wait` | is odd |",
        r"| `logs` | a\|b |",
    ]


def test_a_failure_says_what_to_do() -> None:
    markdown = summary_of_failure(UnreachableError("No way.", hint="Go."), redact=unchanged)
    assert markdown == "### ❌ Nothing deployed\n\nNo way.\n\n**What to do:** Go.\n"


def test_a_summary_is_appended_to_the_runners_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "summary"
    path.write_text("before\n", encoding="utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(path))
    write_summary("### ✅")
    assert path.read_text(encoding="utf-8") == "before\n### ✅\n"


@pytest.mark.parametrize("path", ["", "/nowhere/summary"])
def test_without_a_file_to_write_to_there_is_an_error(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", path)
    with pytest.raises(RunnerError, match="The summary cannot be written: "):
        write_summary("x")
