"""Draws how a deployment went: a Mermaid chart, and a table for readers without one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qovery_helm_deploy.durations import human_duration
from qovery_helm_deploy.runner.tables import table
from qovery_helm_deploy.runner.text import as_code, inert

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qovery_helm_deploy.deployment.phases import Phase
    from qovery_helm_deploy.deployment.report import Report
    from qovery_helm_deploy.deployment.status import Step

_MOST_BARS = 50
#: The last second of a day.
_LONGEST = 24 * 3600 - 1
#: After `StepMetricStatusEnum` of Qovery's API specification; a step without a status still runs.
_TAGS = {"SUCCESS": "done, ", "ERROR": "crit, ", None: "active, "}


def timeline_of(report: Report, *, redact: Callable[[str], str]) -> Iterator[str]:
    """Render the phases and steps of a report; nothing where there are none."""
    phases, steps = report.phases[:_MOST_BARS], report.steps[:_MOST_BARS]
    if not phases and not steps:
        return
    yield "\n**Timeline**\n"
    yield "```mermaid"
    yield "gantt"
    # Read and shown by the reader's own clock, so that its zone does not matter.
    yield "    dateFormat HH:mm:ss"
    yield "    axisFormat %H:%M:%S"
    yield from _chart(phases, steps, redact=redact)
    yield "```\n"
    rows = [
        *((f"{phase.name}", "", human_duration(phase.ended_at - phase.began_at)) for phase in phases),
        *(
            (step.name, step.status or "running", "" if step.duration is None else human_duration(step.duration))
            for step in steps
        ),
    ]
    yield from table(
        ("Phase or step", "Status", "Duration"),
        ((as_code(redact(name)), as_code(redact(status)), duration) for name, status, duration in rows),
    )


def _chart(phases: tuple[Phase, ...], steps: tuple[Step, ...], *, redact: Callable[[str], str]) -> Iterator[str]:
    yield "    section Phases"
    for phase in phases:
        yield f"    {_bar_name(redact(phase.name))} :{_span(phase.began_at, phase.ended_at)}"
    timed = [step for step in steps if step.duration is not None]
    if timed:
        yield "    section Steps"
    at = next((phase.began_at for phase in phases if phase.is_running), 0.0)
    for step in timed:
        ended_at = at + (step.duration or 0.0)
        yield f"    {_bar_name(redact(step.name))} :{_TAGS.get(step.status, '')}{_span(at, ended_at)}"
        at = ended_at


def _span(began_at: float, ended_at: float) -> str:
    """Write times since the acceptance; a bar without a length would not be drawn, nor would a day or more."""
    begin = min(round(began_at), _LONGEST - 1)
    end = min(max(round(ended_at), begin + 1), _LONGEST)
    return f"{_clock(begin)}, {_clock(end)}"


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _bar_name(text: str) -> str:
    """Leave of a text what means nothing to Mermaid."""
    return re.sub(r"[^A-Za-z0-9_.-]+", " ", inert(text, longest=60)).strip() or "unnamed"
