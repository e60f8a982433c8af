"""What a whole step costs the runner: processor time and memory, on a sandbox over real HTTP."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.memory import peak_of
from qovery_sandbox.ids import TOKEN
from qovery_sandbox.plans import deployment
from qovery_sandbox.server import RunningSandbox, realtime_world
from qovery_sandbox.services import numbered_service_ids
from qovery_sandbox.tokens import RateLimit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SPEED = 20.0
#: Seconds between two looks at the memory.
_EVERY = 0.02


@dataclass(frozen=True, kw_only=True)
class Cost:
    """`processor` seconds of the user's, and the `peak` memory in MiB."""

    processor: float
    peak: float


def cost_of(command: Sequence[str], environment: Mapping[str, str], *, services: int) -> Cost:
    """Run a step that deploys so many services; `{url}` in its environment is the sandbox's address."""
    world = realtime_world(speed=_SPEED)
    world.rate_limiter.limit = RateLimit(budget=100_000)
    world.add_services(count=services, plan=deployment(5))
    sandbox = RunningSandbox(world)
    with sandbox as url:
        process = subprocess.Popen(  # noqa: S603
            command,
            env={
                **{name: value.replace("{url}", url) for name, value in environment.items()},
                "INPUT_HELM_ID": "\n".join(numbered_service_ids(services)),
                "INPUT_TOKEN": TOKEN,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        peak = 0.0
        while not os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG):
            peak = peak_of(process.pid) or peak
            time.sleep(_EVERY)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{services} services: the step was red")
    return Cost(processor=usage.ru_utime, peak=peak)
