"""The job's log: lines, groups, annotations."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

from actions_toolkit.command import issue_command

from qovery_helm_deploy.runner.text import inert, inert_lines
from qovery_helm_deploy.shortening import shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

#: The runner takes no more than 4,096 characters of an annotation.
_LONGEST_ANNOTATION = 4000


def mask(secret: str) -> None:
    """Have the runner replace a secret in all that follows; a secret of several lines also line by line."""
    for part in dict.fromkeys([secret, *secret.splitlines()]):
        if part.strip():
            issue_command("add-mask", {}, part)


class Console:
    """Writes the log. What it is given may come from outside: it is redacted and made inert here."""

    def __init__(self, *, redact: Callable[[str], str]) -> None:
        self._redact = redact

    def say(self, text: str) -> None:
        sys.stdout.write(f"{self._clean(text)}\n")

    def debug(self, text: str) -> None:
        """Write what is shown only where the job runs with debug logging."""
        issue_command("debug", {}, self._clean(text))

    def warn(self, text: str, *, title: str) -> None:
        """Annotate; the title is shown unmasked, so it must contain no text from outside."""
        issue_command("warning", {"title": title}, self._clean(text, longest=_LONGEST_ANNOTATION))

    def fail(self, text: str, *, title: str) -> None:
        """Annotate an error of one or several lines; see `warn`."""
        lines = [self._clean(line, longest=_LONGEST_ANNOTATION) for line in text.split("\n")]
        issue_command("error", {"title": title}, shortened("\n".join(lines), _LONGEST_ANNOTATION))

    @contextmanager
    def group(self, title: str) -> Iterator[None]:
        """Fold what is written inside."""
        issue_command("group", {}, self._clean(title))
        try:
            yield
        finally:
            issue_command("endgroup", {}, "")

    def quote(self, lines: Iterable[str]) -> None:
        """Write texts from outside line by line, with the runner's command processing off while they pass."""
        word = uuid4().hex
        issue_command("stop-commands", {}, word)
        try:
            for text in lines:
                for line in inert_lines(self._redact(text)):
                    sys.stdout.write(f"│ {line}\n")
        finally:
            issue_command(word, {}, "")

    def _clean(self, text: str, *, longest: int = 1000) -> str:
        return inert(self._redact(text), longest=longest)
