"""Mounts that only a step sees."""

import shutil
import subprocess

import pytest

#: The beginning of a command: what follows may mount what it likes.
MOUNTING = ("unshare", "--mount", "--map-root-user")

needs_mounts = pytest.mark.skipif(
    not shutil.which("unshare")
    or bool(subprocess.run([*MOUNTING, "true"], check=False, capture_output=True).returncode),  # noqa: S603
    reason="this machine lets nobody but root mount anything",
)
