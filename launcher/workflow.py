"""What the runner reads from the launcher: workflow commands, and the file of outputs.

Python 3.6 must be able to read this module: it tells the users of old Pythons what to do.
"""

import os
from pathlib import Path


def say(line: str) -> None:
    """Write a line at once: signal handlers use this too, and Python's own buffers cannot be entered twice."""
    os.write(1, (line + "\n").encode("utf-8", "backslashreplace"))


def mask_token() -> None:
    """Have the runner hide the token from here on. Nothing may be said before this."""
    token = os.environ.get("INPUT_TOKEN", "").strip()
    lines = [line.strip() for line in token.splitlines()]
    for secret in dict.fromkeys([token, *lines]):
        if secret:
            say(f"::add-mask::{_data(secret)}")


def error(message: str, *, title: str) -> None:
    """Annotate the step. The runner does not mask titles: no text from outside belongs there."""
    say(f"::error title={_property(title)}::{_data(message)}")


def quote(text: str) -> None:
    """Show text from outside, in which the runner must see no commands."""
    token = _random_word()
    say(f"::stop-commands::{token}")
    for line in text.splitlines():
        say(line)
    say(f"::{token}::")


def set_outcome(outcome: str) -> None:
    """Tell later steps how it ended, unless the package has told them already."""
    path = os.environ.get("GITHUB_OUTPUT", "")
    if not path or (Path(path).exists() and Path(path).stat().st_size):
        return
    with Path(path).open("ab") as outputs:
        outputs.write((_output("outcome", outcome) + _output("result", "[]")).encode())


def _output(name: str, value: str) -> str:
    delimiter = f"ghadelimiter_{_random_word()}"
    return f"{name}<<{delimiter}\n{value}\n{delimiter}\n"


def _random_word() -> str:
    return os.urandom(16).hex()


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
