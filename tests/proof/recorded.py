"""``python -m tests.proof.recorded`` records what the engine decides on a sample of the histories, and when.

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
    from collections.abc import Mapping

    from tests.proof.recording import Naming

RECORD = Path(__file__).with_name("recorded.json")
#: One of this many histories is in the sample.
EVERY = 9


def sample(*, every: int = EVERY) -> Histories:
    """Return some of the histories of the small scope and of the one in which the history is refused."""
    histories = Histories.of([*SCOPES["small"].scopes, *SCOPES["blind"].scopes])
    for by_key in histories.by_id.values():
        for number, key in enumerate(list(by_key)):
            if number % every:
                del by_key[key]
    return histories


def namings() -> tuple[Naming, ...]:
    return tuple(SCOPES["small"].namings)


def tally_of(histories: Histories) -> Mapping[str, Mapping[str, int]]:
    """Count the decisions and their times in seconds, by dialect and way of naming."""
    tally: dict[str, Counter[str]] = {}
    for naming in namings():
        judge_all(histories, naming)
        for history in histories:
            kind = f"{history.dialect.name.lower()}, {'all' if naming.users else 'nothing'} named"
            decided = f"{history.decision} at {history.decided_at}" if history.decision else "open"
            tally.setdefault(kind, Counter())[f"{history.result}: {decided}"] += 1
    return {kind: dict(sorted(counts.items())) for kind, counts in sorted(tally.items())}


def main() -> None:
    RECORD.write_text(json.dumps(tally_of(sample()), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
