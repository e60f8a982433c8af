"""Runs the step of a release against the sandbox in a network that has only loopback.

``python -m tests.release.offline RELEASE DIRECTORY…`` puts the directories on the PATH, and writes what a user would
see. The exit status is that of the step.
"""

from __future__ import annotations

import os
import socket
import sys
import tempfile
from pathlib import Path

from tests.harness import Runner
from tests.harness.action import Action
from tests.harness.network import leave
from tests.harness.sandbox import running_sandbox


def main(release: str, *directories: str) -> int:
    if not leave() or [name for _, name in socket.if_nameindex()] != ["lo"]:
        sys.stderr.write("This machine permits only root to make a network namespace (unshare --user --net).\n")
        return 1
    with tempfile.TemporaryDirectory() as directory, running_sandbox("happy", speed=20) as sandbox:
        runner = Runner(
            directory=Path(directory),
            action=Action.from_directory(Path(release)),
            search_path=os.pathsep.join([*directories, "/usr/bin", "/bin"]),
        )
        result = runner.run(sandbox.inputs())
        kept = list(Path(directory).rglob("qovery-helm-deploy"))
    sys.stdout.write(f"{result.raw_log}\n{dict(result.outputs)}\nkept: {kept}\n")
    return result.exit_code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
