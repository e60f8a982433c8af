"""Runs the action against the sandbox, in-process and on virtual time, and keeps what both say of it."""

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
    """Keeps what the job's log is given."""

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
    """Something goes wrong in the action that nobody thought of."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """What came of a run: the action's reports and log beside the sandbox's truth.

    `took` is in virtual seconds; `fates` tell what truly became of what the sandbox accepted from the action.
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
    def ours(self) -> list[Entry]:
        """What the sandbox accepted from the action."""
        return [entry for entry in self.entries if entry.via_http]

    def requests_that_count(self, service_id: str) -> list[Entry]:
        """List what the sandbox accepted for a service, but what did nothing.

        A request whose answer was lost may have found no difference, or may since have been taken out of the queue, or
        that may have befallen the one that it was merged into.
        """
        nothing = {"CANCELED", "UNCHANGED"}
        asked = self._asked_for(service_id)
        return [entry for entry, fate in asked if fate.began_at is not None or fate.final_state not in nothing]

    def ends_of(self, service_id: str) -> list[str | None]:
        """How what the action asked for a service truly ended; a merged request's end is that of the one it became."""
        return [
            fate.final_states.get(service_id, "UNCHANGED") if fate.final_states else fate.final_state
            for _, fate in self._asked_for(service_id)
        ]

    def _asked_for(self, service_id: str) -> list[tuple[Entry, Entry]]:
        asked = zip(self.ours, self.fates, strict=True)
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
    """Deploy with the inputs given; `arrange` sets the sandbox up, `interrupt_at` are the virtual seconds of signals.

    `attempt` counts the job's runs. With `settle`, the sandbox goes on for so many seconds before its ledger is read.
    A defect of the action raises `RuntimeError`, unless it is a `DefectOnPurposeError`.
    """
    step = {"helm_id": HELM_ID, "token": TOKEN, "api_url": API_URL, "logs": "none", **(given or {}), **inputs}
    environment = {f"INPUT_{name.upper()}": text for name, text in step.items()}
    parsed = Inputs.from_environment({**environment, "GITHUB_RUN_ATTEMPT": f"{attempt}"})
    # Which of several tasks goes first trio leaves to chance; here it is the seed's.
    scheduler._r.seed(seed)  # noqa: SLF001 - trio lets Hypothesis seed it, and nobody else
    main = partial(_run, parsed, arrange=arrange, interrupt_at=tuple(interrupt_at), settle=settle, seed=seed)
    case: Case = anyio.run(main, backend="trio", backend_options={"clock": MockClock(autojump_threshold=0)})
    told = "".join(case.log.quoted)
    if "Traceback (most recent call last)" in told and DefectOnPurposeError.__name__ not in told:
        raise RuntimeError(told)
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
