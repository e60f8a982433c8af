"""``make comparison``: writes docs/comparison.md, and what Qovery's client did where there is one."""

from __future__ import annotations

import sys

from tests.world.comparison.action_runner import ActionRunner
from tests.world.comparison.cli import VARIABLE, Cli
from tests.world.comparison.comparing import compare
from tests.world.comparison.page import PAGE, render
from tests.world.comparison.record import Record


def main() -> int:
    try:
        cli = Cli.find()
    except FileNotFoundError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if cli is None:
        sys.stdout.write(
            f"Qovery's CLI is not on this machine ({VARIABLE} may name it): its column stays as it was recorded with "
            f"{Record.read().version}.\n"
        )
    comparison = compare(ActionRunner(), cli)
    if cli is not None:
        comparison.cli.write()
    PAGE.write_text(render(comparison), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
