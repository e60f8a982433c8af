"""Which of the machine's settings for pip count here: those that say where packages come from and how.

Whatever changes what is installed, or where to, does not: the lock's hashes and the launcher decide that. Pure.
"""

import ast
import os
import re
from collections.abc import Mapping

# Other names for the same option, which pip accepts.
_ALIASES = {"default-timeout": "timeout", "pypi-url": "index-url"}
_HONOURED = frozenset(
    {
        "cache-dir",
        "cert",
        "client-cert",
        "extra-index-url",
        "find-links",
        "index-url",
        "keyring-provider",
        "no-cache-dir",
        "no-index",
        "proxy",
        "resume-retries",
        "retries",
        "timeout",
        "trusted-host",
    }
)
# Options of which some values alone concern how: here, whether the system's certificates are used.
_HONOURED_VALUES = {"use-deprecated": {"legacy-certs"}, "use-feature": {"truststore"}}
_PATHS = frozenset({"cache-dir", "cert", "client-cert"})

# As pip does it: what is set for a command prevails over what is set for all, and the environment over both.
_SECTIONS = ("global", "install", ":env:")
_SETTING = re.compile(r"(global|install|:env:)\.([a-z0-9_-]+)=(['\"].*['\"])", re.IGNORECASE)

# The token is the package's, and pip has no use for any input. -I makes Python itself ignore PYTHON*; pip's children
# would not.
_WITHHELD = ("INPUT_", "PIP_", "_PIP_", "PYTHON")


def environment_to_ask(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which pip lists its settings: those of its files, and the variables that count."""
    asking = _without_pip(environment)
    for name, value in environment.items():
        if name.startswith("PIP_") and _honoured(_canonical(name.removeprefix("PIP_")), value):
            asking[name] = value
    if environment.get("PIP_CONFIG_FILE"):
        asking["PIP_CONFIG_FILE"] = _absolute(environment["PIP_CONFIG_FILE"])
    return asking


def environment_to_install(environment: Mapping[str, str], settings: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which these settings are all that pip knows."""
    chosen = {"PIP_" + name.upper().replace("-", "_"): value for name, value in settings.items()}
    return {**_without_pip(environment), **chosen, "PIP_CONFIG_FILE": os.devnull}


def settings_in(listing: str) -> dict[str, str]:
    """Read what ``pip config list`` printed."""
    sections: dict[str, dict[str, str]] = {section: {} for section in _SECTIONS}
    for line in listing.splitlines():
        if match := _SETTING.fullmatch(line.strip()):
            section, name, literal = match.groups()
            name = _canonical(name)
            if value := _honoured(name, str(ast.literal_eval(literal))):
                sections[section][name] = _anchored(name, value)
    return {name: value for section in _SECTIONS for name, value in sections[section].items()}


def _without_pip(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith(_WITHHELD)}


def _canonical(name: str) -> str:
    name = name.lower().replace("_", "-")
    return _ALIASES.get(name, name)


def _honoured(name: str, value: str) -> str:
    """Return what of the value counts; pip itself takes an empty one for none."""
    if name in _HONOURED_VALUES:
        return " ".join(word for word in value.split() if word in _HONOURED_VALUES[name])
    return value if name in _HONOURED else ""


def _anchored(name: str, value: str) -> str:
    """Return relative paths as absolute ones: pip runs in another directory than the caller's."""
    if name in _PATHS:
        return _absolute(value)
    if name == "find-links":
        return " ".join(word if ":" in word else _absolute(word) for word in value.split())
    return value


def _absolute(path: str) -> str:
    # Not by pathlib, which raises an error where nobody knows the home directory.
    return os.path.abspath(os.path.expanduser(path))  # noqa: PTH100, PTH111
