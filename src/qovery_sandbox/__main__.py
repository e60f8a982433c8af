"""The command line of the sandbox."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from qovery_sandbox.ids import GIT_HELM_ID, HELM_ID, TOKEN
from qovery_sandbox.scenarios import SCENARIOS, arrange, parse_names
from qovery_sandbox.server import listen, realtime_world, serve, url_of

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterable, Sequence

_LAST_PORT = 65_535
_WIDTH = max(map(len, SCENARIOS))


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parse(arguments)
    if options.list:
        _print_lines(f"{name:{_WIDTH}}  {scenario.description}" for name, scenario in SCENARIOS.items())
        return 0
    world = arrange(realtime_world(speed=options.speed), *options.scenario)
    try:
        listener = listen(host=options.host, port=options.port)
    except OSError as error:
        where = f"{options.host}:{options.port}"
        sys.stderr.write(f"Cannot listen on {where}: {error.strerror}. Use --port 0 for any free port.\n")
        return 1
    with listener:
        serve(world, listener, on_ready=lambda: _announce(listener, options.scenario))
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m qovery_sandbox",
        description="A simulated Qovery: its API for helm deployments, on this machine and without an account.",
    )
    parser.add_argument(
        "--scenario",
        action="append",
        metavar="NAME",
        help="what happens to each deployment (default: happy). Repeat the option or join names with + to combine them",
    )
    parser.add_argument("--list", action="store_true", help="list the scenarios and exit")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument(
        "--port", type=_port, default=8080, help="port to listen on; 0 for any free port (default: %(default)s)"
    )
    parser.add_argument(
        "--speed", type=_positive, default=1.0, help="simulated seconds per real second (default: %(default)s)"
    )
    options = parser.parse_args(arguments)
    try:
        options.scenario = parse_names(options.scenario or ["happy"])
    except ValueError as error:
        parser.error(str(error))
    return options


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > _LAST_PORT:
        raise argparse.ArgumentTypeError(f"{text} is not a port number (0 to {_LAST_PORT})")
    return int(text)


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return number


def _announce(listener: socket.socket, names: Sequence[str]) -> None:
    _print_lines(
        (
            f"Qovery sandbox on {url_of(listener)} (scenario: {'+'.join(names)})",
            f"helm_id      {HELM_ID}  chart from a chart repository",
            f"helm_id      {GIT_HELM_ID}  chart from git",
            f"token        {TOKEN}",
        )
    )


def _print_lines(lines: Iterable[str]) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
