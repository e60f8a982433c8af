"""Runs the sandbox as a separate process."""

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
_HELM_ID = re.compile(r"helm_id\W+([0-9a-f-]{36})")
_TOKEN = re.compile(r"token\W+(\S+)")


@dataclass(frozen=True, kw_only=True)
class Sandbox:
    url: str
    helm_id: str
    token: str
    # What the sandbox printed at its start.
    greeting: str

    def inputs(self, **others: str) -> dict[str, str]:
        return {"helm_id": self.helm_id, "token": self.token, "api_url": self.url, **others}


@contextmanager
def running_sandbox(scenario: str, *, speed: float) -> Iterator[Sandbox]:
    """Run the sandbox on a free port. Raises ValueError when it does not start."""
    arguments = ["--scenario", scenario, "--port", "0", "--speed", str(speed)]
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-u", "-m", "qovery_sandbox", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    assert process.stdout is not None
    with process.stdout as output:
        # Whatever it prints later must not fill the pipe and stop it.
        drain = threading.Thread(target=output.read, daemon=True)
        try:
            sandbox = _sandbox_from(output)
            drain.start()
            yield sandbox
        finally:
            process.terminate()
            process.wait()
            if drain.ident:
                drain.join()


def _sandbox_from(output: IO[str]) -> Sandbox:
    greeting = ""
    for line in output:
        greeting += line
        url, helm_id, token = (pattern.search(greeting) for pattern in (_ADDRESS, _HELM_ID, _TOKEN))
        if url and helm_id and token:
            return Sandbox(url=url[0], helm_id=helm_id[1], token=token[1], greeting=greeting)
    raise ValueError(f"The sandbox did not start:\n{greeting}")
