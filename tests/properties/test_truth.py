from __future__ import annotations

from hypothesis import given

from qovery_sandbox.ids import HELM_ID
from tests.properties.episodes import Episode, alone, disturbed, rivalled

#: Seconds after the deadlines for the last observation, canceling, and reading the log.
_SLACK = 120.0
_INTERRUPTED_WITHIN = 7.0
_OUTCOMES = {
    "DEPLOYED": "succeeded",
    "DEPLOYMENT_ERROR": "failed",
    "BUILD_ERROR": "failed",
    "UNCHANGED": "unchanged",
    # The deployment never ended by itself; with `cancel_on_timeout`, it was canceled.
    None: "timed_out",
    "CANCELED": "timed_out",
}


@given(alone())
def test_outcome_is_true_when_undisturbed(episode: Episode) -> None:
    case = episode.run()
    assert [case.outcome] == [_OUTCOMES[end] for end in case.ends_of(HELM_ID)]


@given(disturbed())
def test_green_only_if_request_deployed(episode: Episode) -> None:
    case = episode.run()
    for report in case.reports:
        ends = case.ends_of(report.service_id)
        if report.verdict.outcome == "succeeded":
            assert ends[-1:] == ["DEPLOYED"]
        if report.verdict.outcome == "unchanged":
            assert set(ends) <= {"UNCHANGED", "CANCELED", "DEPLOYED"}
        assert len(case.requests_that_count(report.service_id)) <= 1
    assert case.took <= episode.deadline + _SLACK
    assert not episode.has_canceled_another(case)
    if episode.interrupts:
        assert case.took <= episode.interrupts[0] + _INTERRUPTED_WITHIN


@given(rivalled())
def test_never_green_from_a_rival(episode: Episode) -> None:
    case = episode.run()
    assert case.outcome not in {"succeeded", "unchanged"} or case.ends_of(HELM_ID) == ["DEPLOYED"]
