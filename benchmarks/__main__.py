"""``make bench``: measures everything, and writes docs/performance.md with its plot."""

from __future__ import annotations

import sys

from benchmarks.pace import (
    after_waits,
    nearness_of_all,
    of_all_lengths,
    of_many_services,
    where_it_is_pushed,
)
from benchmarks.page import render
from benchmarks.plot import draw
from benchmarks.start import measure_starts
from tests.harness.action import ROOT

_DRAWS = 40
_DRAWS_OF_WAITS = 20


def main() -> int:
    measured = measure_starts()
    lengths = of_all_lengths(draws=_DRAWS)
    page = render(
        measured=measured,
        lengths=lengths,
        near=nearness_of_all(),
        others={
            "waits": after_waits(draws=_DRAWS_OF_WAITS),
            "pushed": where_it_is_pushed(draws=_DRAWS_OF_WAITS),
        },
        services=of_many_services(),
        draws=_DRAWS,
    )
    (ROOT / "docs" / "performance.md").write_text(page, encoding="utf-8")
    draw(lengths, ROOT / "docs" / "pictures" / "pace.svg")
    sys.stdout.write(page)
    return 0


if __name__ == "__main__":
    sys.exit(main())
