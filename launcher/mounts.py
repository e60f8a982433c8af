"""What the mount of a directory permits."""

import os
from pathlib import Path


def can_load_from(directory: Path) -> bool:
    """Return whether libraries can be loaded from there: not where it is mounted noexec, which Linux alone reports."""
    noexec = getattr(os, "ST_NOEXEC", 0)
    try:
        return not (noexec and os.statvfs(directory).f_flag & noexec)
    except OSError:
        # Not every file system answers.
        return True
