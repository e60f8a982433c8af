"""What Qovery's client did when it was last run, kept for machines that do not have it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from tests.world.comparison.run import Fate, Run

if TYPE_CHECKING:
    from collections.abc import Mapping

RECORD = Path(__file__).parent / "cli.json"


@dataclass(frozen=True, kw_only=True)
class Record:
    """The client's version, its run in each situation by name, and its calls.

    calls_around: the calls before it first looks at the service, and the one after it last did.
    interval: the seconds between two looks.
    """

    version: str
    calls_around: int
    interval: int
    runs: Mapping[str, Run]

    @classmethod
    def read(cls) -> Self:
        kept: dict[str, Any] = json.loads(RECORD.read_text(encoding="utf-8"))
        runs = {name: Run(**{**run, "fate": Fate(**run["fate"])}) for name, run in kept["runs"].items()}
        return cls(**{**kept, "runs": runs})

    def write(self) -> None:
        RECORD.write_text(json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    def calls_for(self, seconds: int) -> int:
        """Return the number of calls for a deployment of this duration in seconds."""
        return self.calls_around + seconds // self.interval
