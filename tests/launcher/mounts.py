"""Mounts that exist only for a step."""

import shutil
import subprocess

import pytest

#: The beginning of a command that may mount file systems.
MOUNTING = ("unshare", "--mount", "--map-root-user")

needs_mounts = pytest.mark.skipif(
    not shutil.which("unshare")
    or bool(subprocess.run([*MOUNTING, "true"], check=False, capture_output=True).returncode),  # noqa: S603
    reason="this machine permits only root to mount file systems",
)
