"""``python -m tests.proof``: check a scope and print the report."""

from __future__ import annotations

import argparse
import sys
import time

from tests.proof.check import Histories, judge_all
from tests.proof.report import examples, report_on
from tests.proof.scope import SCOPES


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.proof", description=__doc__)
    parser.add_argument("--scope", choices=SCOPES, default="small")
    parser.add_argument("--examples", type=int, default=2, help="examples of each kind")
    arguments = parser.parse_args()
    plan = SCOPES[arguments.scope]
    histories = Histories.of(plan.scopes)
    _print(f"{histories.enumerated} histories, {sum(1 for _ in histories)} distinct ones")
    for naming in plan.namings:
        began = time.process_time()
        judgements = judge_all(histories, naming)
        _print(f"\n{naming}: {judgements} judgements, {time.process_time() - began:.0f} s")
        _print(*report_on(histories), *examples(histories, kinds=arguments.examples))


def _print(*lines: str) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
