"""What the runner reads from the launcher: workflow commands, and the files of outputs and summary.

Python 3.6 must be able to parse this module, because it shows users of old Pythons what to do.
"""

import os


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


def end(outcome: str, message: str, *, title: str) -> None:
    """Report why nothing was deployed: in an annotation, and in outputs and summary, if they are still empty."""
    error(message, title=title)
    for name, text in (
        ("GITHUB_OUTPUT", _output("outcome", outcome) + _output("result", "[]")),
        ("GITHUB_STEP_SUMMARY", f"### ❌ Nothing deployed: {title}\n\n{_markdown(message)}\n"),
    ):
        try:
            _write(name, text)
        except OSError as problem:
            message = f"User {_user()} cannot write {name}: {problem}. Let this user write the file."
            say(f"::warning title=Not written::{_data(message)}")


def end_cancelled(*_signal: object) -> None:
    """End this very process: the workflow was cancelled. A handler of signals."""
    try:
        end("interrupted", "The job was canceled before anything was deployed.", title="Interrupted")
    finally:
        # Whatever could not be written: the launcher must not go on.
        os._exit(1)


def _write(name: str, text: str) -> None:
    path = os.environ.get(name, "")
    if not path:
        return
    with open(path, "ab") as file:  # noqa: PTH123 - pathlib takes longer to load than a signal may take to come
        if not file.tell():
            file.write(text.encode())


def _user() -> str:
    return str(os.getuid()) if hasattr(os, "getuid") else os.environ.get("USERNAME", "")


def _output(name: str, value: str) -> str:
    delimiter = f"ghadelimiter_{_random_word()}"
    return f"{name}<<{delimiter}\n{value}\n{delimiter}\n"


def _random_word() -> str:
    return os.urandom(16).hex()


def _markdown(text: str) -> str:
    return "".join(f"\\{character}" if character in "\\`*_[]<>|~&@" else character for character in text)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
