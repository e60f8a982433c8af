from __future__ import annotations

import math
import random
from bisect import bisect_left
from itertools import pairwise
from statistics import mean, median
from typing import TYPE_CHECKING

import pytest

from qovery_helm_deploy.deployment.execution import Execution, ServiceResult
from qovery_helm_deploy.deployment.expectation import Expectation
from qovery_helm_deploy.deployment.pace import Pace
from qovery_helm_deploy.deployment.status import State
from qovery_helm_deploy.qovery.budget import RateBudget

if TYPE_CHECKING:
    from collections.abc import Sequence


def history(*durations: float, state: State = State.DEPLOYED) -> tuple[Execution, ...]:
    return tuple(
        Execution(
            id=f"e-{number}",
            state=state,
            is_over=True,
            services={"s": ServiceResult(state=state)},
            duration=duration,
        )
        for number, duration in enumerate(durations)
    )


def expected(*earlier: Execution) -> Expectation:
    return Expectation.from_history(earlier, services="s")


def looks(pace: Pace, *, until: float, budget: RateBudget | None = None) -> list[float]:
    """Tell when a deployment that takes so long is looked at while it runs, until its end is seen."""
    times = [0.0]
    while times[-1] < until:
        least = 0.0
        if budget:
            budget.count(now=times[-1])
            least = budget.modest_interval(now=times[-1])
        times.append(times[-1] + max(pace.while_running(elapsed=times[-1]), least))
    return times


def until_seen(schedule: Sequence[float], took: float) -> Sequence[float]:
    """Cut a schedule of looks where a deployment that took so long is seen to have ended."""
    return schedule[: bisect_left(schedule, took) + 1]


def usual(seconds: float, *, of: int = 20, seed: int = 1) -> list[float]:
    """Draw durations that are usual for a service, as the deployments of a cluster stray."""
    generator = random.Random(seed)  # noqa: S311
    return [seconds * math.exp(generator.gauss(0.0, 0.1)) for _ in range(of)]


@pytest.mark.parametrize(
    ("since_change", "interval"),
    [
        pytest.param(0.0, 2.0, id="at first every other second"),
        pytest.param(28.0, 2.0, id="still every other second"),
        pytest.param(100.0, 7.0, id="a share of the time gone"),
        pytest.param(1000.0, 45.0, id="at last every three quarters of a minute"),
        pytest.param(86_400.0, 45.0, id="and never more seldom"),
    ],
)
def test_looks_grow_sparse_while_ours_waits(since_change: float, interval: float) -> None:
    assert Pace().while_waiting(since_change=since_change) == pytest.approx(interval)


def test_a_fixed_pace_never_changes() -> None:
    pace = Pace(fixed=0.5, expectation=expected(*history(60.0)))
    assert {pace.while_waiting(since_change=gone) for gone in (0.0, 50.0, 5000.0)} == {0.5}
    assert {pace.while_running(elapsed=gone) for gone in (0.0, 50.0, 5000.0)} == {0.5}


def test_polls_densely_around_the_usual_end() -> None:
    pace = Pace(expectation=expected(*history(*usual(600.0))))
    before, around = (pace.while_running(elapsed=gone) for gone in (200.0, 600.0))
    assert before > 20.0
    assert around < 4.0


def test_what_failed_early_before_may_do_so_again() -> None:
    without = Pace(expectation=expected(*history(*usual(600.0))))
    failed = history(30.0, 28.0, 31.0, state=State.DEPLOYMENT_ERROR)
    with_failures = Pace(expectation=expected(*history(*usual(600.0)), *failed))
    assert with_failures.while_running(elapsed=28.0) < without.while_running(elapsed=28.0) / 2


def test_scattered_durations_spread_the_polls() -> None:
    scattered = [60.0, 90.0, 135.0, 200.0, 300.0, 450.0, 680.0, 1000.0, 1500.0, 2300.0, 3400.0]
    pace = Pace(expectation=expected(*history(*scattered)))
    at, between = pace.while_running(elapsed=440.0), pace.while_running(elapsed=550.0)
    assert between < 1.5 * at


