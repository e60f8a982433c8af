"""A GitHub runner for tests: it runs the step of action.yml as the real runner does, and returns what a user sees."""

from tests.harness.action import Action, ActionError
from tests.harness.files import FileCommandError
from tests.harness.job_log import Annotation, JobLog
from tests.harness.runner import CancelDelays, Runner, package_settings
from tests.harness.step import Step, StepResult

__all__ = [
    "Action",
    "ActionError",
    "Annotation",
    "CancelDelays",
    "FileCommandError",
    "JobLog",
    "Runner",
    "Step",
    "StepResult",
    "package_settings",
]
