"""The entry point: reads the environment, connects the parts, and returns the exit status."""

from __future__ import annotations

import gc
import io
import os
import random
import signal
import sys
import traceback
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

import anyio
from pydantic import SecretStr

from qovery_helm_deploy import action
from qovery_helm_deploy.errors import ActionError, DefectError, InputsError, RunnerError
from qovery_helm_deploy.inputs import Inputs, notes_on
from qovery_helm_deploy.qovery.budget import RateBudget
from qovery_helm_deploy.qovery.client import Client
from qovery_helm_deploy.qovery.connection import Network
from qovery_helm_deploy.qovery.gateway import Gateway
from qovery_helm_deploy.qovery.transport import Transport
from qovery_helm_deploy.redaction import Redactor
from qovery_helm_deploy.run.narration import report_trouble
from qovery_helm_deploy.runner.console import Console, mask
from qovery_helm_deploy.runner.outputs import check_outputs

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx
    from anyio.abc import TaskStatus

    from qovery_helm_deploy.runner.reporting import Reporting

#: The modules that the first request does not need; they import all others.
_LATER = tuple(f"qovery_helm_deploy.{module}" for module in ("qovery.states", "run.deployments", "runner.reporting"))
#: Seconds for which calls before the request are retried.
_LONGEST_START = 300.0


def main(environment: Mapping[str, str]) -> int:
    """Run the step and return its exit status: 0 if every service's outcome is green, else 1."""
    # The launcher turned the garbage collector off; what is loaded by now needs no collection.
    gc.freeze()
    gc.enable()
    if isinstance(sys.stdout, io.TextIOWrapper):
        # The runner reads UTF-8, whatever the machine's own encoding is.
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    token = SecretStr(environment.get("INPUT_TOKEN", "").strip())
    mask(token.get_secret_value())
    redact = Redactor(token)
    console = Console(redact=redact)
    try:
        inputs = Inputs.from_environment(environment)
        check_outputs()
        for note in notes_on(inputs, environment):
            console.say(note)
        network = Network(environment, warn=partial(console.warn, title="Setting ignored"))
        return anyio.run(partial(_deploy, inputs, network=network, console=console, redact=redact))
    except InputsError as error:
        return _reporting(console, redact).report_problems(error)
    except RunnerError as error:
        return _reporting(console, redact).report_unwritable(error)
    except ActionError as error:
        return _reporting(console, redact).report_failure(error)
    except Exception as error:  # noqa: BLE001 - a defect must end as a red step with outputs and a cause
        console.quote(traceback.format_exception(error))
        return _reporting(console, redact).report_failure(DefectError(error))


async def _deploy(inputs: Inputs, *, network: Network, console: Console, redact: Redactor) -> int:
    interruption = action.Interruption()
    async with network.connect(inputs.api_url) as http, anyio.create_task_group() as group:
        http.event_hooks["request"].append(_import_while_waiting)
        await group.start(_watch_signals, interruption, console)
        transport = Transport(
            http,
            token=inputs.token,
            budget=RateBudget(),
            random=random.Random(),  # noqa: S311 - for jitter
            on_trouble=partial(report_trouble, console),
            redact=redact,
        )
        gateway = Gateway(inputs.api_url, token=inputs.token, network=network)
        client = Client(transport, gateway=gateway, seconds_at_start=min(inputs.timeout, _LONGEST_START))
        reports = await action.deploy(inputs, client=client, log=console, interruption=interruption)
        status = _reporting(console, redact).report(reports, requests=transport.budget.requests)
        group.cancel_scope.cancel()
    return status


async def _import_while_waiting(request: httpx.Request) -> None:
    """Import what the first request does not need, once that is sent."""

    async def trace(event: str, _info: object) -> None:
        if event == "http11.receive_response_headers.started":
            for module in _LATER:
                import_module(module)

    if not all(module in sys.modules for module in _LATER):
        request.extensions["trace"] = trace


def _reporting(console: Console, redact: Redactor) -> Reporting:
    from qovery_helm_deploy.runner.reporting import Reporting  # noqa: PLC0415

    return Reporting(console, redact=redact)


async def _watch_signals(interruption: action.Interruption, console: Console, *, task_status: TaskStatus[None]) -> None:
    if sys.platform == "win32":  # asyncio has no signals there: whoever cancels the workflow ends the process
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        task_status.started()
        return
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        task_status.started()
        async for number in signals:
            console.say(f"The job is being canceled ({number.name})")
            interruption.interrupt()


if __name__ == "__main__":
    sys.exit(main(dict(os.environ)))