def test_only_the_latest_fifty_count() -> None:
    latest = history(*usual(600.0, of=50))
    assert expected(*latest, *history(20.0, 21.0)) == expected(*latest)


def test_latest_durations_count_most() -> None:
    slow, fast = usual(600.0, of=15), usual(300.0, of=35)
    slower, faster = (
        looks(Pace(expectation=expected(*history(*durations))), until=700.0)
        for durations in ((*slow, *fast), (*fast, *slow))
    )
    assert len([at for at in slower if at < 400.0]) < 0.85 * len([at for at in faster if at < 400.0])
    assert len([at for at in slower if at > 500.0]) >= len([at for at in faster if at > 500.0])


def test_a_hanging_deployment_is_polled_rarely() -> None:
    pace = Pace(expectation=expected(*history(*usual(60.0))))
    assert len(looks(pace, until=3600.0)) <= 260


@pytest.mark.parametrize("seconds", [0.0, 1e-9, 1e9])
def test_durations_that_cannot_be_do_no_harm(seconds: float) -> None:
    pace = Pace(expectation=expected(*history(seconds)))
    intervals = [pace.while_running(elapsed=elapsed) for elapsed in (0.0, 1.0, 1e3, 1e6, 1e12)]
    assert all(1.0 <= interval <= 90.0 for interval in intervals)


@pytest.mark.parametrize(
    "known",
    [
        pytest.param([], id="nothing is known"),
        *(pytest.param([seconds], id=f"one took {seconds:.0f} s") for seconds in (1.0, 60.0, 3600.0)),
        *(pytest.param(usual(seconds), id=f"twenty took some {seconds:.0f} s") for seconds in (20.0, 600.0, 3600.0)),
        pytest.param([float(seconds) for seconds in range(60, 3600, 60)], id="anything is usual"),
    ],
)
def test_an_hour_takes_a_quarter_of_the_limit(known: list[float]) -> None:
    pace = Pace(expectation=expected(*history(*known)))
    times = looks(pace, until=4 * 3600.0, budget=RateBudget())
    busiest = max(sum(1 for time in times if start <= time < start + 3600.0) for start in times)
    assert busiest <= 250
    assert all(later - earlier <= 90.0 for earlier, later in pairwise(times))


@pytest.mark.parametrize(
    ("seconds", "lag"), [pytest.param(60.0, 1.5), pytest.param(600.0, 1.5), pytest.param(3600.0, 4.0)]
)
def test_sees_a_usual_end_soon(seconds: float, lag: float) -> None:
    lags: list[float] = []
    counts: list[int] = []
    for seed in range(10):
        pace = Pace(expectation=expected(*history(*usual(seconds, seed=seed))))
        took = usual(seconds, of=10, seed=100 + seed)
        schedule = looks(pace, until=max(took))
        schedules = [until_seen(schedule, each) for each in took]
        lags += [times[-1] - each for times, each in zip(schedules, took, strict=True)]
        counts += [len(times) for times in schedules]
    assert median(lags) <= lag
    assert mean(counts) <= max(15.0, seconds / 3 / 2)


@pytest.mark.parametrize("seconds", [60.0, 600.0, 3600.0])
def test_beats_a_fixed_interval_with_history(seconds: float) -> None:
    pace = Pace(expectation=expected(*history(*usual(seconds))))
    took = usual(seconds, of=100, seed=2)
    schedule = looks(pace, until=max(took))
    schedules = [until_seen(schedule, each) for each in took]
    fixed = sum(took) / sum(len(times) for times in schedules)
    assert mean(times[-1] - each for times, each in zip(schedules, took, strict=True)) < fixed / 2


def test_beats_a_fixed_interval_without_history() -> None:
    generator = random.Random(1)  # noqa: S311
    took = [math.exp(generator.uniform(math.log(15.0), math.log(7200.0))) for _ in range(500)]
    schedule = looks(Pace(), until=max(took))
    schedules = [until_seen(schedule, each) for each in took]
    lags = [times[-1] - each for times, each in zip(schedules, took, strict=True)]
    fixed = sum(took) / sum(len(times) for times in schedules)
    assert mean(lags) < fixed / 2
    assert median(lags) < fixed / 2
