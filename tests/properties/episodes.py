"""Draws episodes: a dialect of Qovery, deployments of other users, faults of the network, and signals."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from qovery_helm_deploy.deployment.assumptions import LONGEST_LAG, QUEUE_LAG, USUAL_START
from qovery_sandbox.connection import Drop
from qovery_sandbox.deployments import Versions
from qovery_sandbox.dialect import Dialect
from qovery_sandbox.faults import AnswerLost, CutOff, Dripping, Dropped, Hang, Late, When, json_error
from qovery_sandbox.ids import CI_USER, HELM_ID
from qovery_sandbox.plans import deployment
from qovery_sandbox.services import numbered_service_ids
from tests.deployments.case import Case, run_case

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qovery_sandbox.deployments import Origin
    from qovery_sandbox.faults import Fault, Faults
    from qovery_sandbox.world import World

ENDS = ("DEPLOYED", "DEPLOYMENT_ERROR", "BUILD_ERROR")
#: Services of the environment; no step deploys the last one.
_SERVICES = 5
_BYSTANDER = numbered_service_ids(_SERVICES)[-1]
_OTHERS: tuple[tuple[str, Origin], ...] = (
    ("alice@example.com", "CONSOLE"),
    ("bob@example.com", "GIT"),
    ("other-bot", "API"),
    (CI_USER, "API"),
)


@dataclass(frozen=True, kw_only=True)
class Event:
    """What another user does at a time in seconds."""

    at: float
    kind: str
    user: str
    origin: Origin
    seconds: float
    end: str
    version: str | None
    service_id: str = HELM_ID

    def happen(self, world: World) -> None:
        getattr(self, f"_{self.kind}")(world)

    @property
    def is_similar(self) -> bool:
        return self.kind == "deploy" and self.origin == "API" and self.service_id != _BYSTANDER

    def _deploy(self, world: World) -> None:
        versions = Versions(chart_version=self.version) if self.version else None
        plan = deployment(self.seconds, end=self.end)
        world.deploy(self.service_id, user=self.user, origin=self.origin, versions=versions, plan=plan)

    def _stop(self, world: World) -> None:
        world.stop(self.service_id, user=self.user)

    def _restart(self, world: World) -> None:
        world.restart(self.service_id, user=self.user)

    def _cancel_running(self, world: World) -> None:
        world.cancel_running()

    def _remove_own(self, world: World) -> None:
        for entry in world.ledger.via_http():
            world.cancel_request(world.ledger.fate(entry.request_id).request_id)


@dataclass(frozen=True, kw_only=True)
class Episode:
    """A run of the action; `ends` are the final states of its services, of which there is at least one."""

    dialect: Dialect
    seconds: float
    ends: tuple[str | None, ...]
    events: tuple[Event, ...]
    faults: tuple[tuple[When, Fault], ...]
    interrupts: tuple[float, ...]
    inputs: tuple[tuple[str, str], ...]
    has_difference: bool
    seed: int

    @property
    def service_ids(self) -> list[str]:
        return numbered_service_ids(len(self.ends))

    @property
    def given(self) -> dict[str, str]:
        return dict(self.inputs)

    @property
    def has_two_coincidences(self) -> bool:
        """Return whether two coincidences may hide which execution belongs to our request.

        Each of these is one: an unseen deployment of the same service, a removed request, a lost answer, and a
        request that ran nothing.
        """
        similar = [event for event in self.events if event.is_similar]
        is_removed = any(event.kind == "remove_own" for event in self.events)
        is_lost = any(when.method == "POST" for when, _ in self.faults)
        is_skipped = "force_event" in self.given and not self.has_difference
        return len(similar) + is_removed + is_lost + is_skipped > 1

    def arrange(self, world: World, faults: Faults) -> None:
        world.dialect = self.dialect
        world.add_services(count=_SERVICES, plan=deployment(self.seconds))
        for service_id, end in zip(self.service_ids, self.ends, strict=True):
            world.services[service_id].plan = deployment(self.seconds, end=end)
        world.services[HELM_ID].has_difference = self.has_difference
        for event in self.events:
            world.at(event.at, partial(event.happen, world))
        for when, fault in self.faults:
            faults.add(when, fault)

    @property
    def deadline(self) -> float:
        """The second at which all timeouts are over: before the acceptance, in the queue, and after it."""
        seconds = {"40s": 40.0, "60s": 60.0, "3m": 180.0, "5m": 300.0, "10m": 600.0}
        return 2 * seconds[self.given["timeout"]] + seconds.get(self.given.get("queue_timeout", ""), 0.0)

    def has_canceled_another(self, case: Case) -> bool:
        """Return whether the action canceled a deployment with services that it did not request."""
        own = set(self.service_ids)
        return any(entry.canceled_by == CI_USER and not set(entry.service_ids) <= own for entry in case.entries)

    def run(self) -> Case:
        return run_case(
            {**self.given, "helm_id": "\n".join(self.service_ids)},
            arrange=self.arrange,
            interrupt_at=self.interrupts,
            settle=600,
            seed=self.seed,
        )


def dialects() -> st.SearchStrategy[Dialect]:
    """Draw a dialect within the assumptions of the engine, including their limits."""
    return st.builds(
        Dialect,
        accepted_id=st.sampled_from(["own", "own", "null"]),
        request_status=st.sampled_from(["request", "request", "environment"]),
        request_status_available=st.sampled_from(["always", "always", "queued", "never"]),
        request_status_refusal=st.sampled_from([0, 0, 0, 401, 403]),
        request_status_after_merge=st.sampled_from(["survivor", "404"]),
        request_status_lag=st.sampled_from([0.0, 0.0, 2.0, LONGEST_LAG]),
        status_lag=st.sampled_from([0.0, 0.0, LONGEST_LAG]),
        queue_lag=st.sampled_from([0.0, 0.0, 1.0, QUEUE_LAG]),
        history_lag=st.sampled_from([0.0, 0.0, 2.0, LONGEST_LAG]),
        dispatch_delay=st.sampled_from([0.0, 0.0, 2.0]),
        pickup_delay=st.sampled_from([0.0, 0.0, 1.0, USUAL_START]),
        queued_state=st.sampled_from(["DEPLOYMENT_QUEUED", "QUEUED", "previous"]),
        merges=st.sampled_from(["service", "environment"]),
        merge_survivor=st.sampled_from(["older", "newer"]),
        merged_id_in_answer=st.sampled_from(["own", "survivor"]),
        execution_numbers=st.sampled_from(["started", "started", "queued", "none"]),
        execution_id_form=st.sampled_from(["number", "timestamp"]),
        never_began=st.sampled_from(["READY", "QUEUED", "CANCELED"]),
        history_origin=st.booleans(),
        history_versions=st.booleans(),
        history_created_at=st.sampled_from(["began", "accepted"]),
        queue_endpoint=st.sampled_from([True, True, True, False]),
        history_endpoint=st.sampled_from([True, True, True, False]),
        gateway=st.sampled_from(["entry", "array", "silent", "nonsense", "ends", "absent"]),
    )


def events(*, kinds: Sequence[str], since: float = 0.0, until: float = 90.0) -> st.SearchStrategy[Event]:
    return st.builds(
        lambda who, **rest: Event(user=who[0], origin=who[1], **rest),
        who=st.sampled_from(_OTHERS),
        at=st.floats(since, until).map(lambda at: round(at, 1)),
        kind=st.sampled_from(kinds),
        seconds=st.sampled_from([2.0, 8.0, 30.0]),
        end=st.sampled_from(ENDS),
        version=st.sampled_from([None, None, "2.0.0", "1.5.0"]),
        service_id=st.sampled_from([HELM_ID, HELM_ID, _BYSTANDER]),
    )


def faults() -> st.SearchStrategy[tuple[When, Fault]]:
    posts: st.SearchStrategy[Fault] = st.sampled_from(
        [Dropped(Drop.REFUSED), Dropped(Drop.RESET), AnswerLost(), AnswerLost(Hang()), Hang(), CutOff(), Late(after=5)]
    )
    reads: st.SearchStrategy[Fault] = st.sampled_from(
        [Dropped(Drop.RESET), Hang(), CutOff(), Dripping(interval=1, is_endless=True), Late(after=3), json_error(503)]
    )
    deploy = st.builds(lambda fault: (When(method="POST", nth={1}), fault), posts)
    reading = st.builds(
        lambda fault, since, length: (When(method="GET", since=since, until=since + length, probability=0.7), fault),
        reads,
        st.integers(0, 60),
        st.sampled_from([3.0, 20.0]),
    )
    return st.one_of(deploy, reading)


def inputs(*, timeouts: tuple[str, ...] = ("40s", "3m", "10m")) -> st.SearchStrategy[tuple[tuple[str, str], ...]]:
    return st.fixed_dictionaries(
        {"timeout": st.sampled_from(timeouts)},
        optional={
            "chart_version": st.just("1.5.0"),
            "force_event": st.just("DIFF"),
            "queue_timeout": st.sampled_from(["60s", "5m"]),
            "poll_interval": st.sampled_from(["2s", "7s"]),
            "logs": st.sampled_from(["failure", "live"]),
            "cancel_on_timeout": st.just("true"),
            "cancel_on_interrupt": st.just("false"),
        },
    ).map(lambda chosen: tuple(chosen.items()))


def episodes(**parts: st.SearchStrategy[object]) -> st.SearchStrategy[Episode]:
    """Draw episodes from these parts; by default, nothing interferes."""
    chosen: dict[str, st.SearchStrategy[object]] = {
        "dialect": dialects(),
        "seconds": st.sampled_from([6.0, 25.0, 70.0]),
        "ends": st.tuples(st.sampled_from([*ENDS, None])),
        "events": st.just(()),
        "faults": st.just(()),
        "interrupts": st.just(()),
        "inputs": inputs(),
        "has_difference": st.sampled_from([True, True, False]),
        "seed": st.integers(0, 2**16),
    }
    return st.builds(Episode, **{**chosen, **parts})


def alone() -> st.SearchStrategy[Episode]:
    """Draw undisturbed deployments with a long timeout, and with a readable queue and history."""
    readable = dialects().map(lambda each: replace(each, queue_endpoint=True, history_endpoint=True))
    return episodes(dialect=readable, inputs=inputs(timeouts=("10m",)))


def disturbed() -> st.SearchStrategy[Episode]:
    """Draw deployments of one or several services, with deployments of other users, faults and signals."""
    kinds = ("deploy", "deploy", "deploy", "stop", "restart", "cancel_running", "remove_own")
    return episodes(
        ends=st.lists(st.sampled_from(ENDS), min_size=1, max_size=3).map(tuple),
        events=st.lists(events(kinds=kinds), max_size=3).map(tuple),
        faults=st.lists(faults(), max_size=2).map(tuple),
        interrupts=st.one_of(st.just(()), st.just(()), st.lists(st.floats(0, 60), min_size=1, max_size=1).map(tuple)),
    ).filter(lambda episode: not episode.has_two_coincidences)


def rivalled() -> st.SearchStrategy[Episode]:
    """Draw deployments that fail, and at about the same time a successful deployment of the same service."""
    rival = events(kinds=("deploy",), until=4.0).map(lambda event: replace(event, end="DEPLOYED", service_id=HELM_ID))
    late = (When(method="POST", path="/helm/{helmId}/deploy", nth={1}), Late(before=2))
    return episodes(
        ends=st.tuples(st.sampled_from(["DEPLOYMENT_ERROR", "BUILD_ERROR"])),
        events=st.tuples(rival),
        faults=st.sampled_from([(), (late,)]),
        has_difference=st.just(True),  # noqa: FBT003
    )
