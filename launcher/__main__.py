"""Starts the action: ``python3 -ISu launcher``, with whatever Python the runner has.

Without ``site`` it starts in a moment, whatever the machine has installed: a signal finds somebody who listens.

This file is read by Pythons of any age, so it holds nothing but the choice of who goes on.
"""

import os
import sys

# The versions below are outdated for the package; a runner may have them all the same.
if sys.version_info < (3, 6):  # noqa: UP036
    with open(os.environ["GITHUB_OUTPUT"], "a") as outputs:  # noqa: PTH123
        outputs.write("outcome=rejected\nresult=[]\n")
    sys.stdout.write(
        "::error title=Python is too old::python3 on this runner is older than 3.6. Install Python 3.11 or newer, "
        "or add a step with actions/setup-python before this one.\n"
    )
    sys.exit(1)

import signal

import workflow

# Before anything else is loaded.
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, workflow.end_cancelled)

if sys.version_info < (3, 11):  # noqa: UP036
    from newer_python import main
else:
    from launch import main

sys.exit(main())
