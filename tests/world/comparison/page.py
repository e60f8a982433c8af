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
# Compared with Qovery's CLI

<!-- Made by `make comparison`; a test compares it with what both do. -->

`qovery helm deploy --watch` and this action in the same situations. "What happened" is the truth about the requested
deployment, according to the sandbox, two hours later.

| situation | what happened | `qovery helm deploy --watch` | this action |
| --- | --- | --- | --- |
{rows}

In {situations} situations, the CLI is green {wrong_greens} times although Qovery did not deploy what was requested. It
is red {wrong_reds} times although Qovery did, and {endless} it does not end. This action is wrong {our_wrongs}: GitHub
does not pass a mistyped input to an action. GitHub shows a warning, and the step deploys the version that is set in
Qovery. The situations were chosen for what can go wrong; the numbers do not say how often each occurs.

## Why the CLI is wrong

- It watches the service, then the environment, and not the deployment that it requested.
- CANCELED and STOPPED count as success.
- It repeats no call. If a call for the service and then one for the environment fail, it ends with 0.
- It leaves out a version that does not fit the chart's source.
- It ends with 0 if it does not know a flag.

## Where the CLI is right

- If nobody else acts, no call fails, statuses are current and its options are right, it reports success and failure
  correctly.
- A single failed call does no harm, because the CLI then watches the environment.
- A token that is not valid, or may not deploy, makes it red.
- It polls every {interval} seconds, so it sees any end within that time. This action polls often when an end is
  probable, and otherwise at least every 200 seconds.
- It takes names, deploys all kinds of services, and runs outside of GitHub. This action takes ids of helm services.

## Calls to Qovery

Qovery allows a token 1,000 calls an hour, for all jobs together.

| a deployment of | `qovery helm deploy --watch` | this action |
| --- | --- | --- |
{calls}

## How this was measured

- Both ran against the project's Qovery sandbox, which is built from Qovery's public API specification. Nothing ran
  against Qovery itself. Where the specification is silent, the situation says what the sandbox does.
- The CLI is version {version}, built from its unchanged public source, with `QOVERY_API_URL` set and telemetry off. The
  action ran through its `action.yml`, with its defaults; only for the deployment that never ends, `timeout` was set.
- The sandbox's clock runs ten times as fast as real time, so the CLI's sleep of three seconds is half a minute there.
  It runs 200 times as fast for the deployment that never ends, and at real speed for old statuses and for 429, where
  the limit comes back after six seconds instead of an hour.
- "A moment" is 25 seconds of the sandbox, and six for 429. The CLI was stopped after {patience} of the sandbox.
- The CLI's calls before and after its watch were counted; its interval of {interval} seconds was measured. The
  action's calls were counted on a virtual clock.

To repeat it, with Qovery's CLI on the `PATH` or named: `make comparison QOVERY_CLI=/path/to/qovery`. On a machine
without the CLI, its column is what was recorded with the version above.
"""


def render(comparison: Comparison) -> str:
    cli, action = comparison.cli.runs, comparison.action
    endless = [run for run in cli.values() if run.exit_code is None]
    wrong = [run for run in cli.values() if run.exit_code is not None and not run.is_true]
    greens = sum(run.exit_code == 0 for run in wrong)
    return _TEXT.format(
        rows=_lines(_row(situation, cli[situation.name], action[situation.name]) for situation in SITUATIONS),
        situations=len(SITUATIONS),
        wrong_greens=greens,
        wrong_reds=len(wrong) - greens,
        endless=_times(len(endless)),
        our_wrongs=_times(sum(not run.is_true for run in action.values())),
        calls=_lines(
            f"| {words} | {comparison.cli.calls_for(seconds):,} | {comparison.action_calls[seconds]:,} |"
            for words, seconds in DURATIONS.items()
        ),
        version=comparison.cli.version,
        interval=comparison.cli.interval,
        patience=_patience(),
    )


def _row(situation: Situation, cli: Run, action: Run) -> str:
    fates = cli.fate.words
    if fates != action.fate.words:
        fates = f"CLI: {cli.fate.words}. This action: {action.fate.words}"
    outcome = f": `{action.outcome}`" if action.outcome else ""
    return f"| {situation.name} | {fates} | {_exit_of(cli)} | {_exit_of(action)}{outcome} |"


def _exit_of(run: Run) -> str:
    if run.exit_code is None:
        return "does not end"
    text = f"{run.exit_code}, {'green' if run.exit_code == 0 else 'red'}"
    return text if run.is_true else f"**{text}: wrong**"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _patience() -> str:
    """Return how long the CLI had, in minutes of the sandbox, for the deployment that never ends."""
    speed = max(situation.speed for situation in SITUATIONS)
    return f"{PATIENCE * speed / 60:.0f} minutes"


def _lines(rows: Iterable[str]) -> str:
    return "\n".join(rows)
