from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qovery_sandbox.identity import CI_USER, HELM_ID
from tests.properties.episodes import (
    Episode,
    benign_episodes,
    crowded_episodes,
    crowded_rival_episodes,
    episodes,
    interrupted_episodes,
    overtaken_episodes,
    rival_episodes,
)
from tests.properties.usual import has_another_like_ours, usual_episodes

#: Seconds beyond its deadlines that a run may take: its last look, canceling, reading the log.
_SLACK = 120.0
_INTERRUPTED_WITHIN = 7.0
_OUTCOMES = {
    "DEPLOYED": "succeeded",
    "DEPLOYMENT_ERROR": "failed",
    "BUILD_ERROR": "failed",
    "UNCHANGED": "unchanged",
    # It never ended by itself; with `cancel_on_timeout` it did afterwards.
    None: "timed_out",
    "CANCELED": "timed_out",
}


@given(episodes())
def test_whatever_happens_green_is_true_there_is_one_deployment_at_most_and_an_end(episode: Episode) -> None:
    case = episode.run()
    assert len(case.requests_that_count(HELM_ID)) <= 1
    assert case.took <= episode.deadline + _SLACK
    assert not episode.has_canceled_another(case)
    if case.outcome == "succeeded":
        assert case.ends_of(HELM_ID) == ["DEPLOYED"]
        assert episode.are_versions_kept(case)
    if case.outcome == "unchanged":
        # A request for differences that is taken out of the queue looks like one that found none: nothing ran. Nor did
        # anything of a second one, where the answer to the first was lost.
        assert set(case.ends_of(HELM_ID)) <= {"UNCHANGED", "CANCELED"}
        assert not any(HELM_ID in fate.final_states for fate in case.fates)


@given(benign_episodes())
def test_when_nothing_interferes_the_outcome_is_the_truth_in_every_dialect(episode: Episode) -> None:
    case = episode.run()
    assert [case.outcome] == [_OUTCOMES[end] for end in case.ends_of(HELM_ID)]


@given(usual_episodes())
def test_what_happens_every_day_is_told_as_it_was(episode: Episode) -> None:
    """Only where another pipeline deploys the same service, too, it may be called open, and so red.

    A request for differences that was merged with that one looks like one that found none: green either way.
    """
    case = episode.run()
    for report in case.reports:
        outcome, ends = report.verdict.outcome.value, case.ends_of(report.service_id)
        is_alike = outcome == "superseded" or (outcome == "unchanged" and ends == ["DEPLOYED"])
        assert (is_alike and has_another_like_ours(episode)) or [outcome] == [_OUTCOMES[end] for end in ends]


@given(st.one_of(rival_episodes(), overtaken_episodes()))
def test_the_success_of_another_deployment_is_never_taken_for_ours(episode: Episode) -> None:
    case = episode.run()
    assert case.outcome not in {"succeeded", "unchanged"} or case.ends_of(HELM_ID) == ["DEPLOYED"]


@given(st.one_of(crowded_episodes(), crowded_rival_episodes()))
def test_of_several_services_each_is_told_its_own_truth(episode: Episode) -> None:
    case = episode.run()
    assert case.took <= episode.deadline + _SLACK
    for report in case.reports:
        assert len(case.requests_that_count(report.service_id)) <= 1
        if report.verdict.outcome == "succeeded":
            assert case.ends_of(report.service_id)[-1:] == ["DEPLOYED"]


@given(interrupted_episodes())
def test_an_interruption_ends_the_step_in_seconds_and_cancels_only_what_is_ours(episode: Episode) -> None:
    case = episode.run()
    assert case.took <= episode.interrupts[0] + _INTERRUPTED_WITHIN
    assert not episode.has_canceled_another(case)
    if case.outcome == "interrupted" and not episode.cancels:
        assert not [fate for fate in case.fates if fate.canceled_by == CI_USER]
