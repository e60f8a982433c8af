"""What can go wrong before the package runs.

LaunchError
├── PipMissingError
├── PipFailedError
├── UnwritableError
└── PlaceError
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


class UnwritableError(LaunchError):
    """A place cannot be written: another may."""


class PlaceError(LaunchError):
    """A place could be written at first, and then not."""
