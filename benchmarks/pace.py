"""When the end of a deployment is seen, and how many requests that takes: by the action, and by its peers.

The action deploys on the sandbox, on virtual time. Its peers are computed from when they look: fixed intervals, and
Qovery's command-line client, which looks every 3 seconds; what it asks around its watch was counted with the real one.
"""

from __future__ import annotations

import json
import math
import random
from dataclasses import dataclass, replace
from statistics import mean, median, quantiles
from typing import TYPE_CHECKING

from benchmarks.bound import least_mean_lag
from benchmarks.deployments import Deployed, deploy_with, requests_of, schedule_of
from benchmarks.durations import Durations, bimodal, failing_early, usual
from benchmarks.schedules import lag_of_share
from tests.harness.action import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.schedules import Schedule

_CLI = json.loads((ROOT / "tests" / "world" / "comparison" / "cli.json").read_text(encoding="utf-8"))
CLI_VERSION: str = _CLI["version"]
_LENGTHS = {
    "20 s": 20.0,
    "1 min": 60.0,
    "5 min": 300.0,
    "10 min": 600.0,
    "30 min": 1800.0,
    "1 h": 3600.0,
    "2 h": 7200.0,
}
#: So many earlier deployments are a history; it may be shorter. The mean is taken of so many histories.
KNOWN, FEWER_KNOWN, HISTORIES = 50, 20, 12
_FIXED = (1.0, 3.0, 5.0, 10.0, 30.0)
#: What any step calls beside its polls: the service, its environment, its link, the deploy call.
_AROUND = 4
_LIMIT = 1000.0
_HOUR = 3600.0


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What many deployments of a kind took; lags in seconds, requests a deployment."""

    name: str
    requests: float
    median: float
    p95: float
    worst: float
    share: float

    @classmethod
    def of(cls, name: str, deployed: Sequence[Deployed]) -> Figures:
        lags = sorted(each.lag for each in deployed)
        return cls(
            name=name,
            requests=mean(each.requests for each in deployed),
            median=median(lags),
            p95=quantiles(lags, n=20)[-1],
            worst=lags[-1],
            share=max(each.requests / max(each.took / _HOUR, 1.0) for each in deployed) / _LIMIT,
        )

    @property
    def row(self) -> str:
        return (
            f"| {self.name} | {self.requests:.0f} | {self.median:.1f} | {self.p95:.1f} | {self.worst:.1f} |"
            f" {self.share:.0%} |"
        )


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The action and its peers at the same deployments."""

    durations: Durations
    with_history: Figures
    without_history: Figures
    peers: tuple[Figures, ...]


@dataclass(frozen=True, kw_only=True)
class Nearness:
    """How near the action's looks come to what is possible; lags in seconds, for the mean of many histories."""

    durations: Durations
    mean_lag: float
    bound: float
    ratio_of_fewer_known: float
    mean_lag_without_history: float
    looks_without_history: float

    @property
    def equal_interval(self) -> float:
        """The fixed interval that makes as many looks as the action without a history."""
        return self.durations.mean / self.looks_without_history


def compare(durations: Durations, *, draws: int) -> Comparison:
    known = [deploy_with(durations, known=KNOWN, seed=seed) for seed in range(draws)]
    unknown = [deploy_with(durations, known=0, seed=seed) for seed in range(draws)]
    took, name = [each.duration for each in (*known, *unknown)], durations.name
    with_history, without_history = _schedules(durations, known=KNOWN), [schedule_of(durations, known=0, seed=0)]
    return Comparison(
        durations=durations,
        with_history=_exactly(Figures.of(f"this action, {name}", known), durations, with_history),
        without_history=_exactly(Figures.of(f"this action, no history, {name}", unknown), durations, without_history),
        peers=(
            Figures.of(f"Qovery's CLI, {name}", [*_polled(took, _CLI["interval"], _CLI["calls_around"])]),
            *(Figures.of(f"every {seconds:.0f} s, {name}", [*_polled(took, seconds, _AROUND)]) for seconds in _FIXED),
        ),
    )


def _exactly(figures: Figures, durations: Durations, schedules: Sequence[Schedule]) -> Figures:
    """Integrate what the drawn ones only tell about: half of few lags may be any."""
    median_lag, p95 = (lag_of_share(schedules, durations, share=share) for share in (0.5, 0.95))
    return replace(figures, median=median_lag, p95=p95)


def _schedules(durations: Durations, *, known: int) -> list[Schedule]:
    return [schedule_of(durations, known=known, seed=seed) for seed in range(HISTORIES)]


def of_all_lengths(*, draws: int) -> list[Comparison]:
    return [compare(usual(name, seconds), draws=draws) for name, seconds in _LENGTHS.items()]


def nearness_of_all() -> list[Nearness]:
    """Tell how near the action comes to what is possible, at deployments of all lengths and of other shapes."""
    lengths = [usual(name, seconds) for name, seconds in _LENGTHS.items()]
    minutes = (bimodal("5 min, bimodal", 300.0), failing_early("5 min, failing early", 300.0))
    hours = (bimodal("1 h, bimodal", 3600.0), failing_early("1 h, failing early", 3600.0))
    return [_nearness(durations) for durations in (*lengths, *minutes, *hours)]


def _nearness(durations: Durations) -> Nearness:
    mean_lag, bound = _lag_and_bound(durations, known=KNOWN)
    lag_of_fewer, bound_of_fewer = _lag_and_bound(durations, known=FEWER_KNOWN)
    without = schedule_of(durations, known=0, seed=0)
    return Nearness(
        durations=durations,
        mean_lag=mean_lag,
        bound=bound,
        ratio_of_fewer_known=lag_of_fewer / bound_of_fewer,
        mean_lag_without_history=without.mean_lag(durations),
        looks_without_history=without.mean_looks(durations),
    )


def _lag_and_bound(durations: Durations, *, known: int) -> tuple[float, float]:
    """Return the mean lag, and the least that is possible for as many looks."""
    schedules = _schedules(durations, known=known)
    looks = mean(schedule.mean_looks(durations) for schedule in schedules)
    return mean(schedule.mean_lag(durations) for schedule in schedules), least_mean_lag(durations, looks=looks)


def after_waits(*, draws: int) -> list[Figures]:
    waits = {"no wait": 0.0, "1 min": 60.0, "10 min": 600.0, "1 h": 3600.0}
    return [
        Figures.of(
            f"5 min, after {name}",
            [deploy_with(usual("5 min", 300.0), known=KNOWN, seed=seed, waits=seconds) for seed in range(draws)],
        )
        for name, seconds in waits.items()
    ]


def where_it_is_pushed(*, draws: int) -> list[Figures]:
    return [
        Figures.of(
            name,
            [deploy_with(usual(name, _LENGTHS[name]), known=KNOWN, seed=seed, logs="live") for seed in range(draws)],
        )
        for name in ("1 min", "5 min", "10 min")
    ]


def of_many_services() -> list[tuple[int, dict[str, int]]]:
    return [(services, requests_of(services, seconds=30.0)) for services in (1, 10, 100)]


def _polled(took: Iterable[float], interval: float, around: int) -> Iterable[Deployed]:
    generator = random.Random(0)  # noqa: S311 - to be drawn again
    for duration in took:
        # The end comes at any moment between two looks.
        lag = generator.uniform(0.0, interval)
        looks = math.ceil((duration + lag) / interval)
        yield Deployed(duration=duration, lag=lag, took=duration + lag, requests=looks + around, looks=looks)
