"""``make e2e``: runs the workflows in a network that reaches only this machine."""

import subprocess
import sys

from tests.harness import dependencies, network
from tests.harness.action import ROOT

# More processes than processors, because jobs mostly wait for their deployments.
_PYTEST = (sys.executable, "-m", "pytest", "--quiet", "--numprocesses", "4", str(ROOT / "tests" / "act"))


def main() -> int:
    try:
        dependencies.install()
    except dependencies.DependenciesError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    has_left = network.leave()
    sys.stdout.write(f"→ {'no network but loopback' if has_left else 'with the network: here, none may leave it'}\n")
    sys.stdout.flush()
    return subprocess.call([*_PYTEST, *sys.argv[1:]])  # noqa: S603


if __name__ == "__main__":
    sys.exit(main())
