"""Every small history after a lost answer: what Qovery accepted is not requested again, and what it did not, is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qovery_helm_deploy.deployment.judgement import Judgement, judge
from qovery_helm_deploy.deployment.standing import Standing
from tests.proof.check import PROMISED
from tests.proof.coincidences import coincidences_of
from tests.proof.observations import OBSERVED_AT, AcceptedId, Answers, Dialect, Lag, Observations, View
from tests.proof.recording import Naming, record_before, record_with
from tests.proof.scope import MERGING, other_requests, own_requests
from tests.proof.world import QueueRules, Request, World, simulate

_OTHERS = other_requests(arrivals=(-8.0, -0.05, 0.05, 4.0), durations=(2.0, 12.0), ends=("DEPLOYED",))
_OWNS = own_requests(durations=(2.0, 12.0), ends=("DEPLOYMENT_ERROR",))
_VIEWS = tuple(
    View(AcceptedId.NONE, Answers(Dialect.REFUSED), lag, lag) for lag in (Lag.NONE, Lag.LONGEST, Lag.CACHED_LATER)
)


def _judgement_on(world: World, view: View) -> Judgement:
    """Return the first judgement that is final or says that Qovery did not accept the request, else the last one."""
    baseline, *observations = Observations(world).of(view)
    record = record_before(Naming(), baseline, None, is_answer_lost=True)
    judgement = judge(record, at=0.0)
    for at, observation in zip(OBSERVED_AT[1:], observations, strict=True):
        record = record_with(record, Naming(), observation, at=at)
        judgement = judge(record, at=at)
        if judgement.is_accepted is False or judgement.standing.is_final:
            break
    return judgement


@pytest.mark.parametrize("rules", [QueueRules(), *MERGING], ids=["no merging", "into the older", "into the newer"])
@pytest.mark.parametrize("own", _OWNS, ids=lambda own: f"{own.duration:.0f} s")
def test_never_sends_an_accepted_request_again(own: Request, rules: QueueRules) -> None:
    worlds = [simulate([own, replace(other, id="A")], rules) for other in _OTHERS]
    promised = [(world, view) for world in worlds for view in _VIEWS if len(coincidences_of(world, view)) <= PROMISED]
    assert promised
    assert not [view for world, view in promised if _judgement_on(world, view).is_accepted is False]


@pytest.mark.parametrize("own", _OWNS, ids=lambda own: f"{own.duration:.0f} s")
@pytest.mark.parametrize("view", _VIEWS, ids=lambda view: view.queue.value)
def test_follows_an_accepted_request(own: Request, view: View) -> None:
    judgement = _judgement_on(simulate([own], QueueRules()), view)
    assert judgement.standing is Standing.ENDED


@pytest.mark.parametrize("view", _VIEWS, ids=lambda view: view.queue.value)
@pytest.mark.parametrize("others", [[], [Request(id="A", user="other", arrives=-8.0, duration=12.0)]], ids=len)
def test_sends_a_request_again_that_never_arrived(others: list[Request], view: View) -> None:
    assert _judgement_on(simulate(others, QueueRules()), view).is_accepted is False
