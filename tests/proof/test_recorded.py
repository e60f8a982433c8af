from __future__ import annotations

import json

from tests.proof.recorded import RECORD, sample, tally_of


def test_decides_as_recorded() -> None:
    """`python -m tests.proof.recorded` records anew what a change of the engine is meant to decide otherwise."""
    assert json.loads(json.dumps(tally_of(sample()))) == json.loads(RECORD.read_text(encoding="utf-8"))
