"""Writes what was measured: docs/performance.md, with a plot."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from benchmarks.pace import CLI_VERSION, FEWER_KNOWN, HISTORIES, KNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from benchmarks.pace import Comparison, Figures, Nearness
    from benchmarks.start import Measured

_PAGE = """# Performance

<!-- Made by `make bench`. -->

What a user feels: how long the step takes beyond the deployment, and how much it eats of the 1,000 requests an hour
that Qovery allows a token. Deployments run on the sandbox, on virtual time, through the whole action; lags and
requests are exact and the same on each machine. Times and memory are of a machine with two cores, all in one run;
compare the ratios.

## Seeing the end

The lag is the time from a deployment's end to the look that sees it. Of the deployments of a length, most take about
that (log-normal, a spread of a tenth), one in twenty fails early, one in twenty takes almost twice as long. Each row is
{draws} deployments. A history is {known} earlier ones. The action's median and 95 % are not drawn but integrated over
all durations, for {histories} histories.

| who looks, at deployments of | requests | lag, median | 95 % | worst | share of the limit, at most |
| --- | ---: | ---: | ---: | ---: | ---: |
{lengths}

![Lag against requests, for this action, Qovery's CLI and fixed intervals](pictures/pace.svg)

Qovery's CLI looks every 3 seconds, after what it asks around that (counted with the real one, {cli}); fixed intervals
look from the beginning to the end.

## How near that is to what is possible

Somebody who knew how the durations are distributed, but not the next one, could not do with less mean lag for as many
looks than the bound. The action knows {known} earlier durations. The mean lag is integrated, too.

| deployments of | looks' mean lag | bound | ratio | with {fewer} known | no history | fixed interval, as many looks |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
{bounds}

Without a history it expects a deployment of any length, so it is better than a fixed interval over all lengths
together (mean {all_ours:.1f} s against {all_fixed:.1f} s), not at each.

## After a wait in the queue

| a deployment of | requests | lag, median | 95 % | worst | share of the limit, at most |
| --- | ---: | ---: | ---: | ---: | ---: |
{waits}

## Where Qovery pushes

With `logs: live`, and on a gateway that pushes each change of a status, as nobody has promised:

| a deployment of | requests | lag, median | 95 % | worst | share of the limit, at most |
| --- | ---: | ---: | ---: | ---: | ---: |
{pushed}

## Many services of an environment

They are one deployment request, whatever their number. Each service takes 30 seconds.

| services | requests | deploy calls | polls of the request | links |
| ---: | ---: | ---: | ---: | ---: |
{services}

The links are those of the services, of the first ten at most. All other calls are about the environment or the request.

## Start

From the start of the step to its first request. The JavaScript action does the least that one can: `@actions/core`,
bundled, and one `fetch`.

| start | median | best | against JavaScript | peak memory |
| --- | ---: | ---: | ---: | ---: |
{starts}

The bundle that a release carries: {bundle}. It holds bytecode, as a release does of the action's own
modules.

| a whole step with | processor time | peak memory |
| --- | ---: | ---: |
{costs}
"""


def render(
    *,
    measured: Measured,
    lengths: Sequence[Comparison],
    near: Sequence[Nearness],
    others: Mapping[str, Iterable[Figures]],
    services: Iterable[tuple[int, dict[str, int]]],
    draws: int,
) -> str:
    """Write the page; `lengths` are of so many draws each, `others` are tables by their name in it."""
    names = {each.durations.name for each in lengths}
    of_all_lengths = [each for each in near if each.durations.name in names]
    return _PAGE.format(
        draws=draws,
        histories=HISTORIES,
        known=KNOWN,
        fewer=FEWER_KNOWN,
        cli=CLI_VERSION,
        lengths="\n".join(_rows_of(lengths)),
        bounds="\n".join(_bound_of(each) for each in near),
        all_ours=statistics.mean(each.mean_lag_without_history for each in of_all_lengths),
        all_fixed=_all_fixed(of_all_lengths),
        **{name: "\n".join(each.row for each in figures) for name, figures in others.items()},
        services="\n".join(_row_of_services(count, calls) for count, calls in services),
        starts="\n".join(_rows_of_starts(measured)),
        bundle=measured.bundle,
        costs="\n".join(
            f"| {count} service{'s' if count > 1 else ''} | {cost.processor:.1f} s | {cost.peak:.0f} MiB |"
            for count, cost in measured.costs.items()
        ),
    )


def _rows_of(lengths: Sequence[Comparison]) -> Iterable[str]:
    for each in lengths:
        yield each.with_history.row
        yield each.without_history.row
        yield from (peer.row for peer in each.peers)


def _bound_of(each: Nearness) -> str:
    return (
        f"| {each.durations.name} | {each.mean_lag:.1f} | {each.bound:.1f} | {each.mean_lag / each.bound:.2f} |"
        f" {each.ratio_of_fewer_known:.2f} | {each.mean_lag_without_history:.1f} | {each.equal_interval / 2:.1f} |"
    )


def _all_fixed(near: Sequence[Nearness]) -> float:
    """Return the mean lag of one fixed interval that makes as many looks at all the deployments together."""
    looks = sum(each.looks_without_history for each in near)
    took = sum(each.durations.mean for each in near)
    return took / looks / 2


def _row_of_services(count: int, calls: dict[str, int]) -> str:
    posts = sum(number for call, number in calls.items() if call.startswith("POST "))
    polls, links = calls.get("GET /environment/deploymentStatus", 0), calls.get("GET /helm/{helmId}/link", 0)
    return f"| {count} | {sum(calls.values()):,} | {posts} | {polls} | {links} |"


def _rows_of_starts(measured: Measured) -> Iterable[str]:
    for name, starts in measured.starts.items():
        median = statistics.median(start.seconds for start in starts)
        best = min(start.seconds for start in starts)
        memory = statistics.median(start.peak for start in starts)
        yield (
            f"| {name} | {median * 1000:.0f} ms | {best * 1000:.0f} ms | {median / measured.best_peer:.2f} |"
            f" {memory:.0f} MiB |"
        )
