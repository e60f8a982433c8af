from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr

from qovery_helm_deploy.deployment.asked import Asked
from qovery_helm_deploy.deployment.execution import ServiceResult
from qovery_helm_deploy.deployment.phases import Phase
from qovery_helm_deploy.deployment.status import State, Step
from qovery_helm_deploy.deployment.verdict import Outcome
from qovery_helm_deploy.errors import Problem, RunnerError, UnreachableError
from qovery_helm_deploy.redaction import Redactor
from qovery_helm_deploy.runner.pages import page_of
from qovery_helm_deploy.runner.summary import summary_of, summary_of_failure, summary_of_problems, write_summary
from tests.unit.examples import COMMANDS, LONG, MARKUP, SECRET, SERVICE, a_report, a_report_full_of, unchanged

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1024 * 1024
REQUESTS = "<sub>7 of the 1,000 requests an hour that Qovery allows this token</sub>"


def without_code(markdown: str) -> str:
    """Leave out code spans, which show any text as it is, and our own HTML."""
    for own in ("<details><summary>Details</summary>", "</details>", REQUESTS):
        markdown = markdown.replace(own, "")
    return re.sub(r"`[^`\n]*`", "", markdown.replace("\\`", ""))


def test_summary_of_one_service() -> None:
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
        steps=(
            Step(name="BUILD", status="SUCCESS", duration=5.0),
            Step(name="DEPLOYMENT", status="ERROR", duration=9.0),
            Step(name="ROUTER_DEPLOYMENT"),
        ),
        phases=(
            Phase(name="starting", began_at=0.0, ended_at=0.2),
            Phase(name="queued", began_at=0.2, ended_at=12.2),
            Phase(name="building", began_at=12.2, ended_at=30.0, is_running=True),
        ),
        service_url="https://shop.test/",
        console_url="https://console.test/x?y=1",
    )
    assert summary_of((report,), requests=7, redact=unchanged).splitlines() == [
        "### ❌ api (staging): deployment failed",
        "",
        "It broke.",
        "",
        "**What to do:** Mend it.",
        "",
        " · ".join(
            (
                "chart `1.2`",
                "3m 07s",
                "[Open the service](https://shop.test/)",
                "[Qovery console](https://console.test/x?y=1)",
                f"[About `failed`]({page_of(Outcome.FAILED)})",
            )
        ),
        "",
        "```mermaid",
        "gantt",
        "    dateFormat HH:mm:ss",
        "    axisFormat %M:%S",
        "    queued :00:00:00, 00:00:12",
        "    building :done, 00:00:12, 00:00:17",
        "    deploying :crit, 00:00:17, 00:00:26",
        "```",
        "",
        "<details><summary>Details</summary>",
        "",
        "|  |  |",
        "| --- | --- |",
        "| Outcome | `failed` |",
        "| State | `DEPLOYMENT_ERROR` |",
        "| Values commit | `def` |",
        f"| Service id | `{SERVICE}` |",
        "| Request id | `r-1` |",
        "| Execution id | `e-1` |",
        "",
        "| Phase | Duration |  |",
        "| --- | --- | --- |",
        "| queued | 12s |  |",
        "| building | 5s | done |",
        "| deploying | 9s | failed |",
        "",
        "</details>",
        "",
        REQUESTS,
    ]


@pytest.mark.parametrize(
    ("report", "bars"),
    [
        pytest.param(
            {"phases": (Phase(name="queued", began_at=0.0, ended_at=60.0),)},
            ["queued :00:00:00, 00:01:00"],
            id="never began",
        ),
        pytest.param(
            {"phases": (Phase(name="deploying", began_at=1.0, ended_at=60.0, is_running=True),)},
            ["deploying :00:00:01, 00:01:00"],
            id="no steps",
        ),
        pytest.param(
            {"phases": (Phase(name="queued", began_at=90_000.0, ended_at=200_000.0),)},
            ["queued :23:59:58, 23:59:59"],
            id="longer than a day",
        ),
        pytest.param(
            {
                "steps": (
                    Step(name="a: b, c; %% d\n```\nsection e", status="ODD", duration=1.0),
                    Step(name="::", duration=2.0),
                )
            },
            ["a b c d section e :00:00:00, 00:00:01", "unnamed :00:00:01, 00:00:03"],
            id="text from outside",
        ),
    ],
)
def test_bars_of_the_chart(report: dict[str, Any], bars: list[str]) -> None:
    full = summary_of((a_report(**report),), requests=7, redact=unchanged)
    assert [line.strip() for line in full.split("```")[1].splitlines()[4:]] == bars


