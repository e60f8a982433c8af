from __future__ import annotations

from hypothesis import HealthCheck, Phase, assume, given, settings

from tests.properties.episodes import Episode, episodes

#: Seconds by which a run may exceed its deadline: the last look, canceling, the log.
_SLACK = 60.0


def true_fate(case):
    return [entry.final_state for entry in case.fates]


@settings(max_examples=5000, phases=[Phase.generate, Phase.shrink], deadline=None, suppress_health_check=list(HealthCheck))
@given(episodes())
def test_green_is_true(episode: Episode) -> None:
    assume(not episode.is_undecidable)
    case = episode.run()
    assert len(case.ours) <= 1, "two acceptances"
    if case.outcome == "succeeded":
        assert true_fate(case) == ["DEPLOYED"]
        asked = dict(episode.inputs).get("chart_version")
        if asked and episode.dialect.history_versions:
            fate = case.fates[0]
            assert [v.chart_version for v in fate.deployed.values()] == [asked]
    if case.outcome == "unchanged":
        # A request for differences that is taken out of the queue looks like one that found none: nothing ran.
        assert [(fate.began_at, fate.final_state in {"UNCHANGED", "CANCELED"}) for fate in case.fates] == [(None, True)]
