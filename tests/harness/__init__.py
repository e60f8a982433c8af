"""A GitHub runner of our own: it runs action.yml's step as the real one does, and shows what a user would see."""

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
