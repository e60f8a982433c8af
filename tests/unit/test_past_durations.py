from __future__ import annotations

import pytest

from qovery_helm_deploy.deployment.execution import Execution, ServiceResult
from qovery_helm_deploy.deployment.past_durations import past_durations, usual_duration
from qovery_helm_deploy.deployment.status import State


def ran(
    seconds: float | None,
    *,
    state: State = State.DEPLOYED,
    own: float | None = None,
    services: str = "a",
    is_over: bool = True,
) -> Execution:
    """Return an execution; `own` is the duration of each of its services, where Qovery shows it."""
    results = {service: ServiceResult(state=state, duration=own) for service in services}
    return Execution(id="e", state=state, is_over=is_over, services=results, duration=seconds)


@pytest.mark.parametrize(
    ("history", "services", "seconds"),
    [
        pytest.param([], "a", None, id="no history"),
        pytest.param([ran(5.0)] * 2, "a", None, id="too few"),
        pytest.param([ran(9.0), ran(1.0), ran(2.0)], "a", 2.0, id="median"),
        pytest.param([*[ran(4.0)] * 10, *[ran(100.0)] * 30], "a", 4.0, id="latest ten"),
        pytest.param([ran(1.0, state=State.DEPLOYMENT_ERROR)] * 5, "a", None, id="failed"),
        pytest.param([ran(None)] * 5, "a", None, id="duration not shown"),
        pytest.param([ran(5.0, is_over=False)] * 5, "a", None, id="not over"),
        pytest.param([ran(5.0, services="b")] * 5, "a", None, id="another service"),
        pytest.param([ran(5.0, services="")] * 5, "a", None, id="services not shown"),
        pytest.param([ran(9.0, own=4.0, services="ab")] * 3, "a", 4.0, id="own duration of one service"),
        pytest.param([ran(9.0, services="ab")] * 3, "a", 9.0, id="own duration not shown"),
        pytest.param([ran(9.0, own=4.0, services="abc")] * 3, "ab", 9.0, id="duration of the execution for two"),
        pytest.param([ran(9.0)] * 3, "ab", None, id="only one of two services"),
    ],
)
def test_usual_duration_is_median_of_successes(history: list[Execution], services: str, seconds: float | None) -> None:
    assert usual_duration(history, services=services) == seconds


@pytest.mark.parametrize(
    ("history", "durations"),
    [
        pytest.param([], (), id="none"),
        pytest.param([ran(9.0), ran(8.0)], (9.0, 8.0), id="latest first"),
        pytest.param([ran(9.0)] * 30, (9.0,) * 20, id="latest twenty"),
        pytest.param([ran(9.0, state=State.DEPLOYMENT_ERROR)], (9.0,), id="failed"),
        pytest.param([ran(9.0, state=State.CANCELED)], (), id="canceled"),
        pytest.param([ran(9.0, state=State.READY)], (), id="skipped"),
        pytest.param([ran(9.0, is_over=False)], (), id="not over"),
    ],
)
def test_past_durations(history: list[Execution], durations: tuple[float, ...]) -> None:
    assert past_durations(history, services="a") == durations
