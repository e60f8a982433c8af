"""Draws the timeline of a deployment as a Mermaid chart, and its text as a table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from qovery_helm_deploy.durations import human_duration
from qovery_helm_deploy.runner.tables import table
from qovery_helm_deploy.runner.text import as_markdown, inert

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from qovery_helm_deploy.deployment.report import Report

_MOST_BARS, _LONGEST_NAME = 50, 60
_HOUR = 3600
#: The last second of a day.
_LONGEST = 24 * _HOUR - 1
#: The steps of `ServiceStepMetricNameEnum` of Qovery's specification, in the words of the log.
_WORDS = {
    "REGISTRY_CREATE_REPOSITORY": "creating the registry",
    "GIT_CLONE": "cloning",
    "BUILD_QUEUEING": "waiting to build",
    "BUILD": "building",
    "MIRROR_IMAGE": "mirroring the image",
    "DEPLOYMENT_QUEUEING": "waiting to deploy",
    "DEPLOYMENT": "deploying",
    "ROUTER_DEPLOYMENT": "deploying the router",
    "EXECUTING": "executing",
}
#: The words and Mermaid tags of `StepMetricStatusEnum` of Qovery's specification.
_STATUSES = {"SUCCESS": ("done", "done, "), "ERROR": ("failed", "crit, "), "CANCEL": ("canceled", "")}


class _Bar(NamedTuple):
    """One bar of the chart; times in seconds since the acceptance."""

    name: str
    began_at: float
    ended_at: float
    status: str = ""

    @property
    def result(self) -> tuple[str, str]:
        """The status in a word, and its Mermaid tag."""
        return _STATUSES.get(self.status, (self.status.lower(), ""))


def timeline_of(report: Report) -> Sequence[_Bar]:
    """Return what happened, one after the other: the phases before the execution, and the steps of the execution.

    Without steps, the observed phases of the execution stand in their place.
    """
    timed = [step for step in report.steps if step.duration is not None]
    at = next((phase.began_at for phase in report.phases if phase.is_running), 0.0)
    bars = [
        _Bar(phase.name, phase.began_at, phase.ended_at)
        for phase in report.phases
        if not (timed and phase.is_running) and round(phase.ended_at - phase.began_at)
    ]
    for step in timed:
        ended_at = at + (step.duration or 0.0)
        bars.append(_Bar(_WORDS.get(step.name, step.name), at, ended_at, step.status or ""))
        at = ended_at
    return bars[:_MOST_BARS]


def chart(bars: Sequence[_Bar], *, redact: Callable[[str], str]) -> Iterator[str]:
    """Render the bars as a Gantt chart, which GitHub draws."""
    yield "```mermaid"
    yield "gantt"
    # Mermaid parses and formats times in the reader's time zone, so that the zone does not show.
    yield "    dateFormat HH:mm:ss"
    yield f"    axisFormat {'%H:%M:%S' if bars[-1].ended_at >= _HOUR else '%M:%S'}"
    for bar in bars:
        _, tag = bar.result
        yield f"    {_bar_name(redact(bar.name))} :{tag}{_span(bar.began_at, bar.ended_at)}"
    yield "```"


def durations(bars: Sequence[_Bar], *, redact: Callable[[str], str]) -> Iterator[str]:
    """Render the bars as a table."""
    rows = (
        (
            as_markdown(redact(bar.name), longest=_LONGEST_NAME),
            human_duration(bar.ended_at - bar.began_at),
            as_markdown(redact(bar.result[0]), longest=_LONGEST_NAME),
        )
        for bar in bars
    )
    yield from table(("Phase", "Duration", ""), rows)


def _span(began_at: float, ended_at: float) -> str:
    """Return two clock times; Mermaid draws no bar without a length, and none over midnight."""
    begin = min(round(began_at), _LONGEST - 1)
    end = min(max(round(ended_at), begin + 1), _LONGEST)
    return f"{_clock(begin)}, {_clock(end)}"


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _bar_name(text: str) -> str:
    """Remove the characters that Mermaid interprets."""
    return re.sub(r"[^A-Za-z0-9_.-]+", " ", inert(text)[:_LONGEST_NAME]).strip() or "unnamed"
