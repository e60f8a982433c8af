from __future__ import annotations

import json

from tests.proof.recorded import RECORD, sample, tally_of


def test_decides_as_recorded() -> None:
    """`python -m tests.proof.recorded` updates the record after an intended change of decisions."""
    assert json.loads(json.dumps(tally_of(sample()))) == json.loads(RECORD.read_text(encoding="utf-8"))
