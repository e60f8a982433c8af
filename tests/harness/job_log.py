"""Turns a step's output into the job's log as the runner does: obeys commands and masks secrets."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

ANNOTATIONS_A_LEVEL = 10
ANNOTATION_LENGTH = 4096

_LEVELS = ("error", "warning", "notice")
_OBEYED = frozenset({*_LEVELS, "add-mask", "debug", "group", "endgroup", "stop-commands"})
# Commands that the action must not use. `commands` keeps them, so that a test can find them.
_REFUSED = frozenset({"set-output", "set-env", "add-path", "save-state", "add-matcher", "remove-matcher", "echo"})

_COMMAND = re.compile(r"::(?P<name>[^ :]+)(?: (?P<properties>.*?))?::(?P<data>.*)", re.DOTALL)
# The runner obeys the old form anywhere in a line.
_OLD_COMMAND = re.compile(r"##\[(?P<name>[^ \]]+)(?: (?P<properties>[^\]]*))?\](?P<data>.*)", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Command:
    name: str
    properties: Mapping[str, str]
    data: str


@dataclass(frozen=True, kw_only=True)
class Annotation:
    """An annotation. The runner masks secrets in the message, but not in the title."""

    level: str
    message: str
    title: str = ""


@dataclass
class JobLog:
    """Reads a step's output line by line."""

    raw: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    annotations: list[Annotation] = field(default_factory=list)
    masks: list[str] = field(default_factory=list)
    _stop_token: str = ""
    _levels: Counter[str] = field(default_factory=Counter)

    def take(self, line: str) -> str | None:
        """Read a line, and return it as the log shows it; None for a command that shows nothing."""
        self.raw.append(line)
        command = self._command_in(line)
        shown = line if command is None else self._obey(command)
        if shown is None:
            return None
        self.shown.append(self.masked(shown))
        return self.shown[-1]

    def masked(self, text: str) -> str:
        for secret in sorted(self.masks, key=len, reverse=True):
            text = text.replace(secret, "***")
        return text

    def _command_in(self, line: str) -> Command | None:
        known = {self._stop_token} if self._stop_token else _OBEYED | _REFUSED
        for pattern, find, separator in ((_COMMAND, "match", ","), (_OLD_COMMAND, "search", ";")):
            match: re.Match[str] | None = getattr(pattern, find)(line.strip())
            if match and match["name"].lower() in known:
                properties = _properties(match["properties"] or "", separator)
                return Command(name=match["name"].lower(), properties=properties, data=_decoded(match["data"]))
        return None

    def _obey(self, command: Command) -> str | None:
        self.commands.append(command)
        if command.name == self._stop_token:
            self._stop_token = ""
        elif command.name == "stop-commands":
            self._stop_token = command.data
        elif command.name == "add-mask":
            self._mask(command.data)
        elif command.name in _LEVELS:
            self._annotate(command)
            return f"##[{command.name}]{command.data}"
        elif command.name == "group":
            return f"▾ {command.data}"
        return None

    def _mask(self, secret: str) -> None:
        self.masks += [line for line in dict.fromkeys([secret, *secret.splitlines()]) if line.strip()]

    def _annotate(self, command: Command) -> None:
        self._levels[command.name] += 1
        if self._levels[command.name] <= ANNOTATIONS_A_LEVEL:
            message = self.masked(command.data)[:ANNOTATION_LENGTH]
            annotation = Annotation(level=command.name, message=message, title=command.properties.get("title", ""))
            self.annotations.append(annotation)


def _properties(text: str, separator: str) -> dict[str, str]:
    pairs = (pair.split("=", 1) for pair in text.split(separator) if "=" in pair)
    return {name.strip(): _decoded(value.replace("%3A", ":").replace("%2C", ",")) for name, value in pairs}


def _decoded(text: str) -> str:
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
