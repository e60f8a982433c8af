from __future__ import annotations

from functools import partial

import pytest

from qovery_helm_deploy.deployment.evidence import Execution, Identity
from qovery_helm_deploy.deployment.expectation import usual_duration
from qovery_helm_deploy.deployment.ownership import Judgement, Standing
from qovery_helm_deploy.deployment.phases import Phase, extended
from qovery_helm_deploy.deployment.status import State

WAITING = Judgement(standing=Standing.WAITING, state=State.DEPLOYED)
DEPLOYING = Judgement(standing=Standing.RUNNING, state=State.DEPLOYING)
UNCLEAR = Judgement(standing=Standing.UNCLEAR, state=State.DEPLOYED)
ENDED = Judgement(standing=Standing.ENDED, state=State.DEPLOYED)
RAN = partial(Execution, id="e", by=Identity())


def test_phases_follow_each_other_without_gaps() -> None:
    phases: tuple[Phase, ...] = ()
    told = ((0.0, UNCLEAR), (1.0, WAITING), (4.0, WAITING), (9.0, DEPLOYING), (20.0, DEPLOYING), (30.0, ENDED))
    for at, judgement in told:
        phases = extended(phases, judgement, at=at)
    assert phases == (
        Phase(name="accepted", began_at=0.0, ended_at=1.0),
        Phase(name="waiting in the queue", began_at=1.0, ended_at=9.0),
        Phase(name="DEPLOYING", began_at=9.0, ended_at=30.0, is_running=True),
    )


def test_what_ends_at_the_first_look_has_no_phases() -> None:
    assert extended((), ENDED, at=1.0) == ()


@pytest.mark.parametrize(
    ("history", "seconds"),
    [
        pytest.param(None, None, id="no history"),
        pytest.param([RAN(state=State.DEPLOYED, duration=5.0)] * 2, None, id="too few to say"),
        pytest.param(
            [RAN(state=State.DEPLOYED, duration=each) for each in (9.0, 1.0, 2.0)], 2.0, id="the middle of them"
        ),
        pytest.param(
            [*[RAN(state=State.DEPLOYMENT_ERROR, duration=1.0)] * 5, *[RAN(state=State.DEPLOYED)] * 5],
            None,
            id="failures and what tells no duration do not count",
        ),
        pytest.param(
            [RAN(state=State.DEPLOYED, duration=each) for each in (*[4.0] * 10, *[100.0] * 30)], 4.0, id="the latest"
        ),
    ],
)
def test_what_is_usual_is_learned_from_what_worked(history: list[Execution] | None, seconds: float | None) -> None:
    assert usual_duration(history) == seconds
