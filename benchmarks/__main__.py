"""``make bench``: measures everything and writes docs/performance.md; with ``--quick``, little, and writes nothing."""

from __future__ import annotations

import sys

from benchmarks import pace
from benchmarks.page import Results, render
from benchmarks.start import measure_starts
from release.check import DIST
from release.size import Size
from tests.harness.action import ROOT


def main() -> int:
    is_quick = sys.argv[1:] == ["--quick"]
    draws = 2 if is_quick else 40
    [archive] = DIST.glob("*.tar.gz")
    results = Results(
        measured=measure_starts(rounds=2, cold_rounds=1) if is_quick else measure_starts(rounds=15, cold_rounds=3),
        size=Size.of(archive),
        acceptances=pace.where_calls_take_long(draws=draws),
        lengths=pace.of_all_lengths(draws=draws),
        waits=pace.after_waits(draws=draws // 2 + 1),
        pushed=pace.where_it_is_pushed(draws=draws // 2 + 1),
        services=pace.of_many_services(),
        draws=draws,
    )
    page = render(results)
    if not is_quick:
        (ROOT / "docs" / "performance.md").write_text(page, encoding="utf-8")
    sys.stdout.write(page)
    return 0


if __name__ == "__main__":
    sys.exit(main())
