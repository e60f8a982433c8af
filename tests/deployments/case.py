"""Runs the action against the sandbox, in-process and on virtual time, and returns what both report."""

from __future__ import annotations

import contextlib
import random
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import anyio
import httpx
from pydantic import SecretStr
from trio._core import _run as scheduler
from trio.testing import MockClock

from qovery_helm_deploy import action
from qovery_helm_deploy.inputs import Inputs
from qovery_helm_deploy.qovery.budget import RateBudget
from qovery_helm_deploy.qovery.client import Client, Gateway
from qovery_helm_deploy.qovery.transport import Transport
from qovery_helm_deploy.redaction import Redactor
from qovery_helm_deploy.run.narration import report_trouble
from qovery_sandbox.app import create_app
from qovery_sandbox.faults import Faults
from qovery_sandbox.ids import HELM_ID
from qovery_sandbox.transport import SandboxTransport
from qovery_sandbox.world import World
from tests.gateway import SandboxGateway

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from qovery_helm_deploy.deployment.report import Report
    from qovery_sandbox.ledger import Entry

TOKEN = "sandbox-token"  # noqa: S105
API_URL = "https://api.qovery.test"


@dataclass
class RecordingLog:
    """Records everything that the action logs."""

    lines: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    quoted: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        self.lines.append(text)

    def debug(self, text: str) -> None:
        pass

    def warn(self, text: str, *, title: str) -> None:
        self.warnings.append(f"{title}: {text}")

    def fail(self, text: str, *, title: str) -> None:
        self.errors.append(f"{title}: {text}")

    @contextlib.contextmanager
    def group(self, title: str) -> Iterator[None]:
        self.lines.append(title)
        yield

    def quote(self, lines: Iterable[str]) -> None:
        self.quoted.extend(lines)


class DefectOnPurposeError(Exception):
    """A defect of the action, raised by a test."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A finished run: the reports and the log of the action, and the ledger of the sandbox.

    `took` is in virtual seconds; `fates` are the fates of `requests`, in the same order.
    """

    reports: tuple[Report, ...]
    log: RecordingLog
    world: World
    strays: list[httpx.Request]
    sent: list[httpx.Request]
    took: float
    entries: list[Entry]
    fates: list[Entry]

    @property
    def report(self) -> Report:
        return self.reports[0]

    @property
    def outcome(self) -> str:
        return self.report.verdict.outcome.value

    @property
    def requests(self) -> list[Entry]:
        """The deployment requests that the sandbox accepted from the action."""
        return [entry for entry in self.entries if entry.via_http]

    def requests_that_count(self, service_id: str) -> list[Entry]:
        """Return the accepted requests for a service, without those that deployed nothing.

        A request deploys nothing if it finds no difference, or if it, or the request it was merged into, is removed
        from the queue.
        """
        nothing = {"CANCELED", "UNCHANGED"}
        asked = self._asked_for(service_id)
        return [entry for entry, fate in asked if fate.began_at is not None or fate.final_state not in nothing]

    def ends_of(self, service_id: str) -> list[str | None]:
        """Return the true final states of the requests for a service; a merged request has that of its survivor."""
        return [
            fate.final_states.get(service_id, "UNCHANGED") if fate.final_states else fate.final_state
            for _, fate in self._asked_for(service_id)
        ]

    def _asked_for(self, service_id: str) -> list[tuple[Entry, Entry]]:
        asked = zip(self.requests, self.fates, strict=True)
        return [(entry, fate) for entry, fate in asked if service_id in entry.service_ids]


def run_case(
    given: Mapping[str, str] | None = None,
    *,
    arrange: Callable[[World, Faults], object] = lambda _world, _faults: None,
    interrupt_at: Iterable[float] = (),
    settle: float = 0.0,
    seed: int = 0,
    attempt: int = 1,
    **inputs: str,
) -> Case:
    """Deploy with these inputs; `arrange` prepares the sandbox, `interrupt_at` are the virtual seconds of signals.

    `attempt` is the number of the job's attempt. The ledger is read `settle` seconds after the end of the run.
    A defect of the action raises `RuntimeError`, unless it is a `DefectOnPurposeError`.
    """
    step = {"helm_id": HELM_ID, "token": TOKEN, "api_url": API_URL, "logs": "none", **(given or {}), **inputs}
    environment = {f"INPUT_{name.upper()}": text for name, text in step.items()}
    parsed = Inputs.from_environment({**environment, "GITHUB_RUN_ATTEMPT": f"{attempt}"})
    # trio runs tasks in random order; the seed makes the order reproducible.
    scheduler._r.seed(seed)  # noqa: SLF001 - trio has a public way only for Hypothesis
    main = partial(_run, parsed, arrange=arrange, interrupt_at=tuple(interrupt_at), settle=settle, seed=seed)
    case: Case = anyio.run(main, backend="trio", backend_options={"clock": MockClock(autojump_threshold=0)})
    quoted = "".join(case.log.quoted)
    if "Traceback (most recent call last)" in quoted and DefectOnPurposeError.__name__ not in quoted:
        raise RuntimeError(quoted)
    return case


async def _run(
    inputs: Inputs,
    *,
    arrange: Callable[[World, Faults], object],
    interrupt_at: tuple[float, ...],
    settle: float,
    seed: int,
) -> Case:
    world, faults, log = World(anyio.current_time, seed=seed), Faults(seed=seed), RecordingLog()
    arrange(world, faults)
    carrier = SandboxTransport(create_app(world, faults), origin=inputs.api_url)
    interruption = action.Interruption()
    started = anyio.current_time()
    sent: list[httpx.Request] = []

    async def keep(request: httpx.Request) -> None:
        sent.append(request)

    async with (
        httpx.AsyncClient(
            transport=carrier, base_url=inputs.api_url, timeout=httpx.Timeout(None), event_hooks={"request": [keep]}
        ) as http,
        anyio.create_task_group() as group,
    ):
        for at in interrupt_at:
            group.start_soon(_interrupt, interruption, at)
        client = _client(http, inputs, log, gateway=SandboxGateway(world=world), seed=seed)
        reports = await action.deploy(inputs, client=client, log=log, interruption=interruption)
        took = anyio.current_time() - started
        group.cancel_scope.cancel()
    await anyio.sleep(settle)
    return Case(
        reports=reports,
        log=log,
        world=world,
        strays=carrier.misdirected,
        sent=sent,
        took=took,
        entries=world.ledger.entries(),
        fates=[world.ledger.fate(entry.request_id) for entry in world.ledger.via_http()],
    )


async def _interrupt(interruption: action.Interruption, at: float) -> None:
    await anyio.sleep(at)
    interruption.interrupt()


def _client(http: httpx.AsyncClient, inputs: Inputs, log: RecordingLog, *, gateway: Gateway, seed: int) -> Client:
    transport = Transport(
        http,
        token=inputs.token,
        budget=RateBudget(),
        random=random.Random(seed),  # noqa: S311
        on_trouble=partial(report_trouble, log),
        redact=Redactor(SecretStr(TOKEN)),
    )
    return Client(transport, gateway=gateway, seconds_at_start=min(inputs.timeout, 300.0))
