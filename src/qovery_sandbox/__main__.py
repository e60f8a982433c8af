"""Starts the sandbox from the command line."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from qovery_sandbox.ids import GIT_HELM_ID, HELM_ID, TOKEN
from qovery_sandbox.scenarios import SCENARIOS, arrange, names_from
from qovery_sandbox.server import listen, real_world, serve, url_of

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterable, Sequence

_WIDTH = max(map(len, SCENARIOS))


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parse(arguments)
    if options.list:
        _print_lines(f"{name:{_WIDTH}}  {scenario.description}" for name, scenario in SCENARIOS.items())
        return 0
    world = arrange(real_world(speed=options.speed), *options.scenario)
    try:
        listener = listen(host=options.host, port=options.port)
    except OSError as error:
        sys.stderr.write(f"{options.host}:{options.port} is not to be had: {error.strerror}. Try --port 0.\n")
        return 1
    with listener:
        serve(world, listener, on_ready=lambda: _announce(listener, options.scenario))
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m qovery_sandbox", description="A Qovery to run against.")
    parser.add_argument("--scenario", action="append", metavar="NAME", help="may be repeated or joined by +")
    parser.add_argument("--list", action="store_true", help="list the scenarios and leave")
    parser.add_argument("--host", default="127.0.0.1", help="where to listen (%(default)s)")
    parser.add_argument("--port", type=int, default=8080, help="0 takes a free one (%(default)s)")
    parser.add_argument("--speed", type=_positive, default=1.0, help="how many times as fast time passes (%(default)s)")
    options = parser.parse_args(arguments)
    try:
        options.scenario = names_from(options.scenario or ["happy"])
    except ValueError as error:
        parser.error(str(error))
    return options


def _positive(text: str) -> float:
    number = float(text)
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
