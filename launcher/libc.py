"""Which C library this Python uses."""

import os


def gnu_version() -> str:
    """Return the name and version of the GNU C library, or an empty text where it is another one."""
    try:
        return os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (AttributeError, ValueError, OSError):
        return ""
