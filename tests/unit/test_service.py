from __future__ import annotations

from itertools import product

import pytest

from qovery_helm_deploy.deployment.asked import Asked
from qovery_helm_deploy.deployment.log_entry import LogEntry
from qovery_helm_deploy.deployment.report import report_for_outputs
from qovery_helm_deploy.deployment.service import Service, Source, labelled, misfit
from qovery_helm_deploy.deployment.verdict import Outcome
from tests.unit.examples import SERVICE, a_report

VERSION, COMMIT, VALUES = (
    Asked(chart_version="1.2"),
    Asked(git_commit_id="abc"),
    Asked(values_override_git_commit_id="def"),
)


def a_service(source: Source, *, has_values_repository: bool = False) -> Service:
    return Service(
        id=SERVICE,
        name="api",
        environment_id="e",
        source=source,
        has_values_repository=has_values_repository,
        is_deployed_on_push=False,
    )


@pytest.mark.parametrize(
    ("source", "asked", "advice"),
    [
        pytest.param(
            Source.REPOSITORY,
            COMMIT,
            "use `chart_version` instead of `git_commit_id`.",
            id="commit for a chart repository",
        ),
        pytest.param(
            Source.GIT, VERSION, "use `git_commit_id` instead of `chart_version`.", id="version for a git repository"
        ),
        pytest.param(
            Source.GIT,
            VALUES,
            "remove `values_override_git_commit_id`.",
            id="values commit without a values repository",
        ),
    ],
)
def test_rejects_versions_of_another_source(source: Source, asked: Asked, advice: str) -> None:
    assert (misfit(a_service(source), asked) or "").endswith(advice)


@pytest.mark.parametrize(
    ("source", "asked"),
    [
        *product(Source, [Asked(), Asked(only_differences=True)]),
        (Source.GIT, COMMIT),
        (Source.REPOSITORY, VERSION),
        (Source.UNKNOWN, COMMIT),
        (Source.UNKNOWN, VERSION),
    ],
    ids=str,
)
def test_accepts_versions_of_the_source(source: Source, asked: Asked) -> None:
    assert misfit(a_service(source), asked) is None


@pytest.mark.parametrize("source", Source)
def test_accepts_values_commit_with_values_repository(source: Source) -> None:
    assert misfit(a_service(source, has_values_repository=True), VALUES) is None


@pytest.mark.parametrize(
    ("name", "environment", "label"),
    [
        pytest.param("api", "staging", "api (staging)", id="name and environment"),
        pytest.param("api", "", "api", id="only a name"),
        pytest.param("", "staging", SERVICE, id="only an environment"),
        pytest.param("", "", SERVICE, id="neither"),
    ],
)
def test_report_label(name: str, environment: str, label: str) -> None:
    assert a_report(name=name, environment=environment).label == label


@pytest.mark.parametrize(
    ("environment", "label"),
    [
        pytest.param("staging", "name of s (staging)", id="known environment"),
        pytest.param("", "name of s", id="unknown environment"),
    ],
)
def test_label_has_the_environment(environment: str, label: str) -> None:
    assert labelled("name of s", environment) == label


def test_outputs_show_the_first_red_report() -> None:
    fine, unchanged, failed, late = (
        a_report(outcome) for outcome in (Outcome.SUCCEEDED, Outcome.UNCHANGED, Outcome.FAILED, Outcome.TIMED_OUT)
    )
    assert report_for_outputs((fine, unchanged, failed, late)) is failed
    assert report_for_outputs((unchanged, fine)) is unchanged


@pytest.mark.parametrize(
    ("entry", "lines", "is_error"),
    [
        pytest.param(LogEntry(message="a\nb"), ["a", "b"], False, id="message"),
        pytest.param(LogEntry(message="a", error="b"), ["b"], True, id="error and message"),
        pytest.param(LogEntry(message="a", error=""), ["a"], True, id="empty error"),
        pytest.param(LogEntry(error="a", underlying_error="b\nc"), ["a", "b", "c"], True, id="underlying error"),
        pytest.param(LogEntry(error="a", underlying_error="a"), ["a"], True, id="same text twice"),
        pytest.param(LogEntry(underlying_error="b"), ["b"], True, id="only an underlying error"),
        pytest.param(LogEntry(error="a", hint="h", link="l"), ["a", "Hint: h", "See: l"], True, id="hint and link"),
        pytest.param(LogEntry(), [], False, id="empty"),
    ],
)
def test_lines_of_a_log_entry(entry: LogEntry, lines: list[str], is_error: bool) -> None:  # noqa: FBT001
    assert list(entry.lines) == lines
    assert entry.is_error is is_error
