from __future__ import annotations

import pytest

from qovery_helm_deploy.deployment.phases import Phase, extended
from qovery_helm_deploy.deployment.standing import Standing
from qovery_helm_deploy.deployment.status import State


def phases_of(*seen: tuple[float, Standing, State | None]) -> tuple[Phase, ...]:
    phases: tuple[Phase, ...] = ()
    for at, standing, state in seen:
        phases = extended(phases, standing, state, at=at)
    return phases


def test_phases_follow_each_other_without_gaps() -> None:
    assert phases_of(
        (0.0, Standing.UNCLEAR, None),
        (1.0, Standing.QUEUED, State.QUEUED),
        (4.0, Standing.QUEUED, State.QUEUED),
        (9.0, Standing.RUNNING, State.DEPLOYING),
        (20.0, Standing.RUNNING, State.DEPLOYING),
        (30.0, Standing.ENDED, State.DEPLOYED),
    ) == (
        Phase(name="starting", began_at=0.0, ended_at=1.0),
        Phase(name="queued", began_at=1.0, ended_at=9.0),
        Phase(name="deploying", began_at=9.0, ended_at=30.0, is_running=True),
    )


@pytest.mark.parametrize(
    ("standing", "state", "names"),
    [
        pytest.param(Standing.QUEUED, State.DEPLOYING, ["queued"], id="queued"),
        pytest.param(Standing.UNCLEAR, State.DEPLOYING, ["starting"], id="unclear"),
        pytest.param(Standing.STARTING, State.DEPLOYING, ["starting"], id="starting"),
        pytest.param(Standing.RUNNING, State.BUILDING, ["building"], id="running"),
        pytest.param(Standing.RUNNING, None, ["running"], id="running, state unknown"),
        *(
            pytest.param(standing, State.DEPLOYED, [], id=standing.name.lower())
            for standing in Standing
            if standing.is_final
        ),
    ],
)
def test_name_of_a_phase(standing: Standing, state: State | None, names: list[str]) -> None:
    assert [phase.name for phase in phases_of((1.0, standing, state))] == names
