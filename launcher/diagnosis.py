"""Explains why pip failed, from its output."""

import re
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, replace

from credentials import ENCODE, Credentials


@dataclass(frozen=True)
class Cause:
    message: str
    hint: str
    # Whether an address that was read in another way than it was meant leads to this, too.
    is_of_address: bool = False


DISK_FULL = Cause("The disk is full.", "Free space in RUNNER_TOOL_CACHE and in the temporary directory.")

_NO_INDEX = Cause(
    "pip found no wheel of a dependency, and PIP_NO_INDEX (or `no-index` in pip.conf) forbids it to ask an index.",
    "Unset it for this step, or set PIP_FIND_LINKS to a directory with the wheels of launcher/requirements.txt.",
)
_SETTINGS = "the runner's settings for pip (`pip config list`; PIP_INDEX_URL and similar ones)"
_NOT_FOUND = Cause(
    f"pip found no wheel of a dependency for Python {sys.version_info[0]}.{sys.version_info[1]} "
    f"on {sysconfig.get_platform()}.",
    "Check that the runner reaches the index, and that the index has the package that pip names above; or run another "
    "Python (actions/setup-python with 3.14).",
    is_of_address=True,
)
# As pip reads an option that is true or false.
_TRUE = frozenset({"1", "true", "t", "yes", "y", "on"})

# In this order: pip goes on after a failed connection, and ends by finding no matching distribution.
_CAUSES = (
    (
        r"DO NOT MATCH THE HASHES",
        Cause(
            "A package that pip downloaded differs from the one in the lock of this release.",
            f"Run the job again; if it fails again, check what the index serves, and {_SETTINGS}.",
        ),
    ),
    (
        r"(?i)ssl module (in Python )?is not available",
        Cause(
            f"The Python of this runner ({sys.executable}) has no ssl module, which pip and this action need.",
            "Install another Python, or add a step with actions/setup-python before this one.",
        ),
    ),
    (
        r"TLS (CA )?certificate.*invalid path",
        Cause(
            "The settings of pip name a file of certificates that does not exist; pip names it above.",
            "Correct PIP_CERT, PIP_CLIENT_CERT, REQUESTS_CA_BUNDLE or `cert` in pip.conf.",
        ),
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|SSLError|SSLCertVerificationError",
        Cause(
            "The package index's certificate is not trusted.",
            "If the network inspects TLS, give pip its certificate: PIP_CERT, or `cert` in pip.conf.",
        ),
    ),
    (
        r"\b(401|403|407)\b.{0,20}(Client Error|Error|Unauthorized|Forbidden|Authentication)",
        Cause("The package index, or a proxy before it, refused the runner's credentials.", f"Check {_SETTINGS}."),
    ),
    (
        r"No space left on device|Disk quota exceeded|not enough space on the disk|Errno (28|122)\b",
        DISK_FULL,
    ),
    (
        r"Failed to parse|[Ii]nvalid (port|URL)|InvalidURL|LocationParseError|nonnumeric port",
        Cause("pip cannot read the address of the package index or of a proxy.", ENCODE),
    ),
    (
        r"(?i)(Connection|Resolution|Proxy|Timeout) ?Error|Max retries|Connection (refused|reset)",
        Cause(
            "The package index cannot be reached.",
            f"Check the runner's network, HTTPS_PROXY, and {_SETTINGS}.",
            is_of_address=True,
        ),
    ),
    (r"No matching distribution found|Could not find a version", _NOT_FOUND),
    (
        r"Configuration file (could not|contains)",
        Cause("pip cannot read its configuration.", "Correct the file that pip names above."),
    ),
)

_UNKNOWN = Cause("pip failed.", f"Read its messages above, and check {_SETTINGS}.", is_of_address=True)


def diagnose(output: str, settings: Mapping[str, str], credentials: Credentials) -> Cause:
    """Return the cause, given what pip printed and which settings it had."""
    cause = next((cause for pattern, cause in _CAUSES if re.search(pattern, output)), _UNKNOWN)
    if cause is _NOT_FOUND and settings.get("no-index", "").lower() in _TRUE:
        return _NO_INDEX
    if cause.is_of_address and credentials.are_ambiguous:
        return replace(cause, hint=ENCODE)
    return cause


def without_traces(output: str) -> str:
    """Leave out where in pip an error arose; what it was stays."""
    return re.sub(r"Traceback \(most recent call last\):\n(?:[ \t].*\n)*", "", output)
