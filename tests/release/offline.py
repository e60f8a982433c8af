"""Runs a release's step against the sandbox where there is no network: to be started by `unshare --net`."""

from __future__ import annotations

import fcntl
import json
import socket
import struct
import sys
import tempfile
from pathlib import Path

from tests.harness import Runner
from tests.harness.action import Action
from tests.harness.sandbox import running_sandbox

_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 1


def main(release: str, python: str) -> None:
    """Write what a user would see of the step as JSON; `python` is the directory of the job's python3."""
    _raise_loopback()
    _assert_no_network()
    with tempfile.TemporaryDirectory() as directory, running_sandbox("happy", speed=20) as sandbox:
        runner = Runner(
            directory=Path(directory),
            action=Action.from_directory(Path(release)),
            search_path=f"{python}:/usr/bin:/bin",
        )
        result = runner.run(sandbox.inputs())
        kept = [path.name for path in Path(directory).rglob("qovery-helm-deploy")]
    sys.stdout.write(
        json.dumps({"log": result.log, "outputs": dict(result.outputs), "exit": result.exit_code, "kept": kept})
    )


def _raise_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(any_socket, _GET_FLAGS, request))[1]
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sh14x", b"lo", flags | _UP))


def _assert_no_network() -> None:
    names = [name for _, name in socket.if_nameindex()]
    if names != ["lo"]:
        raise RuntimeError(f"there is a network: {names}")


if __name__ == "__main__":
    main(*sys.argv[1:])
