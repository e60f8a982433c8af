"""Reads act's JSON log of a run into jobs and steps."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

_Entry = Mapping[str, Any]


@dataclass(kw_only=True)
class Job:
    """A job that ran. A step without an id has its number, from 0, as its key."""

    id: str
    matrix: Mapping[str, Any]
    result: str = ""
    # By step: success or failure. Skipped steps are missing.
    steps: dict[str, str] = field(default_factory=dict)
    # By step. act may lose the last lines of a step that fails, but never outputs or the summary.
    lines: dict[str, list[str]] = field(default_factory=dict)
    # By step: the outputs that its action.yml declares. act also passes undeclared outputs to later steps.
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    summary: str = ""

    def values(self, step: str) -> dict[str, str]:
        """Return the ``name=value`` lines that a step wrote, as a dictionary."""
        return dict(line.split("=", 1) for line in self.lines[step])


@dataclass(frozen=True, kw_only=True)
class Run:
    """A workflow run that has ended, as a user sees it."""

    exit_code: int
    jobs: tuple[Job, ...]
    # Everything that act showed, with secrets masked.
    shown: str

    @property
    def is_green(self) -> bool:
        return self.exit_code == 0

    @property
    def results(self) -> dict[str, str]:
        return {job.id: job.result for job in self.jobs}

    def job(self, job_id: str, **matrix: str) -> Job:
        """Return a job by its id, and by its matrix values if it has a matrix."""
        [found] = [job for job in self.jobs if job.id == job_id and matrix.items() <= job.matrix.items()]
        return found


def read(lines: Iterable[str], *, exit_code: int) -> Run:
    """Read what act wrote. Raises ValueError for a line that is not JSON."""
    entries = [json.loads(line) for line in lines if line]
    jobs: dict[str, Job] = {}
    for entry in entries:
        if "jobID" in entry:
            job = jobs.setdefault(entry["job"].strip(), Job(id=entry["jobID"], matrix=entry["matrix"] or {}))
            _take(entry, job)
    return Run(exit_code=exit_code, jobs=tuple(jobs.values()), shown="\n".join(entry["msg"] for entry in entries))


def _take(entry: _Entry, job: Job) -> None:
    job.result = entry.get("jobResult", job.result)
    if entry.get("stage") != "Main":
        return
    # The id of a step in a composite action follows the id of the step that uses the action.
    step, *inner = entry["stepID"]
    lines = job.lines.setdefault(step, [])
    if "stepResult" in entry and not inner:
        job.steps[step] = entry["stepResult"]
    elif entry.get("command") == "set-output" and not inner and step not in job.steps:
        job.outputs.setdefault(step, {})[entry["name"]] = entry["arg"]
    elif entry.get("raw_output"):
        lines.append(entry["msg"].rstrip("\r\n"))
    elif entry.get("command") == "summary" and not inner:
        job.summary += entry["content"]
