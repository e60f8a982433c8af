from __future__ import annotations

import pytest

from qovery_helm_deploy.deployment.asked import Asked
from qovery_helm_deploy.deployment.execution import ServiceResult
from qovery_helm_deploy.deployment.status import State


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        pytest.param(Asked(), "the versions set in Qovery", id="nothing"),
        pytest.param(Asked(chart_version="1.2"), "chart 1.2", id="chart version"),
        pytest.param(
            Asked(git_commit_id="abc", values_override_git_commit_id="def"),
            "commit abc, values from commit def",
            id="commits",
        ),
        pytest.param(
            Asked(only_differences=True), "the versions set in Qovery, with force_event DIFF", id="force event"
        ),
    ],
)
def test_text_of_requested_versions(asked: Asked, words: str) -> None:
    assert str(asked) == words


@pytest.mark.parametrize(
    ("version", "written"),
    [
        pytest.param("1.1", "1.10", id="one zero lost"),
        pytest.param("1", "1.0", id="all decimals lost"),
        pytest.param("1.10", None, id="trailing zero kept"),
        pytest.param("1.2.3", None, id="not a number"),
        pytest.param("v1.1", None, id="prefix v"),
        pytest.param(None, None, id="no version"),
    ],
)
def test_hints_at_a_version_without_quotes(version: str | None, written: str | None) -> None:
    hint = f"If you wrote {written} without quotes, YAML made it {version}: put it in quotes." if written else ""
    assert Asked(chart_version=version).quoting_hint == hint


@pytest.mark.parametrize(
    ("asked", "version", "commit", "is_met", "is_shown"),
    [
        pytest.param({}, None, None, True, True, id="nothing asked, nothing shown"),
        pytest.param({}, "1.2", "abcdef0", True, True, id="nothing asked, versions shown"),
        pytest.param({"chart_version": "1.2"}, "1.2", None, True, True, id="same version"),
        pytest.param({"chart_version": "1.2"}, "v1.2", None, True, True, id="same version, v shown"),
        pytest.param({"chart_version": "v1.2"}, "1.2", None, True, True, id="same version, v asked"),
        pytest.param({"chart_version": "1.2"}, "1.3", None, False, False, id="other version"),
        pytest.param({"chart_version": "1.2.3+b5"}, "1.2.3_b5", None, True, True, id="same version, from a registry"),
        pytest.param({"chart_version": "1.2.3_b5"}, "v1.2.3+b5", None, True, True, id="same version, to a registry"),
        pytest.param({"chart_version": "1.2.3+b5"}, "1.2.3", None, False, False, id="other build"),
        pytest.param({"chart_version": "1.2"}, None, None, True, False, id="version not shown"),
        pytest.param({"git_commit_id": "abcdef0"}, None, "ABCDEF0123", True, True, id="abbreviated commit asked"),
        pytest.param({"git_commit_id": "abcdef0123"}, None, "abcdef0", True, True, id="abbreviated commit shown"),
        pytest.param({"git_commit_id": "abcdef"}, None, "abcdef0", False, False, id="abbreviated too much"),
        pytest.param({"git_commit_id": "abc"}, None, "ABC", True, True, id="same short commit"),
        pytest.param({"git_commit_id": "abcdef0"}, None, "abcdef1234", False, False, id="other commit"),
        pytest.param({"git_commit_id": "abcdef0"}, None, None, True, False, id="commit not shown"),
        pytest.param({"values_override_git_commit_id": "abc"}, None, None, True, True, id="history shows no values"),
    ],
)
def test_compares_versions_with_history(
    *, asked: dict[str, str], version: str | None, commit: str | None, is_met: bool, is_shown: bool
) -> None:
    asked_for = Asked(
        chart_version=asked.get("chart_version"),
        git_commit_id=asked.get("git_commit_id"),
        values_override_git_commit_id=asked.get("values_override_git_commit_id"),
    )
    result = ServiceResult(state=State.DEPLOYED, chart_version=version, git_commit_id=commit)
    assert (asked_for.is_met_by(result), asked_for.is_shown_by(result)) == (is_met, is_shown)
