"""Starts the action: ``python3 -ISu launcher``, with whatever Python action.yml has found.

Without ``site`` it starts in a moment, whatever the machine has installed: a signal finds somebody who listens.

Python 3.6 must be able to read this file: it holds nothing but the choice of who goes on.
"""

import signal
import sys

import workflow

# Before anything else is loaded.
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, workflow.end_cancelled)

if sys.version_info < (3, 11):  # noqa: UP036 - a runner may have an outdated one
    from other_python import main
else:
    from launch import main

sys.exit(main())
