"""Where a deployment request stands."""

from __future__ import annotations

from enum import Enum, auto


class Standing(Enum):
    """Where our request stands. The first four may change; the others are final."""

    UNCLEAR = auto()
    QUEUED = auto()
    STARTING = auto()
    RUNNING = auto()
    ENDED = auto()
    REPLACED = auto()
    UNCHANGED = auto()
    REMOVED = auto()
    NOT_ACCEPTED = auto()
    UNDECIDED = auto()

    @property
    def is_final(self) -> bool:
        return self not in {Standing.UNCLEAR, Standing.QUEUED, Standing.STARTING, Standing.RUNNING}
