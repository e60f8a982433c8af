"""Runs Prism as a separate process."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.harness.action import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

EXECUTABLE = ROOT / ".venv" / "prism" / "node_modules" / ".bin" / "prism"

_LISTENING = re.compile(r"listening on (http://\S+)")
_RECEIVED = re.compile(r"\[HTTP SERVER\] (\w+) (\S+) .*Request received")
# Prism marks each problem with it: in a call, in an answer, or in the specification.
_WRONG = "✖"
_GATEWAY = " get /deployment/"
#: Seconds to wait for a problem that Prism reports.
_REPORTED_WITHIN = 10.0


@dataclass(kw_only=True)
class Prism:
    """A running Prism, and its log so far."""

    url: str = ""
    lines: list[str] = field(default_factory=list)
    news: threading.Condition = field(default_factory=threading.Condition)

    def complains_of(self, words: str) -> bool:
        """Return whether Prism reports a problem with these words; the report may follow the answer by a moment."""
        with self.news:
            return self.news.wait_for(lambda: any(words in each for each in self.complaints()), _REPORTED_WITHIN)

    def complaints(self) -> list[str]:
        """Return the problems of calls, without those of the gateway, which the specification does not contain."""
        return [line for line in self.lines if _WRONG in line and _GATEWAY not in line]

    def received(self) -> set[tuple[str, str]]:
        """Return the method and the path of each call."""
        return {(found[1].upper(), found[2]) for line in self.lines if (found := _RECEIVED.search(line))}


def missing() -> str:
    """Return what is missing to run Prism; an empty text if nothing is."""
    if shutil.which("node") is None:
        return "Node.js is missing, which Prism runs on: install Node.js 20 or newer"
    return "" if EXECUTABLE.exists() else "Prism is not installed yet: `make world` does so"


@contextmanager
def running_prism(specification: Mapping[str, Any], directory: Path, *, before: str | None = None) -> Iterator[Prism]:
    """Run Prism on a free port, as a mock server, or as a proxy for the server at the URL `before`.

    Prism rejects calls and answers that do not match the specification.
    """
    path = directory / "specification.json"
    path.write_text(json.dumps(specification), encoding="utf-8")
    process = subprocess.Popen(  # noqa: S603
        [str(EXECUTABLE), *_what(path, before), "--host", "127.0.0.1", "--port", "0", "--errors"],
        env={"HOME": str(directory), "PATH": os.environ["PATH"], "NO_COLOR": "1", "FORCE_COLOR": "0"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    prism, is_listening = Prism(), threading.Event()
    reader = threading.Thread(target=_read, args=(process, prism, is_listening), daemon=True)
    reader.start()
    try:
        is_listening.wait(30)
        if not prism.url:
            raise RuntimeError("Prism did not start:\n" + "\n".join(prism.lines))
        yield prism
    finally:
        process.terminate()
        process.wait()
        reader.join()


def _what(path: Path, before: str | None) -> list[str]:
    return ["mock", str(path)] if before is None else ["proxy", str(path), before]


def _read(process: subprocess.Popen[str], prism: Prism, is_listening: threading.Event) -> None:
    assert process.stdout is not None
    with process.stdout as output:
        for line in output:
            with prism.news:
                prism.lines.append(line.rstrip())
                prism.news.notify_all()
            found = _LISTENING.search(line)
            if found:
                prism.url = found[1]
                is_listening.set()
    is_listening.set()
