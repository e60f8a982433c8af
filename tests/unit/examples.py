"""Example reports, and hostile texts to put into them."""

from __future__ import annotations

from dataclasses import replace

from qovery_helm_deploy.deployment.asked import Asked
from qovery_helm_deploy.deployment.report import Report
from qovery_helm_deploy.deployment.status import Step
from qovery_helm_deploy.deployment.verdict import Outcome, Verdict

SERVICE = "4f3c2b1a-0d9e-4c8b-a7f6-5e4d3c2b1a09"
SECRET = "qov_AbCdEf0123456789xyz/+XYZ"  # noqa: S105
COMMANDS = "::error title=x::y\n##[error]z\r::stop-commands::w\x0b ::add-mask::a"
MARKUP = "<img src=x onerror=alert(1)> [a](javascript:b) `c` **d** @org/team | https://evil.test www.evil.test $e$"
LONG = "💥" * 4500


def a_report(
    outcome: Outcome = Outcome.SUCCEEDED, *, reason: str = "It ran.", hint: str = "", **fields: object
) -> Report:
    """Make a report with these fields; all others keep their defaults."""
    report = Report(
        service_id=SERVICE, asked=Asked(), verdict=Verdict(outcome=outcome, reason=reason, hint=hint), name="api"
    )
    return replace(report, **fields)  # type: ignore[arg-type]


def a_report_full_of(text: str, outcome: Outcome = Outcome.FAILED) -> Report:
    """Make a report that has this text in every field that comes from outside."""
    return a_report(
        outcome,
        reason=text,
        hint=text,
        name=text,
        asked=Asked(chart_version=text, git_commit_id=text, values_override_git_commit_id=text),
        environment=text,
        request_id=text,
        state=text,
        service_deployment_status=text,
        execution_id=text,
        duration=12.5,
        steps=(Step(name=text, status=text, duration=1.0), Step(name=text)) * 26,
        service_url=text,
        console_url=text,
    )


def unchanged(text: str) -> str:
    """Redact nothing."""
    return text
