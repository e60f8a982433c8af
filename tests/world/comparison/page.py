"""Renders docs/comparison.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.harness.action import ROOT
from tests.world.comparison.cli import PATIENCE
from tests.world.comparison.comparing import DURATIONS
from tests.world.comparison.situations import SITUATIONS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.world.comparison.comparing import Comparison
    from tests.world.comparison.run import Run
    from tests.world.comparison.situations import Situation

PAGE = ROOT / "docs" / "comparison.md"

_TEXT = """\
# Beside Qovery's CLI

<!-- Made by `make comparison`; a test compares it with what both do. -->

`qovery helm deploy --watch` and this action, put into the same situations. An exit status of 0 makes a job's step
green, any other one red. What truly happened is what the sandbox's ledger says, two hours later, of the deployment that
was asked for.

| situation | what truly happened | `qovery helm deploy --watch` | this action |
| --- | --- | --- | --- |
{rows}

In {situations} situations the CLI is green {wrong_greens} times although what was asked for was not deployed, red
{wrong_reds} times although it was, and {endless} it does not end. This action is wrong in {our_wrongs} of them. The
situations were chosen for what can go wrong; how often each comes about, these numbers do not say.

## Where the CLI is right

- A deployment that works or fails, with nobody else about and nothing amiss in the network, it tells rightly.
- One failed call does not lead it astray: after a failed look at the service it goes on to watch the environment.
  Only when that fails, too, does it leave, with 0.
- A token that may not deploy, or is not valid, makes it red.
- It looks every {interval} seconds, so it notices any end within those. This action looks often when
  an end is probable, after what earlier deployments took, and at least every minute.
- It takes names; this action takes an id. It deploys every kind of service, several of them in one request, and runs
  outside of GitHub.

## Why it is wrong where it is

It watches the service, then the environment; neither is the deployment that it asked for. CANCELED and STOPPED are
ends that it calls good, and so is a look that fails twice. A call that is answered with an error is not repeated. A
version that does not fit the chart's source is left out of the request.

## Calls to Qovery

Qovery allows a token 1,000 calls an hour, which all jobs share.

| a deployment of | `qovery helm deploy --watch` | this action |
| --- | --- | --- |
{calls}

## How this was made

Both ran against the project's own Qovery sandbox, on a loopback address: Qovery CLI {version}, built from its public
source as it is, with `QOVERY_API_URL` set and telemetry off; this action through its `action.yml`, with its defaults,
but a `timeout` for what never becomes ready. Each run had a fresh sandbox, set up in the same way. Time mostly passes
ten times as fast there as in the world, so that the three seconds which the CLI sleeps are thirty of the sandbox's; it
passes as in the world where the status lags or the budget is used up, which comes back after six seconds instead of an
hour. A "moment" is 25 seconds of the sandbox. The CLI has no time limit: on what never becomes ready, it was cut off
after {patience} of the sandbox.

The sandbox is built from Qovery's public API specification. What that leaves open, such as whether a status lags, the
sandbox makes a choice about; the situation says so where it matters. Nothing here was run against Qovery itself. The
CLI's calls are those around its watch, counted, and one every {interval} seconds, measured; the action's were counted
on a clock that jumps.

To make it again, with Qovery's CLI on the `PATH` or named: `make comparison QOVERY_CLI=/path/to/qovery`. On a machine
without it, the CLI's column is what was recorded with the version above, and the rest is run.
"""


def render(comparison: Comparison) -> str:
    theirs, ours = comparison.theirs.runs, comparison.ours
    endless = [run for run in theirs.values() if run.exit_code is None]
    wrong = [run for run in theirs.values() if run.exit_code is not None and not run.is_true]
    greens = sum(run.exit_code == 0 for run in wrong)
    return _TEXT.format(
        rows=_lines(_row(situation, theirs[situation.name], ours[situation.name]) for situation in SITUATIONS),
        situations=len(SITUATIONS),
        wrong_greens=greens,
        wrong_reds=len(wrong) - greens,
        endless="once" if len(endless) == 1 else f"{len(endless)} times",
        our_wrongs=sum(not run.is_true for run in ours.values()) or "none",
        calls=_lines(
            f"| {words} | {comparison.theirs.calls_for(seconds):,} | {comparison.our_calls[seconds]:,} |"
            for words, seconds in DURATIONS.items()
        ),
        version=comparison.theirs.version,
        interval=comparison.theirs.interval,
        patience=_patience(),
    )


def _row(situation: Situation, theirs: Run, ours: Run) -> str:
    fates = theirs.fate.words
    if fates != ours.fate.words:
        fates = f"CLI: {theirs.fate.words}. This action: {ours.fate.words}"
    outcome = f": `{ours.outcome}`" if ours.outcome else ""
    return f"| {situation.name} | {fates} | {_told(theirs)} | {_told(ours)}{outcome} |"


def _told(run: Run) -> str:
    if run.exit_code is None:
        return "does not end"
    told = f"{run.exit_code}, {'green' if run.exit_code == 0 else 'red'}"
    return told if run.is_true else f"**{told}: wrong**"


def _patience() -> str:
    """Tell in the sandbox's minutes how long the client had in the situation without an end."""
    speed = max(situation.speed for situation in SITUATIONS)
    return f"{PATIENCE * speed / 60:.0f} minutes"


def _lines(rows: Iterable[str]) -> str:
    return "\n".join(rows)
