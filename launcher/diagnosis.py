"""Tells in words why pip failed, from what it printed. Pure."""

import re
import sys
import sysconfig
from dataclasses import dataclass


@dataclass(frozen=True)
class Cause:
    message: str
    hint: str


_INDEX = "Check the runner's settings for pip (pip config list; PIP_INDEX_URL and its like)."

# In this order: pip goes on after a failed connection, and ends by finding no matching distribution.
_CAUSES = (
    (
        r"DO NOT MATCH THE HASHES",
        Cause(
            "A package that pip downloaded is not the one this release is locked to.",
            f"The package index altered it, or its download was damaged. Run again, then look at the index. {_INDEX}",
        ),
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|SSLError|SSLCertVerificationError|TLS CA certificate",
        Cause(
            "The package index's certificate is not trusted.",
            "If the network inspects TLS, give pip its certificate: PIP_CERT, or `cert` in pip.conf.",
        ),
    ),
    (
        r"\b(401|403|407)\b.{0,20}(Client Error|Error|Unauthorized|Forbidden|Authentication)",
        Cause("The package index, or a proxy before it, refused the runner's credentials.", _INDEX),
    ),
    (
        r"No space left on device|Disk quota exceeded",
        Cause("The disk is full.", "Free space in RUNNER_TOOL_CACHE and in the temporary directory."),
    ),
    (
        r"(?i)(Connection|Resolution|Proxy|Timeout) ?Error|Max retries|Connection (refused|reset)",
        Cause(
            "The package index cannot be reached.",
            f"Check that the runner reaches it, through HTTPS_PROXY if need be, and run again. {_INDEX}",
        ),
    ),
    (
        r"No matching distribution found|Could not find a version",
        Cause(
            f"pip found no wheel of a dependency for Python {sys.version_info[0]}.{sys.version_info[1]} "
            f"on {sysconfig.get_platform()}.",
            "What it said above names the package. Check that the index can be reached and holds it, or run another "
            f"Python (actions/setup-python with 3.13). {_INDEX}",
        ),
    ),
    (
        r"Configuration file (could not|contains)",
        Cause("pip cannot read its configuration.", "Mend the file that pip names above."),
    ),
)

_UNKNOWN = Cause("pip failed.", f"What it said is above. {_INDEX}")


def diagnose(output: str) -> Cause:
    return next((cause for pattern, cause in _CAUSES if re.search(pattern, output)), _UNKNOWN)
