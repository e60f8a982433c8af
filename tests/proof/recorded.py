"""``python -m tests.proof.recorded`` records what the engine decides on the histories of two scopes, and when.

A change of the engine that is meant to change decisions changes the record; the difference shows which.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from tests.proof.check import Histories, judge_all
from tests.proof.scope import SCOPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.proof.check import History

RECORD = Path(__file__).with_name("recorded.json")
NAMINGS = dict(zip(("all named", "nothing named"), SCOPES["small"].namings, strict=True))


def tally_of(histories: Iterable[History]) -> Mapping[str, Mapping[str, int]]:
    """Count the decisions and their times in seconds, by dialect."""
    tally: dict[str, Counter[str]] = {}
    for history in histories:
        decided = f"{history.decision} at {history.decided_at}" if history.decision else "open"
        tally.setdefault(history.dialect.name.lower(), Counter())[f"{history.result}: {decided}"] += 1
    return {dialect: dict(sorted(counts.items())) for dialect, counts in sorted(tally.items())}


def recorded(scope: str, naming: str) -> object:
    """Return the recorded tally of a scope."""
    return json.loads(RECORD.read_text(encoding="utf-8"))[f"{scope}, {naming}"]


def main() -> None:
    tallies = {}
    for scope, naming in (*(("small", naming) for naming in NAMINGS), ("blind", "all named")):
        histories = Histories.of(SCOPES[scope].scopes)
        judge_all(histories, NAMINGS[naming])
        tallies[f"{scope}, {naming}"] = tally_of(histories)
    RECORD.write_text(json.dumps(tallies, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