def test_axis_shows_hours_if_needed() -> None:
    queued = (Phase(name="queued", began_at=0.0, ended_at=3600.0),)
    assert "axisFormat %H:%M:%S" in summary_of((a_report(phases=queued),), requests=7, redact=unchanged)


def test_unknown_facts_are_left_out() -> None:
    assert summary_of((a_report(name=""),), requests=7, redact=unchanged).splitlines() == [
        f"### ✅ {SERVICE} deployed",
        "",
        "It ran.",
        "",
        "<details><summary>Details</summary>",
        "",
        "|  |  |",
        "| --- | --- |",
        "| Outcome | `succeeded` |",
        f"| Service id | `{SERVICE}` |",
        "",
        "</details>",
        "",
        REQUESTS,
    ]


@pytest.mark.parametrize("outcome", Outcome)
def test_headline_shows_if_green(outcome: Outcome) -> None:
    headline = summary_of((a_report(outcome),), requests=7, redact=unchanged).splitlines()[0]
    assert headline.startswith("### ✅ api" if outcome.is_green else "### ❌ api: ")


@pytest.mark.parametrize(
    "markdown",
    [
        pytest.param(summary_of((a_report_full_of(MARKUP),), requests=7, redact=unchanged), id="report"),
        pytest.param(summary_of_failure(UnreachableError(MARKUP, hint=MARKUP), redact=unchanged), id="error"),
        pytest.param(summary_of_problems([Problem(input="wait", message=MARKUP)], redact=unchanged), id="problem"),
    ],
)
def test_escapes_markup_from_outside(markdown: str) -> None:
    shown = without_code(markdown.replace(f"[About `failed`]({page_of(Outcome.FAILED)})", ""))
    assert "&lt;img" in shown
    assert not re.search(r"<|@|://|www\.", shown)
    assert not re.search(r"(?<!\\)\[|(?<!\\)\$", shown)


@pytest.mark.parametrize("text", [MARKUP, COMMANDS, "a|b", "a\\|b", "x\n\n| y |\n### z"])
def test_untrusted_text_stays_in_its_row(text: str) -> None:
    lines = summary_of((a_report_full_of(text),), requests=7, redact=unchanged).splitlines()
    plain = summary_of((a_report_full_of("text"),), requests=7, redact=unchanged).splitlines()
    bars = re.compile(r"(?<!\\)\|")
    table = lines[lines.index("| Phase | Duration |  |") : lines.index("</details>")]
    assert {len(bars.findall(line)) for line in table if line} == {4}
    assert len([line for line in lines if line.startswith("### ")]) == 1
    assert len(lines) == len(plain)


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("javascript:alert(1)", id="script URL"),
        pytest.param("data:text/html,x", id="data URL"),
        pytest.param("https://a.test) [x](https://evil.test", id="ends the link"),
        pytest.param("https://a.test|", id="ends the table cell"),
        pytest.param("https://me@evil.test", id="credentials"),
        pytest.param("https://a.test/\n\n# x", id="several lines"),
        pytest.param(f"https://a.test/{'a' * 600}", id="too long"),
        pytest.param("//evil.test", id="no scheme"),
    ],
)
def test_only_plain_web_addresses_are_links(url: str) -> None:
    assert "](" not in summary_of((a_report(service_url=url, console_url=url),), requests=7, redact=unchanged)


