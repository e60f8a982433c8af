"""Deploys by a release's step on the sandbox where there is no network, not even a way to one.

``python -m tests.release.offline RELEASE [DIRECTORY OF PYTHON3]``: takes itself into a network namespace that has
nothing but loopback, and writes what a user would see. The exit status tells whether the step was green.
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.harness import Runner
from tests.harness.action import Action
from tests.harness.sandbox import running_sandbox

_INSIDE = "--inside"
_UNSHARE = ("unshare", "--net")
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 1


def main(arguments: list[str]) -> int:
    if arguments[0] != _INSIDE:
        # A user who may not make a network namespace may make one as the root of a user namespace.
        may = subprocess.run([*_UNSHARE, "true"], check=False, capture_output=True).returncode == 0  # noqa: S603
        options = () if may else ("--map-root-user",)
        os.execvp(_UNSHARE[0], [*_UNSHARE, *options, sys.executable, "-m", __spec__.name, _INSIDE, *arguments])  # noqa: S606
    release, python = Path(arguments[1]), arguments[2:] or [str(Path(sys.executable).parent)]
    _raise_loopback()
    _assert_no_network()
    with tempfile.TemporaryDirectory() as directory, running_sandbox("happy", speed=20) as sandbox:
        runner = Runner(
            directory=Path(directory),
            action=Action.from_directory(release),
            search_path=os.pathsep.join([*python, "/usr/bin", "/bin"]),
        )
        result = runner.run(sandbox.inputs())
        kept = list(Path(directory).rglob("qovery-helm-deploy"))
    sys.stdout.write(f"{result.raw_log}\n{dict(result.outputs)}\nkept: {kept}\n")
    return result.exit_code


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
    sys.exit(main(sys.argv[1:]))
