"""Writes what was measured: docs/performance.md."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.pace import CLI_VERSION, HISTORIES, KNOWN, LATENCY

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.pace import Acceptance, Comparison, Figures
    from benchmarks.start import Measured
    from release.size import Size

_PAGE = """# Performance

<!-- Made by `make bench`. -->

| question | this action | Qovery's CLI |
| --- | --- | --- |
| How long until Qovery has the request? | {trips} calls one after the other: {accepted:.2f} s if each takes \
{latency:.0f} ms, and {start:.1f} s to start | {cli_trips} calls: {cli_accepted:.2f} s |
| How late is the end of a deployment seen? | {lag:.1f} s, and {lag_without:.1f} s without earlier deployments | \
{cli_lag:.1f} s |
| How many requests does that take? | {requests:.0f}, and {requests_without:.0f} without earlier deployments | \
{cli_requests:.0f} |
| How much does a job download? | {compressed:.1f} MB | |

The end and the requests are medians and means of deployments that take about five minutes. Qovery allows a token 1,000
requests an hour. The rest of this page has the details.

## How this is measured

Deployments run on the sandbox, on virtual time, through the whole action; lags and requests are exact and the same on
each machine. Times and memory of a start are of one machine with two cores; compare their ratios. The calls of Qovery's
CLI were counted with version {cli}; the rest follows from them and from its interval of 3 seconds.

## Until Qovery has the request

If each call takes {latency:.0f} ms, for deployments of about 90 seconds:

| | calls one after the other | seconds until accepted | seconds beyond the deployment |
| --- | ---: | ---: | ---: |
{acceptances}

The calls of this action are the service; then the environment, its statuses, queue and history at once; then the
request. The CLI looks up four names first. After the poll that sees the end, one round trip follows; a failed
deployment takes another one, for its log. The start is not included.

## Until the end is seen

The lag is the time from the end of a deployment to the poll that sees it. Of the deployments of one length, most take
about that (log-normal, a spread of a tenth), one in twenty fails early, and one in twenty takes almost twice as long.
Each row is {draws} deployments. A history is {known} earlier ones. The action's median and 95 % are integrated over all
durations, for {histories} histories.

| deployments of | who polls | requests | lag, median | 95 % | worst | share of the limit, at most |
| --- | --- | ---: | ---: | ---: | ---: | ---: |
{lengths}

Without a history, the action polls every 3 seconds for almost ten minutes, then less and less often, at most 200
seconds apart. So longer deployments are seen late.

### After a wait in the queue

| deployments of | requests | lag, median | 95 % | worst | share of the limit, at most |
| --- | ---: | ---: | ---: | ---: | ---: |
{waits}

### If Qovery pushes

With `logs: live`, and on a gateway that pushes each change of a status, which is not specified:

| deployments of | requests | lag, median | 95 % | worst | share of the limit, at most |
| --- | ---: | ---: | ---: | ---: | ---: |
{pushed}

## Several services

The services of one environment are one deployment request. Each service takes 30 seconds.

| services | requests | deploy calls | polls of the request | links |
| ---: | ---: | ---: | ---: | ---: |
{services}

The links are those of the services, of the first ten at most. All other calls are about the environment or the request.

## Start

The release is {size}. From the start of the step to its first request, with Python {python}:

| start | median | best | against the floor | peak memory |
| --- | ---: | ---: | ---: | ---: |
{starts}

| a whole step with | processor time | peak memory |
| --- | ---: | ---: |
{costs}
"""
_TYPICAL = "5 min"


@dataclass(frozen=True, kw_only=True)
class Results:
    """Everything that was measured; `lengths` are of so many draws each."""

    measured: Measured
    size: Size
    acceptances: Sequence[Acceptance]
    lengths: Sequence[Comparison]
    waits: Sequence[Figures]
    pushed: Sequence[Figures]
    services: Sequence[tuple[int, dict[str, int]]]
    draws: int

    @property
    def typical(self) -> Comparison:
        """The deployments that the figures at the top of the page are of."""
        return next(each for each in self.lengths if each.name == _TYPICAL)


def render(results: Results) -> str:
    """Write the page."""
    action, *_, cli = results.acceptances
    typical = results.typical
    return _PAGE.format(
        trips=action.round_trips,
        accepted=action.accepted_after,
        latency=1000 * LATENCY,
        start=results.measured.step,
        cli_trips=cli.round_trips,
        cli_accepted=cli.accepted_after,
        lag=typical.with_history.median,
        lag_without=typical.without_history.median,
        cli_lag=typical.cli.median,
        requests=typical.with_history.requests,
        requests_without=typical.without_history.requests,
        cli_requests=typical.cli.requests,
        compressed=results.size.compressed / 1e6,
        cli=CLI_VERSION,
        acceptances="\n".join(
            f"| {each.name} | {each.round_trips} | {each.accepted_after:.2f} | {each.beyond:.1f} |"
            for each in results.acceptances
        ),
        draws=results.draws,
        known=KNOWN,
        histories=HISTORIES,
        lengths="\n".join(_rows_of(results.lengths)),
        waits="\n".join(_row(each) for each in results.waits),
        pushed="\n".join(_row(each) for each in results.pushed),
        services="\n".join(_row_of_services(count, calls) for count, calls in results.services),
        size=results.size,
        python=results.measured.python,
        starts="\n".join(_rows_of_starts(results.measured)),
        costs="\n".join(
            f"| {count} service{'s' if count > 1 else ''} | {cost.processor:.1f} s | {cost.peak:.0f} MiB |"
            for count, cost in results.measured.costs.items()
        ),
    )


def _rows_of(lengths: Sequence[Comparison]) -> Iterable[str]:
    for each in lengths:
        for figures in (each.with_history, each.without_history, each.cli):
            yield f"| {each.name} {_row(figures)}"


def _row(figures: Figures) -> str:
    return (
        f"| {figures.name} | {figures.requests:.0f} | {figures.median:.1f} | {figures.p95:.1f} | {figures.worst:.1f} |"
        f" {figures.share:.0%} |"
    )


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
            f"| {name} | {median * 1000:.0f} ms | {best * 1000:.0f} ms | {median / measured.floor:.2f} |"
            f" {memory:.0f} MiB |"
        )
