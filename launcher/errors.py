"""What can go wrong before the package runs.

LaunchError
├── PipMissingError
├── PipFailedError
├── PlaceError
└── LoadError
"""


class LaunchError(Exception):
    """Nothing has been deployed; the message says why, and what to do."""

    title = "The dependencies cannot be installed"

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(f"{message} {hint}")


class PipMissingError(LaunchError):
    """The Python has no pip, and none to unpack either."""


class PipFailedError(LaunchError):
    """pip ran and failed; the output is what it said, without credentials."""

    def __init__(self, message: str, *, hint: str, output: str) -> None:
        super().__init__(message, hint=hint)
        self.output = output


class PlaceError(LaunchError):
    """A directory cannot hold an installation, for a reason such as `/opt: [Errno 13] Permission denied`."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(
            f"No directory on this runner can hold the dependencies ({'; '.join(reasons)}).",
            hint="Give the runner a directory that it can write to and load libraries from, with 50 MB of free space, "
            "or set RUNNER_TOOL_CACHE to another directory.",
        )
        self.reasons = reasons


class LoadError(LaunchError):
    """What is installed or bundled cannot be imported."""

    title = "The dependencies cannot be loaded"