def test_no_summary_shows_the_token() -> None:
    redact, text = Redactor(SecretStr(SECRET)), f"{SECRET} or {SECRET.encode().hex()}"
    for markdown in (
        summary_of((a_report_full_of(text),), requests=7, redact=redact),
        summary_of_failure(UnreachableError(text, hint=text), redact=redact),
        summary_of_problems([Problem(input="wait", message=text)], redact=redact),
    ):
        assert r"\*\*\* or \*\*\*" in markdown
        assert SECRET[:12] not in markdown
        assert SECRET.encode().hex()[:12] not in markdown
    assert SECRET not in summary_of((a_report(service_url=f"https://a.test/{SECRET}"),), requests=7, redact=redact)


@pytest.mark.parametrize("text", [LONG, "&" * 5000, COMMANDS * 100], ids=["wide", "escaped", "commands"])
def test_a_summary_is_bounded(text: str) -> None:
    full = summary_of((a_report_full_of(text),) * 500, requests=7, redact=unchanged)
    assert len(full.encode()) < MIB
    assert "more services are left out; the output `result` lists all._" in full
    assert full.count("\n| ❌ |") == 500


def test_several_services_have_table_and_red_sections() -> None:
    full = summary_of((a_report(), a_report(Outcome.FAILED), a_report(Outcome.TIMED_OUT)), requests=7, redact=unchanged)
    assert [line for line in full.splitlines() if line.startswith("###")] == [
        "### ❌ 2 of 3 services failed",
        "### ❌ api: deployment failed",
        "### ❌ api: timed out",
    ]
    assert [line[:5] for line in full.splitlines() if line.startswith(("| ✅", "| ❌"))] == [
        "| ✅ |",
        "| ❌ |",
        "| ❌ |",
    ]


def test_green_services_have_only_a_table() -> None:
    full = summary_of((a_report(),) * 500, requests=7, redact=unchanged)
    assert full.startswith("### ✅ 500 services deployed\n")
    assert full.count("### ") == 1
    assert full.count("\n| ✅ |") == 500
    assert "left out" not in full


def test_green_services_need_not_be_deployed() -> None:
    full = summary_of((a_report(), a_report(Outcome.REQUESTED)), requests=7, redact=unchanged)
    assert full.startswith("### ✅ 2 services are green\n")


@pytest.mark.parametrize(
    ("ran", "cell"),
    [
        pytest.param({"chart_version": "2.0.0"}, "chart `2.0.0`", id="chart version"),
        pytest.param({"git_commit_id": "0123456789abcdef"}, "commit `0123456789abcdef`", id="commit"),
        pytest.param(
            {"git_commit_id": "0123456789abcdef", "commit_url": "https://git.test/c/01"},
            "commit [0123456789](https://git.test/c/01)",
            id="commit with a page",
        ),
        pytest.param(
            {"git_commit_id": "0123456789abcdef", "commit_url": "javascript:alert(1)"},
            "commit `0123456789abcdef`",
            id="commit with an unsafe page",
        ),
    ],
)
def test_shows_deployed_versions_before_requested_ones(ran: dict[str, Any], cell: str) -> None:
    deployed = ServiceResult(state=State.DEPLOYED, **ran)
    full = summary_of((a_report(deployed=deployed, asked=Asked(git_commit_id="0123")),), requests=7, redact=unchanged)
    assert cell in full.splitlines()


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


def test_summary_of_a_failure() -> None:
    markdown = summary_of_failure(UnreachableError("No way.", hint="Go."), redact=unchanged)
    assert markdown == "### ❌ Nothing deployed\n\nNo way.\n\n**What to do:** Go.\n"


def test_appends_the_summary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "summary"
    path.write_text("before\n", encoding="utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(path))
    write_summary("### ✅")
    assert path.read_text(encoding="utf-8") == "before\n### ✅\n"


@pytest.mark.parametrize("path", ["", "/nowhere/summary"])
def test_no_summary_file_is_an_error(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", path)
    with pytest.raises(RunnerError, match="The summary cannot be written: "):
        write_summary("x")
