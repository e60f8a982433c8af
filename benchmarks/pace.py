"""How soon Qovery has the request, how late the end is seen, and how many requests that takes.

The action deploys on the sandbox, on virtual time. Qovery's command-line client is computed from its calls, which were
counted with the real one: `calls_around` it makes one after the other, all but the last before it waits 3 seconds and
polls, the last one after it has seen the end.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from statistics import mean, median, quantiles
from typing import TYPE_CHECKING

from benchmarks.deployments import Deployed, deploy_with, requests_of, schedule_of
from benchmarks.durations import Durations, usual
from benchmarks.schedules import lag_of_share
from tests.harness.action import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
#: So many earlier deployments are a history. Median and 95 % are those of so many histories.
KNOWN, HISTORIES = 20, 12
#: Seconds that each call takes where the network is slow.
LATENCY = 0.25
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


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Deployments of one length: with and without a history, and by Qovery's client."""

    name: str
    with_history: Figures
    without_history: Figures
    cli: Figures


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """A step where each call takes `LATENCY`: seconds to the acceptance, and the median beyond the deployment."""

    name: str
    accepted_after: float
    beyond: float

    @classmethod
    def of(cls, name: str, deployed: Sequence[Deployed]) -> Acceptance:
        return cls(
            name=name,
            accepted_after=median(each.accepted_after for each in deployed),
            beyond=median(each.beyond for each in deployed),
        )

    @property
    def round_trips(self) -> int:
        """The calls that follow one another until Qovery has accepted the request."""
        return round(self.accepted_after / LATENCY)


def of_all_lengths(*, draws: int) -> list[Comparison]:
    return [_compare(usual(name, seconds), draws=draws) for name, seconds in _LENGTHS.items()]


def where_calls_take_long(*, draws: int) -> list[Acceptance]:
    """Deploy for a minute and a half where each call takes a quarter of a second."""
    durations = usual("90 s", 90.0)
    by_action = {
        name: [deploy_with(durations, known=known, seed=seed, latency=LATENCY) for seed in range(draws)]
        for name, known in (("with a history", KNOWN), ("without one", 0))
    }
    took = [each.duration for deployed in by_action.values() for each in deployed]
    return [
        *(Acceptance.of(f"this action, {name}", deployed) for name, deployed in by_action.items()),
        Acceptance.of("Qovery's CLI", [*_by_cli(took, latency=LATENCY)]),
    ]


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


def _compare(durations: Durations, *, draws: int) -> Comparison:
    known = [deploy_with(durations, known=KNOWN, seed=seed) for seed in range(draws)]
    unknown = [deploy_with(durations, known=0, seed=seed) for seed in range(draws)]
    return Comparison(
        name=durations.name,
        with_history=_integrated(Figures.of("this action", known), durations, known=KNOWN, histories=HISTORIES),
        without_history=_integrated(Figures.of("without history", unknown), durations, known=0, histories=1),
        cli=Figures.of("Qovery's CLI", [*_by_cli([each.duration for each in (*known, *unknown)])]),
    )


def _integrated(figures: Figures, durations: Durations, *, known: int, histories: int) -> Figures:
    """Replace the median and the 95 % of few draws by those of all durations."""
    schedules = [schedule_of(durations, known=known, seed=seed) for seed in range(histories)]
    median_lag, p95 = (lag_of_share(schedules, durations, share=share) for share in (0.5, 0.95))
    return replace(figures, median=median_lag, p95=p95)


def _by_cli(took: Iterable[float], *, latency: float = 0.0) -> Iterable[Deployed]:
    before, interval = _CLI["calls_around"] - 1, _CLI["interval"]
    for duration in took:
        accepted_after = before * latency
        # The deployment begins when the request arrives.
        ended_at = accepted_after - latency / 2 + duration
        first = accepted_after + interval + latency / 2
        polls = max(1, math.ceil((ended_at - first) / (interval + latency)) + 1)
        seen_at = first + (polls - 1) * (interval + latency)
        yield Deployed(
            duration=duration,
            lag=seen_at - ended_at,
            # The answer to the poll, and one call more.
            took=seen_at + latency / 2 + latency,
            requests=before + polls + 1,
            accepted_after=accepted_after,
        )
