"""What act told of a run, line by line in JSON, read as the jobs and steps that a user would look at."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

_Entry = Mapping[str, Any]


@dataclass(kw_only=True)
class Job:
    """A job that ran; a step without an id goes by its number, from 0."""

    id: str
    matrix: Mapping[str, Any]
    result: str = ""
    # By step: success or failure. A step that was skipped is not there.
    steps: dict[str, str] = field(default_factory=dict)
    # Of a step that fails, act may lose the last ones; outputs and the summary it has whole.
    lines: dict[str, list[str]] = field(default_factory=dict)
    # What an action hands on by its action.yml. act lets later steps also see the outputs that it forgets.
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    summary: str = ""

    def told(self, step: str) -> dict[str, str]:
        """Return the ``name=value`` lines that a step wrote."""
        return dict(line.split("=", 1) for line in self.lines[step])


@dataclass(frozen=True, kw_only=True)
class Run:
    """What a user sees of a workflow that has ended."""

    exit_code: int
    jobs: tuple[Job, ...]
    # All that was shown, masked as it is on the screen.
    shown: str

    @property
    def is_green(self) -> bool:
        return self.exit_code == 0

    @property
    def results(self) -> dict[str, str]:
        return {job.id: job.result for job in self.jobs}

    def job(self, job_id: str, **matrix: str) -> Job:
        """Return the job; one of a matrix by its values."""
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
    # A composite action's steps go by their own ids, after that of the step which uses it.
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
