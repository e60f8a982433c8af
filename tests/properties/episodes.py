"""Draws episodes: a Qovery that could be, other people's doings, faults of the network, signals."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from qovery_sandbox.answers import Answer, json_error
from qovery_sandbox.connection import Drop
from qovery_sandbox.crowd import crowd_ids, populate
from qovery_sandbox.dialect import Dialect
from qovery_sandbox.faults import When
from qovery_sandbox.identity import CI_USER, HELM_ID
from qovery_sandbox.outages import AnswerLost, CutOff, Dripping, Dropped, Hang, Late
from qovery_sandbox.plans import deployment
from qovery_sandbox.request import Versions
from tests.deployments.case import Case, run_case

if TYPE_CHECKING:
    from qovery_sandbox.faults import Fault, Faults
    from qovery_sandbox.request import Origin
    from qovery_sandbox.world import World

#: Seconds from an episode's beginning within which our request is made, when all goes well.
_A_MOMENT = 2.0
#: Services of the environment; the last of them no step deploys.
_SERVICES = 5
BYSTANDER_ID = crowd_ids(_SERVICES)[-1]
ENDS = ("DEPLOYED", "DEPLOYMENT_ERROR", "BUILD_ERROR")
OTHERS: tuple[tuple[str, Origin], ...] = (
    ("alice@example.com", "CONSOLE"),
    ("bob@example.com", "GIT"),
    ("other-bot", "API"),
    (CI_USER, "API"),
    ("eve@example.com", "CLI"),
)


@dataclass(frozen=True, kw_only=True)
class Doing:
    """What somebody else does at a time, in seconds."""

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

    def _deploy(self, world: World) -> None:
        versions = Versions(chart_version=self.version) if self.version else None
        plan = deployment(self.seconds, end=self.end)
        world.deploy(self.service_id, user=self.user, origin=self.origin, versions=versions, plan=plan)

    def _stop(self, world: World) -> None:
        world.stop(self.service_id, user=self.user)

    def _restart(self, world: World) -> None:
        world.restart(self.service_id, user=self.user)

    def _delete(self, world: World) -> None:
        world.delete(self.service_id, user=self.user)

    def _cancel_running(self, world: World) -> None:
        world.cancel_running()

    def _cancel_ours(self, world: World) -> None:
        for entry in world.ledger.via_http():
            world.cancel_request(world.ledger.fate(entry.request_id).request_id)


@dataclass(frozen=True, kw_only=True)
class Episode:
    dialect: Dialect
    seconds: float
    end: str | None
    doings: tuple[Doing, ...]
    faults: tuple[tuple[When, Fault], ...]
    interrupts: tuple[float, ...]
    inputs: tuple[tuple[str, str], ...]
    has_difference: bool
    seed: int
    companions: tuple[str, ...] = ()

    @property
    def is_undecidable(self) -> bool:
        """Whether nothing that Qovery tells sets our request apart from another's.

        So it is when no id is answered, or no answer arrives, or ours leaves the queue without a trace, while somebody
        else deploys the same through the API, or through what Qovery does not tell.
        """
        like_ours = [
            doing.at
            for doing in self.doings
            if doing.kind == "deploy" and (doing.origin == "API" or not self.dialect.history_origin)
        ]
        is_answer_lost = any(when.method == "POST" for when, _ in self.faults)
        is_for_differences = dict(self.inputs).get("force_event") == "DIFF" and not self.has_difference
        is_taken_out = any(doing.kind == "cancel_ours" for doing in self.doings)
        is_anonymous = self.dialect.accepted_id == "null" and any(at < _A_MOMENT for at in like_ours)
        return is_anonymous or bool(like_ours and (is_answer_lost or is_for_differences or is_taken_out))

    def arrange(self, world: World, faults: Faults) -> None:
        world.dialect = self.dialect
        populate(world, count=_SERVICES, plan=deployment(self.seconds))
        for service_id, end in zip(self.service_ids[1:], self.companions, strict=True):
            world.services[service_id].plan = deployment(self.seconds, end=end)
        world.services[HELM_ID].plan = deployment(self.seconds, end=self.end)
        world.services[HELM_ID].has_difference = self.has_difference
        for doing in self.doings:
            world.at(doing.at, partial(doing.happen, world))
        for when, fault in self.faults:
            faults.add(when, fault)

    @property
    def service_ids(self) -> list[str]:
        """What is deployed: the service, and as many companions as there are ends of theirs."""
        return crowd_ids(1 + len(self.companions))

    @property
    def deadline(self) -> float:
        """The latest second by which all times allowed are over: before the acceptance, in the queue, after it."""
        seconds = {"40s": 40.0, "60s": 60.0, "3m": 180.0, "5m": 300.0, "10m": 600.0}
        given = dict(self.inputs)
        return 2 * seconds[given["timeout"]] + seconds.get(given.get("queue_timeout", ""), 0.0)

    @property
    def cancels(self) -> bool:
        return dict(self.inputs).get("cancel_on_interrupt") != "false"

    def has_canceled_another(self, case: Case) -> bool:
        """Whether the action canceled what was not its own, although something showed that its own was over."""
        is_shown = not (self.dialect.status_lag and self.dialect.history_lag)
        return is_shown and any(entry.canceled_by == CI_USER and entry not in case.fates for entry in case.entries)

    def are_versions_kept(self, case: Case) -> bool:
        """Whether what was deployed is what was asked for, as far as this Qovery tells versions at all."""
        asked = dict(self.inputs).get("chart_version")
        deployed = [versions.chart_version for fate in case.fates for versions in fate.deployed.values()]
        return asked is None or not self.dialect.history_versions or deployed == [asked]

    def run(self) -> Case:
        return run_case(
            {**dict(self.inputs), "helm_id": "\n".join(self.service_ids)},
            arrange=self.arrange,
            interrupt_at=self.interrupts,
            settle=600,
            seed=self.seed,
        )


def dialects(*, lag: float = 8.0) -> st.SearchStrategy[Dialect]:
    """Draw a Qovery. Where a request is slow to begin, its status says so at once: nothing else tells it from none."""
    return st.builds(_slow_to_begin, _quick_dialects(lag=lag), st.sampled_from([0.0, 0.0, 0.0, 5.0, 20.0]))


def _slow_to_begin(dialect: Dialect, seconds: float) -> Dialect:
    if not seconds:
        return dialect
    return replace(dialect, pickup_delay=seconds, status_lag=0.0, queued_state="QUEUED")


def _quick_dialects(*, lag: float) -> st.SearchStrategy[Dialect]:
    lags = st.sampled_from([0.0, 0.0, 1.0, 3.0, lag])
    return st.builds(
        Dialect,
        accepted_id=st.sampled_from(["own", "own", "null"]),
        accepted_body=st.sampled_from(["fresh", "previous"]),
        id_while_queued=st.sampled_from(["own", "at_rest", "null"]),
        id_while_running=st.sampled_from(["stays", "null", "next"]),
        id_after_end=st.sampled_from(["stays", "null", "next"]),
        queued_state=st.sampled_from(["DEPLOYMENT_QUEUED", "QUEUED", "previous"]),
        status_lag=lags,
        queue_lag=st.sampled_from([0.0, 0.0, 0.0, 1.0]),
        history_lag=lags,
        dispatch_delay=st.sampled_from([0.0, 0.0, 2.0]),
        merges=st.sampled_from(["service", "environment"]),
        merge_survivor=st.sampled_from(["older", "newer"]),
        merged_id_in_answer=st.sampled_from(["own", "survivor"]),
        execution_ids=st.sampled_from([True, True, True, False]),
        dates=st.booleans(),
        history_origin=st.booleans(),
        history_versions=st.booleans(),
        history_lists_running=st.booleans(),
        history_created_at=st.sampled_from(["began", "accepted"]),
        queue_endpoint=st.sampled_from([True, True, True, True, False]),
        history_endpoint=st.sampled_from([True, True, True, True, False]),
        deleted_vanishes=st.booleans(),
        gateway=st.sampled_from(["entry", "array", "silent", "nonsense", "ends", "absent"]),
    )


def doings() -> st.SearchStrategy[Doing]:
    kinds = ["deploy", "deploy", "deploy", "stop", "restart", "delete", "cancel_running", "cancel_ours"]
    return st.builds(
        lambda who, **rest: Doing(user=who[0], origin=who[1], **rest),
        who=st.sampled_from(OTHERS),
        at=st.floats(0, 90).map(lambda at: round(at, 1)),
        kind=st.sampled_from(kinds),
        seconds=st.sampled_from([0.5, 2.0, 8.0, 30.0]),
        end=st.sampled_from(ENDS),
        version=st.sampled_from([None, None, "2.0.0", "1.5.0"]),
    )


def faults() -> st.SearchStrategy[tuple[When, Fault]]:
    posts: st.SearchStrategy[Fault] = st.sampled_from(
        [
            Dropped(Drop.REFUSED),
            Dropped(Drop.RESET),
            AnswerLost(),
            AnswerLost(Dropped(Drop.CLOSED)),
            AnswerLost(Hang()),
            Hang(),
            CutOff(),
            Late(before=5),
            Late(after=5),
        ]
    )
    reads: st.SearchStrategy[Fault] = st.sampled_from(
        [Dropped(Drop.RESET), Hang(), CutOff(), Dripping(interval=1, is_endless=True), Late(after=3)]
    )
    deploy = st.builds(
        lambda fault, nth: (When(method="POST", path="/helm/{helmId}/deploy", nth=nth), fault),
        posts,
        st.sampled_from([frozenset({1}), frozenset({1, 2})]),
    )
    reading = st.builds(
        lambda fault, since, length: (When(method="GET", since=since, until=since + length, probability=0.7), fault),
        reads,
        st.floats(0, 60).map(round),
        st.sampled_from([3.0, 20.0, 400.0]),
    )
    return st.one_of(deploy, reading)


def inputs(*, timeouts: tuple[str, ...] = ("40s", "3m", "10m")) -> st.SearchStrategy[tuple[tuple[str, str], ...]]:
    return st.fixed_dictionaries(
        {"timeout": st.sampled_from(timeouts)},
        optional={
            "chart_version": st.sampled_from(["1.5.0"]),
            "force_event": st.just("DIFF"),
            "queue_timeout": st.sampled_from(["60s", "5m"]),
            "poll_interval": st.sampled_from(["2s", "7s"]),
            "logs": st.sampled_from(["failure", "live"]),
            "cancel_on_timeout": st.just("true"),
            "cancel_on_interrupt": st.just("false"),
        },
    ).map(lambda chosen: tuple(chosen.items()))


def episodes() -> st.SearchStrategy[Episode]:
    """Draw anything at all, but what cannot be decided."""
    signals = st.lists(st.floats(0, 100), min_size=1, max_size=2).map(tuple)
    return episodes_with(
        doings=st.lists(doings(), max_size=4).map(tuple),
        faults=st.lists(faults(), max_size=2).map(tuple),
        interrupts=st.one_of(st.just(()), st.just(()), signals),
    ).filter(lambda episode: not episode.is_undecidable)


def benign_episodes() -> st.SearchStrategy[Episode]:
    """Draw deployments beside which nothing happens, with time enough, on any Qovery that tells what decides."""
    told = dialects().map(lambda dialect: replace(dialect, queue_endpoint=True, history_endpoint=True))
    return episodes_with(dialect=told, inputs=inputs(timeouts=("10m",)))


def rival_episodes() -> st.SearchStrategy[Episode]:
    """Draw deployments that fail beside others of the same service that succeed, around the moment of our request."""
    rival = st.builds(replace, doings(), kind=st.just("deploy"), at=st.sampled_from([0.0, 0.0, 0.5, 2.0]))
    return episodes_with(
        end=st.sampled_from(["DEPLOYMENT_ERROR", "BUILD_ERROR"]),
        doings=st.lists(st.builds(replace, rival, end=st.just("DEPLOYED")), min_size=1, max_size=3).map(tuple),
        has_difference=st.sampled_from([True]),
    ).filter(lambda episode: not episode.is_undecidable)


def crowded_episodes() -> st.SearchStrategy[Episode]:
    """Draw deployments of several services by one step, while others deploy one or the other of them, too."""
    others = st.builds(replace, doings(), service_id=st.sampled_from(crowd_ids(2)))
    return episodes_with(
        doings=st.lists(others, max_size=3).map(tuple),
        faults=st.lists(st.one_of(faults(), environment_faults()), max_size=2).map(tuple),
        companions=st.lists(st.sampled_from(ENDS), min_size=1, max_size=3).map(tuple),
    ).filter(lambda episode: not episode.is_undecidable)


def crowded_rival_episodes() -> st.SearchStrategy[Episode]:
    """Draw deployments of several services that fail, or mostly so, while others deploy the same ones with success."""
    services = crowd_ids(2)
    rival = st.builds(
        replace,
        doings(),
        kind=st.just("deploy"),
        at=st.sampled_from([0.0, 0.0, 0.5, 2.0, 5.0, 15.0, 26.0]),
        end=st.just("DEPLOYED"),
        service_id=st.sampled_from(services),
    )
    return episodes_with(
        seconds=st.sampled_from([6.0, 25.0, 40.0, 70.0]),
        end=st.sampled_from(["DEPLOYMENT_ERROR", "BUILD_ERROR"]),
        doings=st.lists(rival, min_size=1, max_size=3).map(tuple),
        faults=st.lists(environment_faults(), max_size=1).map(tuple),
        companions=st.lists(
            st.sampled_from(["DEPLOYMENT_ERROR", "DEPLOYMENT_ERROR", "DEPLOYED"]), min_size=1, max_size=3
        ).map(tuple),
        has_difference=st.just(True),  # noqa: FBT003
    ).filter(lambda episode: not episode.is_undecidable)


def environment_faults() -> st.SearchStrategy[tuple[When, Fault]]:
    """Draw what may go wrong with the calls that tell of all services of an environment at once."""
    calls = st.sampled_from(["helm", "helm/status", "deploymentQueue"])
    wrong: st.SearchStrategy[Fault] = st.sampled_from(
        [json_error(403), json_error(500), Answer(200, '{"results": []}'), Answer(200, "[]"), Hang(), Late(after=3)]
    )
    return st.builds(
        lambda call, fault, since: (When(path=f"/environment/{{environmentId}}/{call}", since=since), fault),
        calls,
        wrong,
        st.sampled_from([0.0, 0.0, 10.0]),
    )


def overtaken_episodes() -> st.SearchStrategy[Episode]:
    """Draw deployments that fail behind one that slips in between the last look before our request and its acceptance.

    It succeeds, may be like ours in all that Qovery tells, and takes so long that ours is seen waiting meanwhile.
    """
    rival = st.builds(
        replace, doings(), kind=st.just("deploy"), at=st.just(0.5), end=st.just("DEPLOYED"), seconds=st.just(30.0)
    )
    late = (When(method="POST", path="/helm/{helmId}/deploy", nth={1}), Late(before=2))
    return episodes_with(
        end=st.sampled_from(["DEPLOYMENT_ERROR", "BUILD_ERROR"]),
        doings=st.tuples(rival),
        faults=st.just((late,)),
        has_difference=st.just(True),  # noqa: FBT003
    )


def interrupted_episodes() -> st.SearchStrategy[Episode]:
    """Draw deployments that are interrupted at some moment, among others, behind a network that may hang."""
    return episodes_with(
        doings=st.lists(doings(), max_size=2).map(tuple),
        faults=st.lists(faults(), max_size=1).map(tuple),
        interrupts=st.lists(st.floats(0, 60), min_size=1, max_size=1).map(tuple),
    ).filter(lambda episode: not episode.is_undecidable)


def episodes_with(**parts: st.SearchStrategy[object]) -> st.SearchStrategy[Episode]:
    """Draw the parts given so, and of the others what they usually are: nobody and nothing interferes."""
    chosen: dict[str, st.SearchStrategy[object]] = {
        "dialect": dialects(),
        "seconds": st.sampled_from([1.0, 6.0, 25.0, 70.0]),
        "end": st.sampled_from([*ENDS, None]),
        "doings": st.just(()),
        "faults": st.just(()),
        "interrupts": st.just(()),
        "inputs": inputs(),
        "has_difference": st.sampled_from([True, True, False]),
        "seed": st.integers(0, 2**16),
    }
    return st.builds(Episode, **{**chosen, **parts})
