from __future__ import annotations

import math
import random
from bisect import bisect_left
from itertools import pairwise
from statistics import mean, median

import pytest

from qovery_helm_deploy.deployment.pace import Pace
from qovery_helm_deploy.qovery.budget import RateBudget

_HOUR = 3600.0


def polls(pace: Pace, *, until: float, budget: RateBudget | None = None) -> list[float]:
    """Return when a deployment is polled while it runs."""
    times = [0.0]
    while times[-1] < until:
        least = 0.0
        if budget:
            budget.count(now=times[-1])
            least = budget.modest_interval(now=times[-1])
        times.append(times[-1] + max(pace.while_running(elapsed=times[-1]), least))
    return times


def lags(pace: Pace, durations: list[float], *, budget: RateBudget | None = None) -> list[float]:
    """Return how late the end of each deployment is seen."""
    times = polls(pace, until=max(durations), budget=budget)
    return [times[bisect_left(times, duration)] - duration for duration in durations]


def drawn(seconds: float, *, of: int = 20, seed: int = 1) -> list[float]:
    """Return durations that vary as those of a cluster do."""
    generator = random.Random(seed)  # noqa: S311
    return [seconds * math.exp(generator.gauss(0.0, 0.1)) for _ in range(of)]


@pytest.mark.parametrize(
    ("since_change", "interval"),
    [
        pytest.param(0.0, 2.0, id="at first"),
        pytest.param(28.0, 2.0, id="half a minute"),
        pytest.param(100.0, 7.0, id="share of the time"),
        pytest.param(1000.0, 45.0, id="longest"),
        pytest.param(86_400.0, 45.0, id="a day"),
    ],
)
def test_interval_grows_while_waiting(since_change: float, interval: float) -> None:
    assert Pace().while_waiting(since_change=since_change) == pytest.approx(interval)


def test_fixed_interval_never_changes() -> None:
    pace = Pace(fixed=0.5, durations=[60.0])
    assert {pace.while_waiting(since_change=gone) for gone in (0.0, 50.0, 5000.0)} == {0.5}
    assert {pace.while_running(elapsed=gone) for gone in (0.0, 50.0, 5000.0)} == {0.5}


@pytest.mark.parametrize(
    ("elapsed", "interval"),
    [
        pytest.param(0.0, 3.0, id="at first"),
        pytest.param(579.0, 3.0, id="ten minutes"),
        pytest.param(680.0, 28.0, id="more than ten minutes"),
        pytest.param(1800.0, 200.0, id="half an hour"),
    ],
)
def test_interval_without_history(elapsed: float, interval: float) -> None:
    assert Pace().while_running(elapsed=elapsed) == interval


@pytest.mark.parametrize("usual", [20.0, 60.0, 300.0, 600.0])
@pytest.mark.parametrize("known", [5, 20])
def test_median_lag_with_history(usual: float, known: int) -> None:
    took = drawn(usual, of=100, seed=2)
    seen = [lag for seed in range(10) for lag in lags(Pace(durations=drawn(usual, of=known, seed=seed)), took)]
    assert median(seen) <= 1.5


def test_median_lag_without_history() -> None:
    generator = random.Random(1)  # noqa: S311
    took = [generator.uniform(10.0, 600.0) for _ in range(1000)]
    assert median(lags(Pace(), took, budget=RateBudget())) <= 1.6


def test_median_lag_of_an_hour_with_history() -> None:
    assert median(lags(Pace(durations=drawn(_HOUR)), drawn(_HOUR, of=100, seed=2))) < 6.0


@pytest.mark.parametrize("usual", [300.0, 600.0, _HOUR])
def test_history_saves_polls(usual: float) -> None:
    pace, took = Pace(durations=drawn(usual)), drawn(usual, of=100, seed=2)
    times = polls(pace, until=max(took))
    count = mean(bisect_left(times, duration) for duration in took)
    interval_for_as_many = mean(took) / count
    assert mean(lags(pace, took)) < 0.8 * interval_for_as_many / 2


def test_early_failure_may_repeat() -> None:
    without, with_failures = Pace(durations=drawn(600.0)), Pace(durations=[*drawn(600.0), 30.0, 28.0, 31.0])
    assert with_failures.while_running(elapsed=28.0) < without.while_running(elapsed=28.0)


@pytest.mark.parametrize("seconds", [0.0, 1e-9, 1e9])
def test_absurd_durations_do_no_harm(seconds: float) -> None:
    intervals = [Pace(durations=[seconds]).while_running(elapsed=elapsed) for elapsed in (0.0, 1.0, 1e3, 1e6, 1e12)]
    assert all(2.0 <= interval <= 65.0 for interval in intervals)


@pytest.mark.parametrize(
    "durations",
    [
        pytest.param([], id="none"),
        *(pytest.param([seconds], id=f"one of {seconds:.0f} s") for seconds in (1.0, 60.0, 600.0, _HOUR)),
        *(pytest.param(drawn(seconds), id=f"twenty of {seconds:.0f} s") for seconds in (20.0, 600.0, 1200.0, _HOUR)),
        pytest.param([float(seconds) for seconds in range(60, 3600, 180)], id="any"),
        pytest.param([420.0] * 10 + [840.0] * 10, id="two usual ones"),
    ],
)
@pytest.mark.parametrize("budget", [pytest.param(False, id="limit shown"), pytest.param(True, id="limit not shown")])
def test_uses_a_quarter_of_the_limit(durations: list[float], *, budget: bool) -> None:
    times = polls(Pace(durations=durations), until=4 * _HOUR, budget=RateBudget() if budget else None)
    busiest = max(bisect_left(times, start + _HOUR) - index for index, start in enumerate(times))
    assert busiest <= 225
    assert all(later - earlier <= 200.0 for earlier, later in pairwise(times))
