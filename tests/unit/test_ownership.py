from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from qovery_helm_deploy.deployment.claim import UNHEARD as UNHEARD_FOR
from qovery_helm_deploy.deployment.claim import Claim
from qovery_helm_deploy.deployment.evidence import Asked, Baseline, Execution, Identity, Look, QueuedRequest
from qovery_helm_deploy.deployment.ownership import (
    MISSING,
    NO_DIFFERENCE,
    Judgement,
    Standing,
    judge,
)
from qovery_helm_deploy.deployment.status import State, Status, Step

if TYPE_CHECKING:
    from collections.abc import Sequence

NOON = datetime(2026, 8, 3, 12, tzinfo=UTC)
US = Identity(triggered_by="ci", origin="API")
ALICE = Identity(triggered_by="alice", origin="CONSOLE")
NOBODY = Identity()
OURS, OTHERS = QueuedRequest(id="r-ours", by=US), QueuedRequest(id="r-alice", by=ALICE)
BEFORE = Execution(id="e-0", state=State.DEPLOYED, by=ALICE, created_at=NOON - timedelta(days=1))
REST = Status(state=State.DEPLOYED, execution_id="e-0")


def execution(
    name: str, state: State, *, by: Identity = US, after: float = 1.0, version: str | None = None
) -> Execution:
    created_at = NOON + timedelta(seconds=after)
    return Execution(id=name, state=state, by=by, created_at=created_at, chart_version=version)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A look in short: the status' state, execution and request, the queue, and what is new in history."""

    at: float
    state: State = State.DEPLOYED
    e: str | None = "e-0"
    r: str | None = None
    queue: tuple[QueuedRequest, ...] | None = ()
    new: tuple[Execution, ...] | None = ()
    age: float = 0.0
    siblings: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()
    is_another_running: bool = False

    @property
    def look(self) -> Look:
        return Look(
            at=self.at,
            status=Status(state=self.state, execution_id=self.e, request_id=self.r),
            queue=self.queue,
            history=None if self.new is None else (*self.new, BEFORE),
            taken_at=NOON + timedelta(seconds=self.at),
            age=self.age,
            siblings=self.siblings,
            beside=self.beside,
            is_another_running=self.is_another_running,
        )


def follow(
    *looks: Seen | Look, asked: Asked | None = None, accepted: Status | None = None, **baseline: object
) -> Judgement:
    before = replace(Baseline(status=REST, history=(BEFORE,), taken_at=NOON), **baseline)  # type: ignore[arg-type]
    answer = accepted or Status(state=State.DEPLOYMENT_QUEUED, request_id="r-ours")
    claim = Claim.from_acceptance(asked=asked or Asked(), baseline=before, accepted=answer)
    judgement = None
    for seen in looks:
        claim, judgement = judge(claim, seen.look if isinstance(seen, Seen) else seen)
    assert judgement is not None
    return judgement


NEVER_QUEUED = partial(Seen, e="e-1", r="r-ours", queue=None, new=(execution("e-1", State.DEPLOYED),))
UNHEARD = partial(Seen, e="e-1", r="r-ours", queue=None, new=None)
AT_REST = Seen(at=3)
OURS_BEFORE = QueuedRequest(id="r-older", by=US)
HEIR = QueuedRequest(id="r-heir", by=US)
DEPLOYING, DEPLOYED, ERROR = State.DEPLOYING, State.DEPLOYED, State.DEPLOYMENT_ERROR


@pytest.mark.parametrize(
    ("looks", "standing", "state"),
    [
        pytest.param([Seen(at=1)], Standing.UNCLEAR, DEPLOYED, id="the status lags: the last success is not ours"),
        pytest.param([Seen(at=1, r="r-ours")], Standing.UNCLEAR, DEPLOYED, id="also with our request id on it already"),
        pytest.param(
            [Seen(at=1, r="r-ours", queue=(OURS,))], Standing.WAITING, DEPLOYED, id="ours waits at the queue's word"
        ),
        pytest.param(
            [
                Seen(
                    at=1,
                    state=DEPLOYED,
                    e="e-1",
                    r="r-ours",
                    queue=(OURS,),
                    new=(execution("e-1", DEPLOYED, by=ALICE),),
                )
            ],
            Standing.WAITING,
            DEPLOYED,
            id="our id beside another's success, while ours waits",
        ),
        pytest.param(
            [Seen(at=0), Seen(at=3, state=DEPLOYING, e="e-1", r="r-ours", new=(execution("e-1", DEPLOYING),))],
            Standing.RUNNING,
            DEPLOYING,
            id="the request id stays",
        ),
        pytest.param(
            [Seen(at=0), Seen(at=3, state=DEPLOYING, e="e-1", r=None, new=(execution("e-1", DEPLOYING),))],
            Standing.RUNNING,
            DEPLOYING,
            id="the request id becomes null",
        ),
        pytest.param(
            [
                Seen(at=0),
                Seen(at=3, state=DEPLOYING, e="e-1", r="r-alice", queue=(OTHERS,), new=(execution("e-1", DEPLOYING),)),
            ],
            Standing.RUNNING,
            DEPLOYING,
            id="the next one's request id is shown",
        ),
        pytest.param(
            [Seen(at=1, state=DEPLOYING, e="e-1", r="r-alice", new=(execution("e-1", DEPLOYING),))],
            Standing.UNCLEAR,
            DEPLOYING,
            id="the execution is named for another request",
        ),
        pytest.param(
            [Seen(at=1, state=DEPLOYING, e="e-1", r="r-ours", new=(execution("e-1", DEPLOYING),))],
            Standing.UNCLEAR,
            DEPLOYING,
            id="at once, the queue may not show yet that ours waits behind it",
        ),
        pytest.param(
            [Seen(at=1), Seen(at=9, state=DEPLOYED, e="e-1", new=(execution("e-1", DEPLOYED),))],
            Standing.ENDED,
            DEPLOYED,
            id="it began and ended between two looks",
        ),
        pytest.param(
            [
                Seen(at=1),
                Seen(
                    at=9,
                    state=DEPLOYED,
                    e="e-2",
                    new=(execution("e-2", DEPLOYED, by=ALICE, after=6), execution("e-1", ERROR)),
                ),
            ],
            Standing.ENDED,
            ERROR,
            id="ours failed and another's succeeded between two looks",
        ),
        pytest.param(
            [
                Seen(at=1),
                Seen(
                    at=9,
                    state=DEPLOYING,
                    e="e-2",
                    new=(execution("e-2", DEPLOYING, by=ALICE, after=6), execution("e-1", DEPLOYED)),
                ),
            ],
            Standing.ENDED,
            DEPLOYED,
            id="ours succeeded and another's began between two looks",
        ),
        pytest.param(
            [Seen(at=9, state=DEPLOYED, e="e-1", new=(execution("e-1", DEPLOYED, by=ALICE),))],
            Standing.UNCLEAR,
            DEPLOYED,
            id="somebody deployed something",
        ),
        pytest.param(
            [
                Seen(at=1, queue=(OURS, OTHERS)),
                Seen(at=9, e="e-1", new=(execution("e-1", DEPLOYED, by=Identity(), after=2),)),
            ],
            Standing.UNCLEAR,
            DEPLOYED,
            id="who came first began first: an unnamed execution is theirs",
        ),
        pytest.param(
            [
                Seen(at=1),
                Seen(
                    at=9,
                    state=State.STOPPED,
                    e="e-2",
                    new=(execution("e-2", State.STOPPED, by=ALICE, after=6), execution("e-1", DEPLOYED)),
                ),
            ],
            Standing.ENDED,
            DEPLOYED,
            id="ours succeeded before somebody stopped the service",
        ),
        pytest.param(
            [Seen(at=1), Seen(at=9, state=DEPLOYED, e="e-1", new=(execution("e-1", DEPLOYING),))],
            Standing.RUNNING,
            DEPLOYING,
            id="history denies an end that nobody saw coming",
        ),
        pytest.param(
            [
                Seen(at=0),
                Seen(at=3, state=DEPLOYING, e="e-1", new=(execution("e-1", DEPLOYING),)),
                Seen(at=4, state=DEPLOYING, e="e-1", queue=None, new=None),
                Seen(at=9, state=DEPLOYED, e="e-1", queue=None, new=None),
            ],
            Standing.ENDED,
            DEPLOYED,
            id="once tied, the status is enough",
        ),
        pytest.param(
            [Seen(at=1, state=DEPLOYING, e="e-1", r="r-ours", queue=None, new=(execution("e-1", DEPLOYING),))],
            Standing.UNCLEAR,
            DEPLOYING,
            id="without the queue's word nothing is tied",
        ),
        pytest.param(
            [NEVER_QUEUED(at=1), NEVER_QUEUED(at=12)],
            Standing.ENDED,
            DEPLOYED,
            id="without a queue, our id is enough when nothing of ours followed the end",
        ),
        pytest.param(
            [Seen(at=0, queue=(OURS,)), NEVER_QUEUED(at=1), NEVER_QUEUED(at=12)],
            Standing.WAITING,
            DEPLOYED,
            id="not so where the queue is only out of reach at the moment",
        ),
        pytest.param(
            [Seen(at=1, e="e-1", r="r-ours", new=None), Seen(at=12, e="e-1", r="r-ours", new=None)],
            Standing.ENDED,
            DEPLOYED,
            id="without history, our id is enough when no status can be older than the queue without us",
        ),
        pytest.param(
            [Seen(at=1, state=DEPLOYING, e=None, r="r-ours"), Seen(at=30, e=None, r="r-ours", new=None)],
            Standing.UNCLEAR,
            DEPLOYED,
            id="no execution named anywhere, and history out of reach",
        ),
        pytest.param(
            [Seen(at=MISSING * 0.1), Seen(at=MISSING * 1.2)],
            Standing.GONE,
            DEPLOYED,
            id="neither waiting nor running for a long time",
        ),
        pytest.param(
            [
                Seen(at=1, e="e-1", new=(execution("e-1", DEPLOYED, by=ALICE),)),
                Seen(at=40, e="e-1", new=(execution("e-1", DEPLOYED, by=ALICE),)),
            ],
            Standing.GONE,
            DEPLOYED,
            id="another's execution took its place",
        ),
    ],
)
def test_a_look_is_judged_by_what_it_proves(looks: list[Seen], standing: Standing, state: State) -> None:
    judgement = follow(*looks, queue=() if looks[0].queue is not None else None)
    assert (judgement.standing, judgement.state) == (standing, state)


@pytest.mark.parametrize(
    ("version", "standing"),
    [
        pytest.param("2.0.0", Standing.ENDED, id="the version asked for"),
        pytest.param("1.0.0", Standing.UNCLEAR, id="another version: not what this job deployed"),
        pytest.param(None, Standing.ENDED, id="history tells no version"),
    ],
)
def test_the_version_deployed_must_be_the_version_asked_for(version: str | None, standing: Standing) -> None:
    seen = Seen(at=9, e="e-1", r="r-ours", new=(execution("e-1", DEPLOYED, version=version),))
    assert follow(Seen(at=1), seen, asked=Asked(chart_version="2.0.0")).standing is standing


@pytest.mark.parametrize(
    ("told", "standing"),
    [
        pytest.param("0123456789abcdef0123456789abcdef01234567", Standing.ENDED, id="the whole commit"),
        pytest.param("0123456", Standing.ENDED, id="the commit, abbreviated"),
        pytest.param("0123", Standing.UNCLEAR, id="too little to be an abbreviation"),
        pytest.param("89abcdef0123456789abcdef0123456789abcdef", Standing.UNCLEAR, id="another commit"),
    ],
)
def test_the_commit_deployed_must_be_the_commit_asked_for(told: str, standing: Standing) -> None:
    known = replace(execution("e-1", DEPLOYED), git_commit_id=told)
    asked = Asked(git_commit_id="0123456789abcdef0123456789abcdef01234567")
    assert follow(Seen(at=1), Seen(at=9, e="e-1", new=(known,)), asked=asked).standing is standing


@pytest.mark.parametrize(
    ("looks", "baseline"),
    [
        pytest.param([NEVER_QUEUED(at=1), NEVER_QUEUED(at=9)], REST, id="too early: ours may begin yet"),
        pytest.param(
            [NEVER_QUEUED(at=1), NEVER_QUEUED(at=30)], replace(REST, state=DEPLOYING), id="something ran before ours"
        ),
        pytest.param([NEVER_QUEUED(at=1, r=None), NEVER_QUEUED(at=30, r=None)], REST, id="our id is not on it"),
        pytest.param(
            [NEVER_QUEUED(at=at, new=(execution("e-1", DEPLOYED, by=ALICE),)) for at in (1, 30)],
            REST,
            id="history denies it",
        ),
        pytest.param(
            [NEVER_QUEUED(at=at, new=(execution("e-1", DEPLOYED, after=5), execution("e-2", ERROR))) for at in (1, 30)],
            REST,
            id="something came between",
        ),
        pytest.param(
            [
                NEVER_QUEUED(at=1),
                *(NEVER_QUEUED(at=at, is_another_running=True) for at in (20, 60)),
                NEVER_QUEUED(at=65),
            ],
            REST,
            id="ours may wait for another service",
        ),
    ],
)
def test_without_a_queue_our_id_on_a_status_is_not_enough(looks: list[Seen], baseline: Status) -> None:
    assert follow(*looks, queue=None, status=baseline).standing is Standing.UNCLEAR


SUCCESS = execution("e-1", DEPLOYED, version="2.0.0")


def stands(*, to: float = 5 + UNHEARD_FOR, **seen: object) -> list[Seen]:
    """Look at an end that stands from the fifth second on."""
    standing = partial(NEVER_QUEUED, **{"r": None, "new": (SUCCESS,), **seen})
    return [standing(at=at) for at in (5, to)]


@pytest.mark.parametrize(
    ("looks", "accepted"),
    [
        pytest.param(stands(), None, id="the status names the execution"),
        pytest.param(stands(e=None), None, id="it does not"),
        pytest.param(stands(r="r-any"), Status(state=State.DEPLOYMENT_QUEUED), id="nobody told our id"),
        pytest.param(stands(r="r-ours", e=None, to=15), None, id="our id is on what the status does not name"),
    ],
)
def test_without_a_queue_the_only_execution_is_ours_if_it_is_what_was_asked_for(
    looks: list[Seen], accepted: Status | None
) -> None:
    judgement = follow(*looks, queue=None, asked=Asked(chart_version="2.0.0"), accepted=accepted)
    assert (judgement.standing, judgement.state) == (Standing.ENDED, DEPLOYED)


@pytest.mark.parametrize(
    ("looks", "asked", "baseline"),
    [
        pytest.param(stands(to=5 + UNHEARD_FOR - 1), "2.0.0", REST, id="too early: ours may begin yet"),
        pytest.param(stands(), None, REST, id="nothing was asked for that could be told"),
        pytest.param(stands(new=(execution("e-1", DEPLOYED),)), "2.0.0", REST, id="history tells no version"),
        pytest.param(stands(new=(replace(SUCCESS, by=NOBODY),)), "2.0.0", REST, id="history tells no origin"),
        pytest.param(
            stands(new=(execution("e-2", DEPLOYED, after=9, version="2.0.0"), SUCCESS), e=None),
            "2.0.0",
            REST,
            id="it is not the only one",
        ),
        pytest.param(stands(r="r-alice", e=None), "2.0.0", REST, id="another request is on the status"),
        pytest.param(stands(e=None, state=ERROR), "2.0.0", REST, id="the status tells of another end"),
        pytest.param(stands(), "2.0.0", replace(REST, state=DEPLOYING), id="something ran before ours"),
        pytest.param(
            [*stands(), *stands(to=40, is_another_running=True)][1:],
            "2.0.0",
            REST,
            id="ours may wait for another service",
        ),
        pytest.param([Seen(at=1), *stands()], "2.0.0", REST, id="the queue could be asked once, and may be again"),
    ],
)
def test_without_a_queue_what_may_be_another_s_is_not_ours(
    looks: list[Seen], asked: str | None, baseline: Status
) -> None:
    judgement = follow(*looks, queue=None, status=baseline, asked=Asked(chart_version=asked))
    assert judgement.standing is Standing.UNCLEAR


def test_without_a_queue_the_only_execution_is_ours_if_it_is_of_the_commit_asked_for() -> None:
    known = replace(execution("e-1", DEPLOYED), git_commit_id="0123456")
    looks, asked = stands(new=(known,)), Asked(git_commit_id="0123456789abcdef0123456789abcdef01234567")
    assert follow(*looks, queue=None, asked=asked).standing is Standing.ENDED


UNNAMED_REST = replace(REST, execution_id=None, last_deployment_date=NOON - timedelta(days=1))


@pytest.mark.parametrize("end", [DEPLOYED, ERROR])
@pytest.mark.parametrize(
    "looks",
    [
        pytest.param([UNHEARD(at=2, state=DEPLOYING)], id="an execution that is named"),
        pytest.param([UNHEARD(at=2, state=DEPLOYING, e=None)], id="one that is not"),
    ],
)
def test_with_a_status_alone_an_end_under_our_id_counts_once_it_stands(looks: list[Seen], end: State) -> None:
    at_rest = REST if looks[0].e else UNNAMED_REST
    ends = [replace(looks[0], at=at, state=end) for at in (5.0, 5 + UNHEARD_FOR)]
    judgement = follow(*looks, *ends, queue=None, history=None, status=at_rest)
    assert (judgement.standing, judgement.state) == (Standing.ENDED, end)


@pytest.mark.parametrize(
    ("looks", "baseline"),
    [
        pytest.param([UNHEARD(at=1), UNHEARD(at=UNHEARD_FOR)], REST, id="for too short a time"),
        pytest.param([UNHEARD(at=1), UNHEARD(at=90)], replace(REST, state=DEPLOYING), id="something ran before ours"),
        pytest.param([UNHEARD(at=1, r=None), UNHEARD(at=90, r=None)], REST, id="our id is not on it"),
        pytest.param([UNHEARD(at=1, e="e-0"), UNHEARD(at=90, e="e-0")], REST, id="the execution is the one before"),
        pytest.param([UNHEARD(at=1, e=None), UNHEARD(at=90, e=None)], UNNAMED_REST, id="nothing has moved"),
        pytest.param(
            [UNHEARD(at=1), Seen(at=2), UNHEARD(at=90)], REST, id="the queue could be asked once, and may be again"
        ),
        pytest.param(
            [UNHEARD(at=1), UNHEARD(at=70, is_another_running=True), UNHEARD(at=90)],
            REST,
            id="ours may wait for another service",
        ),
    ],
)
def test_with_a_status_alone_our_id_is_not_enough(looks: list[Seen], baseline: Status) -> None:
    assert follow(*looks, queue=None, history=None, status=baseline).standing is Standing.UNCLEAR


def test_a_version_that_history_tells_late_unties_the_execution_again() -> None:
    early, late = execution("e-1", DEPLOYING), execution("e-1", DEPLOYED, version="1.0.0")
    looks = Seen(at=0), Seen(at=3, state=DEPLOYING, e="e-1", new=(early,)), Seen(at=9, e="e-1", new=(late,))
    assert follow(*looks[:2], asked=Asked(chart_version="2.0.0")).standing is Standing.RUNNING
    assert follow(*looks, asked=Asked(chart_version="2.0.0")).standing is Standing.UNCLEAR


def test_a_merged_request_lives_on_in_the_one_that_came_as_it_went() -> None:
    survivor = QueuedRequest(id="r-newer", by=US)
    looks = [
        Seen(at=1, queue=(OURS,)),
        Seen(at=2, queue=(survivor,)),
        Seen(at=12, queue=(survivor,)),
        Seen(at=13, queue=(survivor,)),
        Seen(at=19, e="e-1", r="r-newer", new=(execution("e-1", DEPLOYED, after=14),)),
    ]
    busy = replace(REST, state=DEPLOYING)
    assert follow(*looks, status=busy).standing is Standing.ENDED


@pytest.mark.parametrize(
    ("waiting", "seen_at", "standing", "before"),
    [
        pytest.param(OURS_BEFORE, (6, 9, 10), Standing.ENDED, (OURS_BEFORE,), id="the only one that can be"),
        pytest.param(OURS_BEFORE, (1,), Standing.UNCLEAR, (OURS_BEFORE,), id="ours may have shown yet"),
        pytest.param(OTHERS, (6, 9, 10), Standing.UNCLEAR, (OTHERS,), id="somebody else's"),
        pytest.param(OURS_BEFORE, (6, 9, 10), Standing.UNCLEAR, (), id="one that came later"),
    ],
)
def test_a_request_that_was_never_seen_may_live_on_in_one_that_waited_before(
    waiting: QueuedRequest, seen_at: tuple[float, ...], standing: Standing, before: tuple[QueuedRequest, ...]
) -> None:
    looks = [Seen(at=at, state=State.DEPLOYMENT_QUEUED, queue=(waiting,)) for at in seen_at]
    end = Seen(at=15, e="e-1", r=waiting.id, new=(execution("e-1", DEPLOYED, by=waiting.by, after=14),))
    assert follow(*looks, end, status=replace(REST, state=DEPLOYING), queue=before).standing is standing


ONE_AT_ONCE = (execution("e-1", DEPLOYED, after=0),)


@pytest.mark.parametrize(
    ("before", "new", "at", "standing"),
    [
        pytest.param(OURS_BEFORE, ONE_AT_ONCE, 13, Standing.ENDED, id="what begins is both's"),
        pytest.param(OURS_BEFORE, ONE_AT_ONCE, 11, Standing.UNCLEAR, id="if it was not, ours has yet to begin"),
        pytest.param(
            OURS_BEFORE, (execution("e-2", DEPLOYED, after=9), *ONE_AT_ONCE), 23, Standing.UNCLEAR, id="two have begun"
        ),
        pytest.param(
            QueuedRequest(id="r-bot", by=Identity(triggered_by="bot", origin="API")),
            (replace(ONE_AT_ONCE[0], by=Identity(origin="API")),),
            13,
            Standing.UNCLEAR,
            id="somebody else's is not merged with ours",
        ),
    ],
)
def test_one_like_ours_that_was_gone_as_ours_came_may_have_been_merged_into_it(
    before: QueuedRequest, new: tuple[Execution, ...], at: float, standing: Standing
) -> None:
    came = Seen(at=0, state=State.DEPLOYMENT_QUEUED, queue=(OURS,))
    left = Seen(at=2, state=DEPLOYING, e=new[0].id, new=new)
    end = Seen(at=at, e=new[0].id, new=new)
    assert follow(came, left, end, status=replace(REST, state=DEPLOYING), queue=(before,)).standing is standing


HEIRS_END = execution("e-1", DEPLOYED, after=4)
HEIRS = partial(Seen, e="e-1", r="r-heir", new=(HEIRS_END,))


@pytest.mark.parametrize(
    ("looks", "standing"),
    [
        pytest.param([HEIRS(at=5, state=DEPLOYING), HEIRS(at=16)], Standing.ENDED, id="ours was merged into it"),
        pytest.param([HEIRS(at=5, state=DEPLOYING), HEIRS(at=12)], Standing.UNCLEAR, id="ours may not have shown yet"),
        pytest.param(
            [HEIRS(at=at, new=(replace(HEIRS_END, by=ALICE),)) for at in (5, 16)],
            Standing.UNCLEAR,
            id="it is somebody else's",
        ),
        pytest.param(
            [HEIRS(at=at, new=(replace(HEIRS_END, by=Identity(origin="API")),)) for at in (5, 16)],
            Standing.UNCLEAR,
            id="nobody tells whose it is",
        ),
        pytest.param(
            [HEIRS(at=at, new=(execution("e-2", DEPLOYED, after=9), HEIRS_END)) for at in (12, 24)],
            Standing.UNCLEAR,
            id="another follows",
        ),
    ],
)
def test_what_runs_under_a_request_that_came_as_ours_went_is_ours_if_nothing_else_has_begun(
    looks: list[Seen], standing: Standing
) -> None:
    came = Seen(at=0, state=State.DEPLOYMENT_QUEUED, r="r-ours", queue=(OURS,))
    left = Seen(at=3, state=State.DEPLOYMENT_QUEUED, r="r-heir", queue=(HEIR,))
    assert follow(came, left, *looks, status=replace(REST, state=DEPLOYING)).standing is standing


def test_what_runs_under_a_request_that_waited_beside_ours_is_not_ours() -> None:
    came = Seen(at=0, state=State.DEPLOYMENT_QUEUED, r="r-ours", queue=(OURS, HEIR))
    left = Seen(at=3, state=State.DEPLOYMENT_QUEUED, r="r-heir", queue=(HEIR,))
    ends = [HEIRS(at=at) for at in (5, 16, 30)]
    assert follow(came, left, *ends, status=replace(REST, state=DEPLOYING)).standing is Standing.UNCLEAR


def test_what_runs_under_a_request_that_came_as_ours_went_is_not_ours_if_nobody_tells_through_what() -> None:
    somebody = Identity(triggered_by="ci")
    came = Seen(at=0, state=State.DEPLOYMENT_QUEUED, r="r-ours", queue=(replace(OURS, by=somebody),))
    left = Seen(at=3, state=State.DEPLOYMENT_QUEUED, r="r-heir", queue=(replace(HEIR, by=somebody),))
    ends = [HEIRS(at=at, new=(replace(HEIRS_END, by=somebody),)) for at in (5, 16, 30)]
    assert follow(came, left, *ends, status=replace(REST, state=DEPLOYING)).standing is Standing.UNCLEAR


@pytest.mark.parametrize(
    ("told", "standing"),
    [
        pytest.param((), Standing.WAITING, id="nothing else can have become of it"),
        pytest.param(None, Standing.UNCLEAR, id="no history tells whether it ran"),
    ],
)
def test_a_request_that_came_as_ours_went_is_what_ours_was_merged_into_if_ours_has_not_begun(
    told: tuple[Execution, ...] | None, standing: Standing
) -> None:
    came = Seen(at=0, state=State.DEPLOYMENT_QUEUED, r="r-ours", queue=(OURS,))
    left = [Seen(at=at, queue=(HEIR,), new=told) for at in (3, 14, 15)]
    assert follow(came, *left, status=replace(REST, state=DEPLOYING)).standing is standing


def test_one_like_ours_that_waits_beside_it_has_its_own_execution_first() -> None:
    its = (execution("e-1", DEPLOYED, after=2),)
    looks = [
        Seen(at=0, state=State.DEPLOYMENT_QUEUED, queue=(OURS_BEFORE, OURS)),
        Seen(at=2, state=State.DEPLOYMENT_QUEUED, queue=(OURS,)),
        Seen(at=4, state=DEPLOYING, e="e-1", queue=(OURS,), new=its),
        Seen(at=16, e="e-1", new=its),
    ]
    busy = replace(REST, state=DEPLOYING)
    assert follow(*looks, status=busy, queue=(OURS_BEFORE,)).standing is Standing.UNCLEAR
    ours = Seen(at=20, state=DEPLOYING, e="e-2", new=(execution("e-2", DEPLOYING, after=19), *its))
    assert follow(*looks, ours, status=busy, queue=(OURS_BEFORE,)).standing is Standing.RUNNING


def test_who_waits_instead_of_ours_is_named_and_who_waited_before_is_not() -> None:
    before, since = QueuedRequest(id="r-before", by=ALICE), QueuedRequest(id="r-since", by=ALICE)
    judgement = follow(Seen(at=1, queue=(before, since)), queue=(before,))
    assert judgement.other is not None
    assert judgement.other.id == "r-since"


@pytest.mark.parametrize(
    ("after", "history", "standing"),
    [
        pytest.param(-3.0, (BEFORE,), Standing.UNCLEAR, id="a little older than the look before: merely shown late"),
        pytest.param(-3.0, (), Standing.UNCLEAR, id="also where nothing was known before"),
        pytest.param(-86401.0, (BEFORE,), Standing.UNCLEAR, id="older than what was known"),
        pytest.param(-86401.0, (), Standing.ENDED, id="a day older: the clocks differ"),
    ],
)
def test_what_began_before_our_request_is_not_ours(
    after: float, history: tuple[Execution, ...], standing: Standing
) -> None:
    late = execution("e-1", DEPLOYED, after=after)
    assert follow(Seen(at=1), Seen(at=9, e="e-1", new=(late,)), history=history).standing is standing


@pytest.mark.parametrize(
    ("after", "standing"),
    [
        pytest.param(-30.0, Standing.UNCLEAR, id="it began before our request"),
        pytest.param(0.5, Standing.UNCLEAR, id="it began about then"),
        pytest.param(3.0, Standing.ENDED, id="it surely began later, so it is ours"),
    ],
)
def test_what_ran_unnamed_before_our_request_is_not_ours_once_it_is_named(after: float, standing: Standing) -> None:
    nameless = Status(state=DEPLOYING)
    told = execution("e-1", DEPLOYED, by=Identity(origin="API"), after=after)
    early = Seen(at=1, state=DEPLOYING, e=None)
    assert follow(early, Seen(at=9, e=None, new=(told,)), status=nameless).standing is standing


@pytest.mark.parametrize(
    ("ended_before", "standing"),
    [
        pytest.param(60.0, Standing.ENDED, id="it ended long before, so that something else ran"),
        pytest.param(3.0, Standing.UNCLEAR, id="it ended just before, so that the status may have been about it"),
        pytest.param(None, Standing.UNCLEAR, id="nobody knows when it ended"),
    ],
)
def test_what_seemed_to_run_unnamed_may_be_what_history_told_last(
    ended_before: float | None, standing: Standing
) -> None:
    began = None if ended_before is None else NOON - timedelta(seconds=ended_before + 30)
    last = replace(BEFORE, id="e-last", created_at=began, duration=30.0)
    first, second = execution("e-1", ERROR, after=3), execution("e-2", DEPLOYED, after=20)
    looks = [
        Seen(at=1, state=DEPLOYING, e=None, new=(last,)),
        *(Seen(at=at, e=None, new=(second, first, last)) for at in (30, 45)),
    ]
    judgement = follow(*looks, status=Status(state=DEPLOYING), history=(last, BEFORE))
    assert judgement.standing is standing


@pytest.mark.parametrize(
    ("seen_at", "standing"),
    [
        pytest.param((0, 1), Standing.ENDED, id="a moment: the queue lags, and it is ours"),
        pytest.param((0, 4), Standing.UNCLEAR, id="for long: it is another's"),
    ],
)
def test_what_runs_unnamed_while_ours_waits_is_another_s(seen_at: tuple[float, ...], standing: Standing) -> None:
    waiting = [Seen(at=at, state=DEPLOYING, e=None, queue=(OURS,)) for at in seen_at]
    end = [Seen(at=at, e=None, new=(execution("e-1", DEPLOYED, after=0.5),)) for at in (6, 20)]
    assert follow(*waiting, *end).standing is standing


def test_what_waited_before_our_request_is_nothing_that_ran_without_a_name() -> None:
    theirs, ours = execution("e-1", DEPLOYED, by=ALICE), execution("e-2", ERROR, after=2)
    looks = [
        Seen(at=0, state=State.DEPLOYMENT_QUEUED, e=None, queue=(OTHERS, OURS)),
        *(Seen(at=at, state=DEPLOYING, e="e-2", queue=(HEIR,), new=(theirs,)) for at in (3, 14)),
        Seen(at=32, e="e-3", r="r-heir", new=(execution("e-3", DEPLOYED, after=28), ours, theirs)),
    ]
    waiting = Status(state=State.DEPLOYMENT_QUEUED)
    assert follow(*looks, status=waiting, queue=(OTHERS,)).execution == ours


def test_what_ran_unnamed_while_ours_waited_gets_the_first_name_and_ours_the_next() -> None:
    first, ours = execution("e-1", DEPLOYED, after=0.5), execution("e-2", ERROR, after=9)
    looks = [
        *(Seen(at=at, state=DEPLOYING, e=None, queue=(OURS,)) for at in (0, 4)),
        Seen(at=6, e=None, queue=(OURS,), new=(first,)),
        *(Seen(at=at, state=ERROR, e=None, new=(ours, first)) for at in (12, 24)),
    ]
    judgement = follow(*looks)
    assert (judgement.standing, judgement.state) == (Standing.ENDED, ERROR)


def test_what_ran_unnamed_while_ours_waited_is_another_s_also_when_it_is_named_at_the_next_look() -> None:
    running = execution("e-1", DEPLOYING, after=0.5)
    waiting = [Seen(at=at, state=DEPLOYING, e=None, queue=(OURS,), new=new) for at, new in ((1, ()), (20, (running,)))]
    left = [Seen(at=at, state=State.QUEUED, e=None, r="r-ours", new=(running,)) for at in (22, 28)]
    end = Seen(at=40, state=ERROR, e=None, new=(execution("e-1", DEPLOYED, after=0.5),))
    assert follow(*waiting, *left, end).standing is Standing.UNCLEAR


def test_ours_is_not_before_what_left_the_queue_before_ours() -> None:
    first, second = execution("e-1", DEPLOYED, after=0), execution("e-2", DEPLOYED, after=2)
    third, ours = execution("e-3", DEPLOYED, by=ALICE, after=4), execution("e-4", ERROR, after=4.5)
    alike = QueuedRequest(id="r-new", by=US)
    waiting = [
        Seen(at=0, queue=(alike, OTHERS, OURS)),
        Seen(at=3, e="e-1", queue=(OTHERS, OURS), new=(first,)),
        Seen(at=4, e="e-1", queue=(OURS,), new=(first,)),
        Seen(at=5, state=DEPLOYING, e="e-2", new=(replace(second, state=DEPLOYING), first)),
    ]
    assert follow(*waiting).standing is Standing.UNCLEAR
    judgement = follow(*waiting, Seen(at=12, state=ERROR, e="e-4", new=(ours, third, second, first)))
    assert (judgement.standing, judgement.state) == (Standing.ENDED, ERROR)


@pytest.mark.parametrize(
    ("at", "standing"),
    [
        pytest.param(8, Standing.UNCLEAR, id="its execution may not show yet"),
        pytest.param(12, Standing.ENDED, id="it was taken out"),
    ],
)
def test_what_waited_before_and_never_began_is_waited_for_as_long_as_history_may_lag(
    at: float, standing: Standing
) -> None:
    ours = execution("e-1", DEPLOYED, after=1)
    looks = [Seen(at=1), Seen(at=at, e="e-1", new=(ours,))]
    assert follow(*looks, queue=(OTHERS,)).standing is standing


def test_what_history_was_not_asked_for_did_not_run_without_a_name() -> None:
    theirs, ours = execution("e-1", DEPLOYED, by=ALICE, after=0), execution("e-2", DEPLOYING, after=30)
    nameless = partial(Seen, state=DEPLOYING, e=None, queue=(OURS,))
    waiting = [nameless(at=at, new=(replace(theirs, state=DEPLOYING),)) for at in (1, 7)]
    lagging = [nameless(at=22, new=None), nameless(at=30, new=(ours, theirs))]
    ended = [Seen(at=at, e=None, new=(replace(ours, state=DEPLOYED), theirs)) for at in (45, 56)]
    assert follow(*waiting, *lagging, *ended).standing is Standing.ENDED


def test_where_the_status_names_nothing_and_ended_otherwise_history_has_yet_to_tell_what_ended() -> None:
    theirs, ours = execution("e-1", DEPLOYED, after=0), execution("e-2", ERROR, after=0)
    running = [Seen(at=at, state=DEPLOYING, e=None, new=new) for at, new in ((3, ()), (5, ()), (20, (theirs,)))]
    behind = [Seen(at=at, state=ERROR, e=None, new=(theirs,)) for at in (26, 37)]
    assert follow(Seen(at=1, queue=(OURS,)), *running, *behind).standing is Standing.UNCLEAR
    told = Seen(at=40, state=ERROR, e=None, new=(ours, theirs))
    assert follow(Seen(at=1, queue=(OURS,)), *running, *behind, told).standing is Standing.UNCLEAR


def test_what_is_over_is_not_ours_while_something_runs_without_a_name() -> None:
    theirs = execution("e-1", DEPLOYED, after=0.1)
    nameless = [Seen(at=at, state=DEPLOYING, e=None, new=(theirs,)) for at in (1, 12)]
    assert follow(Seen(at=0, queue=(OURS,)), *nameless).standing is Standing.UNCLEAR


def test_what_ran_unnamed_before_is_another_s_however_briefly_ours_waits() -> None:
    waiting = Seen(at=0, state=DEPLOYING, e=None, queue=(OURS,))
    end = [Seen(at=at, e=None, new=(execution("e-1", DEPLOYED, after=0.5),)) for at in (6, 20)]
    assert follow(waiting, *end, status=Status(state=DEPLOYING)).standing is Standing.UNCLEAR


@pytest.mark.parametrize("asked", [Asked(chart_version="2"), Asked(chart_version="2", only_differences=True)])
def test_what_follows_one_with_other_versions_that_ours_was_merged_into_is_not_ours(asked: Asked) -> None:
    absorbing = execution("e-1", ERROR, after=6, version="3")
    later = execution("e-2", DEPLOYED, after=40, version="2")
    looks = [Seen(at=at, e="e-2", new=(later, absorbing)) for at in (45, 60, 80, 110)]
    assert follow(Seen(at=1, queue=(OURS,)), *looks, asked=asked).standing is Standing.GONE


def test_what_runs_without_a_name_once_ours_has_left_the_queue_may_be_ours_although_one_like_it_waits() -> None:
    alike = QueuedRequest(id="r-new", by=US)
    looks = [Seen(at=at, state=DEPLOYING, e=None, queue=(alike,)) for at in (8, 24, 40)]
    assert follow(Seen(at=1, queue=(OURS,)), *looks).standing is Standing.UNCLEAR
    ahead = Seen(at=1, state=DEPLOYING, e=None, queue=(OURS,))
    assert follow(ahead, *looks).standing is Standing.WAITING


def test_what_was_over_at_the_first_look_may_be_one_that_slipped_in_if_that_look_came_late() -> None:
    bot = execution("e-1", DEPLOYED, by=Identity(origin="API", triggered_by="bot"), after=0)
    late = Seen(at=3, e="e-1", new=(bot,))
    assert follow(late).standing is Standing.UNCLEAR
    assert follow(Seen(at=0), late).standing is Standing.ENDED


def test_the_id_of_one_that_waited_behind_ours_is_on_the_status_for_as_long_as_that_may_lag() -> None:
    other = QueuedRequest(id="r-new", by=Identity(origin="API", triggered_by="bot"))
    ours, theirs = execution("e-1", ERROR), execution("e-2", DEPLOYED, by=other.by, after=25)
    looks = [
        Seen(at=0),
        *(Seen(at=at, queue=(other,)) for at in (1, 3)),
        Seen(at=9, state=DEPLOYING, e="e-1", r="r-new", queue=(other,)),
        Seen(at=26, state=DEPLOYING, e="e-1", r="r-new"),
        Seen(at=34, state=State.QUEUED, e="e-2", new=(theirs, ours)),
    ]
    assert follow(*looks, Seen(at=42, e="e-2", r="r-new", new=(theirs, ours))).state is not DEPLOYED


def test_no_request_is_taken_for_what_ours_was_merged_into_where_no_history_tells_what_began() -> None:
    other = QueuedRequest(id="r-new", by=Identity(origin="API", triggered_by="bot"))
    seen = partial(Seen, r="r-new", new=None)
    running = [seen(at=at, state=DEPLOYING, e="e-1", queue=(other,)) for at in (1, 3, 5)]
    ended = [seen(at=at, e="e-2") for at in (7, 12, 20)]
    assert follow(Seen(at=0, state=State.QUEUED, new=None), *running, *ended).standing is Standing.UNCLEAR


def test_the_id_of_one_that_has_just_left_the_queue_tells_nothing_yet() -> None:
    first, ours, theirs = (
        execution("e-1", DEPLOYED, by=ALICE, after=0),
        execution("e-2", ERROR, after=2),
        execution("e-3", DEPLOYED),
    )
    waiting = [
        Seen(at=1, queue=(OURS,), new=(first,)),
        Seen(at=4, state=DEPLOYING, e="e-2", r="r-alice", queue=(OTHERS,)),
    ]
    lagging = Seen(at=20, state=DEPLOYING, e="e-2", r="r-alice", new=(replace(theirs, by=ALICE), ours, first))
    assert follow(*waiting, lagging).standing is Standing.UNCLEAR
    settled = Seen(at=31, e="e-3", r="r-alice", new=(replace(theirs, by=ALICE), ours, first))
    assert follow(*waiting, lagging, settled).state is ERROR


def test_two_that_began_at_once_tell_no_order() -> None:
    undated = [replace(execution(name, DEPLOYED), created_at=None) for name in ("e-2", "e-1")]
    together = [execution("e-2", DEPLOYED, after=1.5), execution("e-1", ERROR, after=1.0)]
    for news in (undated, together):
        assert follow(Seen(at=9, e="e-2", new=tuple(news))).standing is Standing.UNCLEAR


@pytest.mark.parametrize(
    ("looks", "standing"),
    [
        pytest.param(["DEPLOYING", "DEPLOYED"], Standing.ENDED, id="it was seen running"),
        pytest.param(["DEPLOYED"], Standing.UNCLEAR, id="nothing moved"),
    ],
)
def test_where_no_execution_is_ever_named_our_id_and_movement_decide(looks: list[str], standing: Standing) -> None:
    nameless = Status(state=DEPLOYED)
    seen = [Seen(at=at, state=State(state), e=None, r="r-ours") for at, state in enumerate(looks, start=1)]
    story = [replace(each.look, history=()) for each in seen]
    assert follow(*story, status=nameless, history=()).standing is standing


def test_where_no_execution_is_ever_named_a_newer_date_is_movement() -> None:
    before, after = (
        Status(state=DEPLOYED, request_id=r, last_deployment_date=NOON + timedelta(seconds=seconds))
        for r, seconds in (("r-0", -60), ("r-ours", 5))
    )
    for status, standing in ((after, Standing.ENDED), (replace(after, request_id="r-0"), Standing.UNCLEAR)):
        look = Look(at=9, status=status, queue=(), history=())
        assert follow(look, status=before, history=()).standing is standing


def moves(*ends: float, began: float = 1.0, **seen: object) -> list[Seen]:
    """Look at what runs under our id without a name, and then at its end, again and again."""
    unnamed = partial(Seen, **{"e": None, "r": "r-ours", **seen})  # type: ignore[arg-type]
    return [replace(unnamed(at=began), state=DEPLOYING), *(unnamed(at=at) for at in ends)]


@pytest.mark.parametrize(
    ("looks", "baseline"),
    [
        pytest.param(moves(5, 11, new=None), {"history": None}, id="history can never be asked"),
        pytest.param(moves(5, 5 + UNHEARD_FOR, queue=None), {"queue": None}, id="the queue can never be asked"),
        pytest.param(moves(5, 5 + MISSING), {}, id="history tells nothing for a minute"),
        pytest.param(moves(5, 5 + MISSING, e="e-0"), {}, id="the status never names but the execution before"),
        pytest.param(moves(5, 11, e="e-0", new=None), {"history": None}, id="nor can history be asked"),
    ],
)
def test_where_nothing_names_what_ran_under_our_id_its_end_is_ours(looks: list[Seen], baseline: dict[str, Any]) -> None:
    assert follow(*looks, **baseline).standing is Standing.ENDED


@pytest.mark.parametrize(
    ("looks", "baseline"),
    [
        pytest.param(moves(5, 10, new=None), {"history": None}, id="the status may be older than the queue"),
        pytest.param(moves(5, 11, new=None), {}, id="history could be asked, and may be again"),
        pytest.param(moves(5, 11, new=None, r=None), {"history": None}, id="our id is not on it"),
        pytest.param(moves(5, 11, new=None)[1:], {"history": None}, id="nothing has moved"),
        pytest.param(
            [*moves(5, new=None), *moves(11, new=None, state=State.STOPPED)[1:]], {"history": None}, id="it is no end"
        ),
        pytest.param(moves(5, 4 + UNHEARD_FOR, queue=None), {"queue": None}, id="ours may begin yet"),
        pytest.param(
            [Seen(at=0), *moves(5, 5 + UNHEARD_FOR, queue=None)], {"queue": None}, id="the queue could be asked once"
        ),
        pytest.param(
            moves(5, 5 + UNHEARD_FOR, queue=None, new=(execution("e-1", DEPLOYED, by=ALICE),)),
            {"queue": None},
            id="history tells of another's",
        ),
        pytest.param(moves(5, 4 + MISSING), {}, id="history may be slow to tell"),
        pytest.param(
            moves(5, 11, e="e-0", new=None),
            {"history": None, "status": replace(REST, state=DEPLOYING)},
            id="what ran before has ended",
        ),
    ],
)
def test_where_nothing_names_what_ran_it_may_be_another_s(looks: list[Seen], baseline: dict[str, Any]) -> None:
    assert follow(*looks, **baseline).standing is Standing.UNCLEAR


def test_what_history_tells_of_another_is_no_end_of_ours_that_nothing_names() -> None:
    told = moves(5, 5 + MISSING, new=(execution("e-1", DEPLOYED, by=ALICE),))
    assert follow(*told).standing is Standing.GONE


def test_where_nothing_names_what_ran_our_id_may_be_on_it_while_ours_waits() -> None:
    nameless = Status(state=DEPLOYED, request_id="r-ours", last_deployment_date=NOON + timedelta(seconds=5))
    look = Look(at=9, status=nameless, queue=(OURS,), history=())
    assert follow(look, status=Status(state=DEPLOYED), history=()).standing is Standing.WAITING


NAMELESS = replace(execution("made up", DEPLOYED), is_nameless=True)
ANONYMOUS = Status(state=State.DEPLOYMENT_QUEUED)
NEWCOMER, SECOND = QueuedRequest(id="r-new", by=US), QueuedRequest(id="r-second", by=US)


def test_an_execution_that_history_does_not_name_is_the_one_that_the_status_names() -> None:
    assert follow(Seen(at=1), Seen(at=9, e="e-1", new=(NAMELESS,))).standing is Standing.ENDED


@pytest.mark.parametrize(
    ("looks", "standing"),
    [
        pytest.param([(0, NEWCOMER), (1, NEWCOMER)], Standing.WAITING, id="the only newcomer is ours"),
        pytest.param([(0, NEWCOMER)], Standing.UNCLEAR, id="another may show yet"),
        pytest.param([(0, NEWCOMER, SECOND), (1, NEWCOMER, SECOND)], Standing.UNCLEAR, id="one of two"),
        pytest.param([(0,), (3, NEWCOMER), (4, NEWCOMER)], Standing.UNCLEAR, id="one that may have come later"),
        pytest.param([(0,), (3, NEWCOMER), (10, NEWCOMER)], Standing.WAITING, id="ours would have shown by now"),
        pytest.param([(0,), (1,), (3, NEWCOMER), (10, NEWCOMER)], Standing.UNCLEAR, id="one that came later"),
    ],
)
def test_a_request_whose_id_nobody_told_is_found_in_the_queue(looks: list[tuple[Any, ...]], standing: Standing) -> None:
    seen = [Seen(at=at, queue=tuple(queue)) for at, *queue in looks]
    assert follow(*seen, accepted=ANONYMOUS).standing is standing


@pytest.mark.parametrize(
    ("state", "named", "standing"),
    [
        pytest.param(State.QUEUED, "r-mine", Standing.UNCLEAR, id="another is out of the queue, and may be ours"),
        pytest.param(DEPLOYED, "r-mine", Standing.WAITING, id="it is not about to begin"),
        pytest.param(State.QUEUED, "r-new", Standing.WAITING, id="it is the one that waits"),
        pytest.param(State.QUEUED, "r-0", Standing.WAITING, id="that was so before"),
        pytest.param(State.QUEUED, None, Standing.WAITING, id="none is named"),
    ],
)
def test_a_newcomer_is_not_ours_if_the_status_names_another_that_is_about_to_begin(
    state: State, named: str | None, standing: Standing
) -> None:
    due = partial(Seen, state=state, r=named)
    looks = [due(at=0), *(due(at=at, queue=(NEWCOMER,)) for at in (2, 16))]
    assert follow(*looks, accepted=ANONYMOUS, status=replace(REST, request_id="r-0")).standing is standing


@pytest.mark.parametrize("waits_on", [True, False], ids=["what waits waits on", "both have begun"])
def test_a_newcomer_beside_an_execution_leaves_open_which_is_ours(waits_on: bool) -> None:  # noqa: FBT001
    first, second = execution("e-1", DEPLOYED, after=0.5), execution("e-2", DEPLOYED, after=4)
    queue = (NEWCOMER,) if waits_on else ()
    looks = [
        Seen(at=1, state=DEPLOYING, e="e-1", queue=(NEWCOMER,), new=(replace(first, state=DEPLOYING),)),
        Seen(at=6, e="e-1", queue=queue, new=(first,) if waits_on else (second, first)),
        Seen(at=20, e="e-2", new=(second, first)),
    ]
    assert follow(*looks, accepted=ANONYMOUS).standing is Standing.UNCLEAR


@pytest.mark.parametrize(
    ("accepted", "looked_at", "is_told_apart"),
    [(None, 1, True), (None, 7, False), (ANONYMOUS, 1, True), (ANONYMOUS, 2, False)],
)
@pytest.mark.parametrize("by", [NOBODY, Identity(origin="API")], ids=["origin unknown", "through the API"])
def test_of_two_executions_ours_is_the_first_only_if_one_that_slipped_in_would_have_been_seen(
    accepted: Status | None,
    looked_at: float,
    is_told_apart: bool,  # noqa: FBT001
    by: Identity,
) -> None:
    first, second = execution("e-1", ERROR, by=by, after=0.5), execution("e-2", DEPLOYED, by=by, after=5)
    looks = [Seen(at=0), Seen(at=looked_at), Seen(at=20, e="e-2", new=(second, first))]
    judgement = follow(*looks, accepted=accepted)
    assert judgement.standing is (Standing.ENDED if is_told_apart else Standing.UNCLEAR)


def test_what_seemed_to_run_while_ours_waited_may_be_ours_although_another_follows() -> None:
    """The queue may lag, so that it lists ours when ours runs already."""
    first, second = execution("e-1", ERROR, after=0.5), execution("e-2", DEPLOYED, after=9)
    waiting = [Seen(at=1, queue=(OURS,)), Seen(at=2, state=DEPLOYING, e="e-1", queue=(OURS,), new=(first,))]
    ends = [Seen(at=at, e="e-2", new=(second, first)) for at in (20, 31)]
    assert follow(*waiting, *ends).standing is Standing.UNCLEAR
    assert follow(*waiting, replace(ends[0], new=(second, replace(first, by=ALICE)))).execution == second
    alone = [Seen(at=at, e="e-1", new=(first,)) for at in (3, 8, 14)]
    assert follow(*waiting, *alone[:2]).standing is Standing.UNCLEAR
    assert follow(*waiting, *alone).execution == first


def test_a_status_may_show_ours_beside_the_id_of_one_that_waited_so_shortly_that_nobody_saw_it() -> None:
    ours, theirs = execution("e-1", ERROR, after=0.5), execution("e-2", DEPLOYED, after=2)
    looks = [Seen(at=1, new=(ours,)), Seen(at=3, state=DEPLOYING, e="e-1", r="r-short", new=(theirs, ours))]
    assert follow(*looks).standing is Standing.UNCLEAR
    assert follow(*looks, Seen(at=6, e="e-2", r="r-short", new=(theirs, ours))).execution == ours


def test_what_was_out_of_the_queue_before_our_request_but_had_not_begun_is_not_ours() -> None:
    theirs, ours = execution("e-1", DEPLOYED, after=5), execution("e-2", ERROR, after=9)
    due = Status(state=State.QUEUED, execution_id="e-0", request_id="r-before")
    looks = [Seen(at=0, state=State.QUEUED, queue=(OURS,)), Seen(at=12, e="e-2", new=(ours, theirs))]
    assert follow(*looks, status=due, queue=()).execution == ours
    # What runs already has begun, whatever its state is called.
    begun = replace(due, state=State.DEPLOYMENT_QUEUED, execution_id="e-1")
    looks = [Seen(at=0, state=DEPLOYING, e="e-1", queue=(OURS,)), Seen(at=12, e="e-2", new=(ours, theirs))]
    assert follow(*looks, status=begun, queue=()).execution == ours


def test_the_id_of_one_that_is_about_to_begin_does_not_belong_to_the_execution_beside_it() -> None:
    """However long it takes to begin; else ours would seem to be merged into the last one that waits."""
    ours = execution("e-1", ERROR, after=1)
    waited = [Seen(at=1, queue=(OURS,)), Seen(at=2)]
    due = [Seen(at=at, state=State.QUEUED, e="e-1", r="r-new", queue=(SECOND,), new=(ours,)) for at in (3, 30)]
    assert follow(*waited, *due).standing is Standing.UNCLEAR
    assert follow(*waited, *due, Seen(at=31, e="e-1", queue=(SECOND,), new=(ours,))).execution == ours


@pytest.mark.parametrize(
    ("by", "standing"),
    [
        pytest.param(NOBODY, Standing.UNCLEAR, id="unless history tells no origin"),
        pytest.param(Identity(origin="API"), Standing.ENDED, id="where history tells the origin"),
    ],
)
def test_a_queue_that_is_first_seen_after_two_seconds_is_seen_in_time(by: Identity, standing: Standing) -> None:
    first, second = execution("e-1", ERROR, by=by, after=0.5), execution("e-2", DEPLOYED, by=by, after=5)
    assert follow(Seen(at=0), Seen(at=2), Seen(at=20, e="e-2", new=(second, first))).standing is standing


@pytest.mark.parametrize(
    ("at", "standing"),
    [
        pytest.param((7.0,), Standing.UNCLEAR, id="ours may run and not be listed yet"),
        pytest.param((7.0, 17.0), Standing.ENDED, id="it would be by now"),
    ],
)
def test_what_is_seen_late_is_ours_once_it_would_not_be_the_only_one(at: tuple[float, ...], standing: Standing) -> None:
    looks = [Seen(at=each, e="e-1", new=(execution("e-1", DEPLOYED),)) for each in at]
    assert follow(*looks).standing is standing


FROM_ELSEWHERE = partial(Seen, state=State.DEPLOYMENT_QUEUED, r="r-new", queue=(NEWCOMER,))


@pytest.mark.parametrize(
    ("looks", "standing"),
    [
        pytest.param([FROM_ELSEWHERE(at=1)], Standing.UNCLEAR, id="ours may show yet"),
        pytest.param([FROM_ELSEWHERE(at=at) for at in (1, 12, 13)], Standing.WAITING, id="ours would show by now"),
        pytest.param(
            [FROM_ELSEWHERE(at=at, queue=(NEWCOMER, SECOND)) for at in (1, 12, 13)], Standing.UNCLEAR, id="one of two"
        ),
        pytest.param(
            [FROM_ELSEWHERE(at=at, state=State.QUEUED, r="r-ours") for at in (1, 12, 13)],
            Standing.UNCLEAR,
            id="ours is out of the queue, and about to begin",
        ),
        pytest.param(
            [FROM_ELSEWHERE(at=at, new=(execution("e-1", DEPLOYED),)) for at in (1, 12, 13)],
            Standing.ENDED,
            id="unless ours has begun",
        ),
    ],
)
def test_one_that_waited_for_another_service_is_what_ours_was_merged_into(
    looks: list[Seen], standing: Standing
) -> None:
    assert follow(*looks).standing is standing


@pytest.mark.parametrize(
    ("new", "ours"),
    [
        pytest.param((execution("e-1", ERROR, after=-60),), "e-1", id="its execution is ours"),
        pytest.param(
            (execution("e-1", DEPLOYED, after=4), execution("e-0.5", ERROR, after=2)),
            "e-0.5",
            id="unless ours began before it",
        ),
    ],
)
def test_what_was_merged_with_ours_may_begin_at_once(new: tuple[Execution, ...], ours: str) -> None:
    begun = [Seen(at=at, state=new[0].state, e="e-1", r="r-new", new=new) for at in (5, 17, 30)]
    judgement = follow(FROM_ELSEWHERE(at=1), *begun)
    assert judgement.execution is not None
    assert (judgement.execution.id, judgement.state) == (ours, ERROR)


def test_what_our_step_asked_for_besides_is_what_ours_was_merged_into_if_it_waits_here() -> None:
    known = partial(replace, siblings=frozenset({NEWCOMER.id}))
    waiting = [known(FROM_ELSEWHERE(at=at).look) for at in (1, 2)]
    assert follow(*waiting).standing is Standing.WAITING
    theirs = execution("e-1", DEPLOYED, by=ALICE, after=3)
    beside = known(FROM_ELSEWHERE(at=4, state=DEPLOYING, e="e-1", new=(theirs,)).look)
    ours = execution("e-2", ERROR, after=-60)
    begun = [known(Seen(at=at, state=ERROR, e="e-2", r="r-new", new=(ours, theirs)).look) for at in (8, 20)]
    assert follow(*waiting, beside).standing is Standing.WAITING
    judgement = follow(*waiting, beside, *begun)
    assert (judgement.standing, judgement.state, judgement.execution) == (Standing.ENDED, ERROR, ours)


SIBLING = partial(Seen, state=State.QUEUED, siblings=frozenset({NEWCOMER.id}))
RUNS = partial(SIBLING, state=DEPLOYING, e="e-1", r="r-new", queue=(NEWCOMER,), new=(execution("e-1", DEPLOYING),))


@pytest.mark.parametrize(
    ("looks", "standing"),
    [
        pytest.param(
            [SIBLING(at=0), SIBLING(at=1), SIBLING(at=3, queue=(NEWCOMER,))],
            Standing.WAITING,
            id="it shows in the first seconds",
        ),
        pytest.param([SIBLING(at=0), SIBLING(at=7, queue=(NEWCOMER,))], Standing.WAITING, id="it is there at once"),
        pytest.param(
            [SIBLING(at=0, r="r-ours"), SIBLING(at=1, r="r-ours"), SIBLING(at=3, queue=(NEWCOMER,))],
            Standing.UNCLEAR,
            id="the status has shown ours, so that it is about to begin",
        ),
        pytest.param(
            [*(SIBLING(at=at) for at in (0, 1, 3)), SIBLING(at=5, queue=(NEWCOMER,))],
            Standing.UNCLEAR,
            id="it shows later",
        ),
        pytest.param(
            [SIBLING(at=0, queue=(OURS,)), SIBLING(at=6, queue=(NEWCOMER,))],
            Standing.WAITING,
            id="it came as ours went",
        ),
        pytest.param(
            [SIBLING(at=0, queue=(OURS, NEWCOMER)), SIBLING(at=6, queue=(NEWCOMER,))],
            Standing.UNCLEAR,
            id="it waited beside ours",
        ),
        pytest.param([RUNS(at=0), RUNS(at=1)], Standing.UNCLEAR, id="something has begun that may be ours"),
        pytest.param(
            [SIBLING(at=0, queue=(NEWCOMER,)), RUNS(at=2), RUNS(at=4)],
            Standing.WAITING,
            id="something begins: it may be that, and the queue lags",
        ),
        pytest.param(
            [SIBLING(at=0, queue=(NEWCOMER,)), RUNS(at=2), RUNS(at=9), RUNS(at=10)],
            Standing.UNCLEAR,
            id="something begins, and it waits on",
        ),
    ],
)
def test_one_of_our_step_that_waits_here_may_do_so_for_somebody_else_s_sake(
    looks: list[Seen], standing: Standing
) -> None:
    assert follow(*looks).standing is standing


@pytest.mark.parametrize(
    "looks",
    [
        pytest.param(
            [
                *(SIBLING(at=at, r="r-ours") for at in (0, 1, 3)),
                SIBLING(at=5, r="r-new", queue=(NEWCOMER,)),
                RUNS(at=22),
                RUNS(at=40),
            ],
            id="when it was about to begin",
        ),
        pytest.param([RUNS(at=0, queue=(), r=None), RUNS(at=3, queue=(), r=None), RUNS(at=4)], id="when it had begun"),
    ],
)
def test_ours_is_what_began_before_one_of_our_step_that_somebody_else_s_was_merged_into(looks: list[Seen]) -> None:
    new = (execution("e-2", DEPLOYED, after=50), execution("e-1", ERROR))
    judgement = follow(*looks, *(SIBLING(at=at, state=DEPLOYED, e="e-2", new=new) for at in (60, 75)))
    assert (judgement.standing, judgement.state) == (Standing.ENDED, ERROR)


@pytest.mark.parametrize(
    ("ends", "standing"),
    [
        pytest.param((RUNS(at=9), RUNS(at=20)), Standing.UNCLEAR, id="as long as that waits"),
        pytest.param((RUNS(at=60),), Standing.UNCLEAR, id="however long that is"),
        pytest.param(
            [RUNS(at=at, state=ERROR, new=(execution("e-1", ERROR),)) for at in (10, 30, 60, 90, 150)],
            Standing.UNCLEAR,
            id="and over as it may be itself",
        ),
        pytest.param((RUNS(at=9, queue=()), RUNS(at=12, queue=())), Standing.UNCLEAR, id="nor as soon as it is gone"),
        pytest.param(
            (RUNS(at=9, queue=()), RUNS(at=20, queue=())), Standing.RUNNING, id="but if nothing else begins then"
        ),
        pytest.param(
            [RUNS(at=at, queue=(QueuedRequest(id="r-bot", by=US),)) for at in (9, 20)],
            Standing.UNCLEAR,
            id="and that was not merged into yet another",
        ),
        pytest.param(
            [RUNS(at=at, queue=(OTHERS,)) for at in (9, 20)], Standing.RUNNING, id="which somebody else's is not"
        ),
        pytest.param(
            [
                SIBLING(
                    at=at, state=DEPLOYED, e="e-2", new=(execution("e-2", DEPLOYED, after=9), execution("e-1", ERROR))
                )
                for at in (10, 25)
            ],
            Standing.UNCLEAR,
            id="and something else did",
        ),
    ],
)
def test_what_began_while_one_of_our_step_waits_here_at_once_may_be_another_s(
    ends: Sequence[Seen], standing: Standing
) -> None:
    assert follow(RUNS(at=0, queue=()), RUNS(at=1), RUNS(at=4), *ends).standing is standing


def test_ours_is_not_gone_while_one_of_our_step_waits_that_it_may_have_been_merged_into() -> None:
    ended = [RUNS(at=at, state=ERROR, new=(execution("e-1", ERROR),)) for at in (10, 40, 80, 150)]
    assert follow(SIBLING(at=0, queue=(OURS,)), RUNS(at=4), *ended).standing is Standing.UNCLEAR


def test_a_request_that_came_as_ours_went_is_not_its_survivor_if_ours_was_seen_to_begin() -> None:
    seen = partial(Seen, new=None)
    looks = [
        seen(at=1, queue=(OURS,)),
        seen(at=4, state=DEPLOYING, e="e-1", r="r-ours", queue=(NEWCOMER,)),
        *(seen(at=at, state=DEPLOYING, e="e-2", r="r-alice", queue=(NEWCOMER,)) for at in (10, 20)),
        *(seen(at=at, state=DEPLOYING, e="e-3", r="r-new") for at in (30, 45)),
    ]
    assert follow(*looks, seen(at=60, e="e-3")).standing is Standing.UNCLEAR


def test_a_request_that_came_as_ours_went_is_not_its_survivor_while_ours_is_about_to_begin() -> None:
    looks = [
        Seen(at=1, state=State.QUEUED, r="r-ours", queue=(OURS,)),
        *(Seen(at=at, state=State.QUEUED, r="r-ours", queue=(NEWCOMER,)) for at in (5, 20)),
        *(RUNS(at=at, siblings=frozenset()) for at in (22, 24)),
    ]
    judgement = follow(*looks, RUNS(at=40, state=ERROR, new=(execution("e-1", ERROR),), siblings=frozenset()))
    assert (judgement.standing, judgement.state) == (Standing.ENDED, ERROR)


BESIDE_HEIR = partial(Seen, state=DEPLOYING, e="e-1", queue=(HEIR,), new=(execution("e-1", DEPLOYING),))
#: What shows that it began after our request, and so is nothing that had begun before, unseen.
LATER = execution("e-1", DEPLOYING, after=2.5)


@pytest.mark.parametrize(
    ("looks", "standing"),
    [
        pytest.param([BESIDE_HEIR(at=3)], Standing.UNCLEAR, id="it came as ours went"),
        pytest.param([Seen(at=2), BESIDE_HEIR(at=3)], Standing.ENDED, id="it came when ours was gone"),
        pytest.param([BESIDE_HEIR(at=3, new=(LATER,))], Standing.ENDED, id="what began did so after our request"),
        pytest.param(
            [BESIDE_HEIR(at=3), BESIDE_HEIR(at=13, r="r-ours")],
            Standing.ENDED,
            id="a status shows our id ten seconds later",
        ),
        pytest.param(
            [BESIDE_HEIR(at=3), BESIDE_HEIR(at=12, r="r-ours")], Standing.UNCLEAR, id="nine seconds later it may be old"
        ),
        pytest.param([BESIDE_HEIR(at=3, queue=(replace(HEIR, by=ALICE),))], Standing.ENDED, id="it is somebody else's"),
        pytest.param(
            [Seen(at=2, queue=(OURS, HEIR)), BESIDE_HEIR(at=3)], Standing.ENDED, id="it had waited beside ours"
        ),
    ],
)
def test_what_began_as_ours_left_the_queue_is_open_while_ours_may_be_in_one_that_came_as_it_went(
    looks: Sequence[Seen], standing: Standing
) -> None:
    """What began may be another's that no status, queue or history showed before our request: they all may lag."""
    began = (looks[-1].new or ())[0]
    ended = replace(looks[-1], at=20, state=DEPLOYED, r=None, new=(replace(began, state=DEPLOYED),))
    assert follow(Seen(at=1, queue=(OURS,)), *looks, ended).standing is standing


def test_a_status_that_names_nobody_does_not_show_that_ours_is_in_no_heir() -> None:
    """Nor where nobody told our own id, and ours was merged into one that waited before."""
    began = [BESIDE_HEIR(at=at) for at in (5, 16, 30)]
    waited = [Seen(at=at, queue=(OURS_BEFORE,)) for at in (0, 1.1, 3)]
    assert follow(*waited, *began, accepted=ANONYMOUS, queue=(OURS_BEFORE,)).standing is Standing.UNCLEAR


@pytest.mark.parametrize(("version", "standing"), [("1.5.0", Standing.ENDED), (None, Standing.UNCLEAR)])
def test_what_is_told_to_have_the_version_asked_for_is_in_no_heir(version: str | None, standing: Standing) -> None:
    """A later request, of the next version, came as ours went."""
    began = BESIDE_HEIR(at=3, new=(execution("e-1", DEPLOYING, version=version),))
    ended = Seen(at=20, e="e-1", queue=(HEIR,), new=(execution("e-1", DEPLOYED, version=version),))
    asked = Asked(chart_version="1.5.0")
    assert follow(Seen(at=1, queue=(OURS,)), began, ended, asked=asked).standing is standing


def test_nothing_that_began_is_ours_as_long_as_a_request_waits_that_did_so_before() -> None:
    """Ours was merged with that one; what runs had begun before, and neither the status nor history showed it yet."""
    bot = Identity(triggered_by="bot", origin="API")
    runs = [
        Seen(at=at, state=DEPLOYING, e="e-1", queue=(OURS_BEFORE,), new=(execution("e-1", DEPLOYING, by=bot, after=0),))
        for at in (0, 1.1, 3, 12)
    ]
    ended = (execution("e-2", ERROR, after=20), execution("e-1", DEPLOYED, by=bot, after=0))
    assert follow(*runs, queue=(OURS_BEFORE,)).standing is Standing.WAITING
    assert follow(*runs, Seen(at=30, state=ERROR, e="e-2", new=ended), queue=(OURS_BEFORE,)).state is ERROR


def test_what_begins_unnamed_while_what_ours_was_merged_into_waits_may_be_ours() -> None:
    """It had left the queue by the first look, and took long to begin: then it was not merged into the next one."""
    due = Seen(at=0, state=State.QUEUED, e=None, r="r-ended")
    looks = [due, *(replace(due, at=at, queue=(HEIR,)) for at in (1.1, 12, 20))]
    runs = [Seen(at=at, state=DEPLOYING, e=None, queue=(HEIR,)) for at in (22, 30)]
    over = [Seen(at=at, e=None, new=(execution("e-2", DEPLOYED), execution("e-1", ERROR))) for at in (60, 75)]
    before = replace(REST, execution_id=None, request_id="r-ended")
    assert follow(*looks, status=before).standing is Standing.WAITING
    assert follow(*looks, *runs, *over, status=before).standing is Standing.UNCLEAR
    # What ran before is what both wait for.
    ran = [Seen(at=0, state=DEPLOYING, e=None, queue=(OURS,)), *(replace(runs[0], at=at) for at in (3, 14, 20))]
    assert follow(*ran, *runs, status=replace(before, state=DEPLOYING)).standing is Standing.WAITING


def test_nothing_is_gone_that_may_be_in_an_heir_which_waits() -> None:
    looks = [Seen(at=at, e="e-1", queue=(HEIR,), new=(execution("e-1", DEPLOYED),)) for at in (20, 55, 120)]
    assert follow(Seen(at=1, queue=(OURS,)), BESIDE_HEIR(at=3), *looks).standing is Standing.UNCLEAR


E_1, E_2 = execution("e-1", DEPLOYED), execution("e-2", ERROR, after=20)


@pytest.mark.parametrize(
    ("waited", "ended", "ours"),
    [
        pytest.param((OURS_BEFORE,), (E_1,), E_1, id="what waited was merged with ours"),
        pytest.param((OURS_BEFORE,), (E_2, E_1), None, id="or something else was about to begin, too"),
        pytest.param((), (E_1,), None, id="nothing waited: what began was about to"),
        pytest.param((), (E_2, E_1), E_2, id="and ours is the next"),
    ],
)
def test_a_queued_state_before_our_request_is_that_of_what_waited(
    waited: tuple[QueuedRequest, ...], ended: tuple[Execution, ...], ours: Execution | None
) -> None:
    """It may show the id of what had ended by then."""
    looks = [
        *(Seen(at=at, state=State.QUEUED, queue=waited) for at in (0, 1.1)),
        *(Seen(at=at, state=DEPLOYING, e="e-1", new=(replace(E_1, state=DEPLOYING),)) for at in (3, 8)),
        *(Seen(at=at, e="e-1", new=ended) for at in (30, 45)),
    ]
    before = replace(REST, state=State.QUEUED, request_id="r-ended")
    assert follow(*looks, status=before, queue=waited).execution == ours


def test_what_was_about_to_begin_is_what_history_told_a_little_later() -> None:
    """The status had been read before that."""
    began = Execution(id="e-00", state=State.STOPPED, by=ALICE, created_at=NOON - timedelta(seconds=1))
    before = replace(REST, state=State.QUEUED, request_id="r-alice")
    runs = replace(E_1, state=DEPLOYING)
    looks = [
        Seen(at=0, new=(began,)),
        *(Seen(at=at, state=DEPLOYING, e="e-1", new=(runs, began)) for at in (1.1, 3, 8)),
    ]
    assert follow(*looks, status=before, history=(began, BEFORE)).standing is Standing.RUNNING
    unknown = [replace(look, new=(look.new or ())[:-1]) for look in looks]
    assert follow(*unknown, status=before).standing is Standing.UNCLEAR


def test_what_began_while_ours_seemed_to_wait_is_open_as_well_while_ours_may_be_in_one_that_came_as_it_went() -> None:
    sighted = BESIDE_HEIR(at=1, r="r-rival", queue=(OURS,))
    runs = [BESIDE_HEIR(at=at, r="r-rival") for at in (3, 15)]
    about_to_begin = BESIDE_HEIR(at=18, r="r-rival", queue=())
    assert follow(sighted, *runs).standing is Standing.UNCLEAR
    assert follow(sighted, *runs, about_to_begin).standing is Standing.UNCLEAR
    assert follow(sighted, *runs, about_to_begin, replace(about_to_begin, at=29)).standing is Standing.RUNNING
    theirs = execution("e-2", DEPLOYED, by=ALICE, after=30)
    over = BESIDE_HEIR(at=50, state=DEPLOYED, e="e-2", queue=(), new=(theirs, execution("e-1", ERROR)))
    assert follow(sighted, *runs, about_to_begin, over).state is ERROR
    # It began, and nobody tells yet whose it is.
    heirs = [
        Seen(at=at, state=DEPLOYING, e="e-2", r="r-heir", new=(execution("e-1", DEPLOYED),)) for at in (20, 25, 35)
    ]
    assert follow(sighted, *runs, about_to_begin, *heirs).standing is Standing.UNCLEAR


FIRST, NEXT = execution("e-1", DEPLOYED), execution("e-2", DEPLOYED, after=20)


@pytest.mark.parametrize(
    ("waits", "ends", "standing"),
    [
        pytest.param((HEIR,), (NEXT, FIRST), Standing.ENDED, id="both ended alike"),
        pytest.param((HEIR,), (replace(NEXT, state=ERROR), FIRST), Standing.GONE, id="they ended differently"),
        pytest.param(
            (HEIR, QueuedRequest(id="r-third", by=US)), (NEXT, FIRST), Standing.GONE, id="three waited, two began"
        ),
        pytest.param(
            (HEIR, QueuedRequest(id="r-third", by=ALICE)), (NEXT, FIRST), Standing.ENDED, id="one of them not like ours"
        ),
        pytest.param(
            (HEIR,), (replace(NEXT, state=State.STOPPED), replace(FIRST, state=State.STOPPED)), Standing.GONE, id="ends"
        ),
    ],
)
def test_whichever_of_several_is_ours_its_end_is_known_once_all_have_ended_alike(
    waits: tuple[QueuedRequest, ...], ends: tuple[Execution, ...], standing: Standing
) -> None:
    began = BESIDE_HEIR(at=3, queue=waits)
    over = [Seen(at=at, e="e-2", new=ends) for at in (40, 55, 75)]
    judgement = follow(Seen(at=1, queue=(OURS,)), began, *over)
    assert (judgement.standing, set(judgement.alternatives)) == (standing, set(ends))
    assert judgement.execution is None


def test_no_end_is_known_while_something_else_may_be_ours() -> None:
    waited, began = Seen(at=1, queue=(OURS,)), BESIDE_HEIR(at=3)
    over = [Seen(at=at, e="e-2", new=(NEXT, FIRST)) for at in (40, 55, 120)]
    # One more waits that ours may have been merged into.
    still = [replace(look, queue=(QueuedRequest(id="r-last", by=US),)) for look in over]
    assert follow(waited, began, *still).standing is not Standing.ENDED
    # A status showed another execution, which history has not told.
    unheard = Seen(at=30, state=DEPLOYING, e="e-3", new=(FIRST,))
    assert follow(waited, began, unheard, *over).standing is Standing.GONE
    # History could not be had before our request, and it tells of one that no status showed.
    hidden = [replace(look, new=(NEXT, execution("e-3", DEPLOYED), FIRST)) for look in over]
    assert follow(waited, began, *hidden, history=None).standing is Standing.GONE
    # Nobody told our id, so that one alone may be another's.
    alone = [Seen(at=at, e="e-1", new=(FIRST,)) for at in (40, 55, 120)]
    waits = [BESIDE_HEIR(at=at) for at in (0, 6)]
    untold = Status(state=State.DEPLOYMENT_QUEUED)
    assert follow(*waits, *alone, accepted=untold).standing is Standing.GONE


def test_no_difference_is_concluded_beside_what_seemed_to_run_just_before_ours_left_the_queue() -> None:
    """The queue may lag, so that it was ours, and another's that waited beside it came next."""
    first, second = execution("e-1", ERROR, after=2), execution("e-2", DEPLOYED, by=ALICE, after=3)
    looks = [
        Seen(at=2, state=DEPLOYING, e="e-1", queue=(OURS, NEWCOMER), new=(first,)),
        *(Seen(at=at, e="e-2", new=(second, first)) for at in (4, 16, 40, 60)),
    ]
    assert follow(*looks, asked=Asked(only_differences=True)).standing is not Standing.UNCHANGED


@pytest.mark.parametrize(
    ("listed", "is_told_apart"),
    [
        pytest.param((), False, id="both left between two looks"),
        pytest.param((NEWCOMER,), True, id="it waits on, so that it is behind"),
    ],
)
@pytest.mark.parametrize("asked", [Asked(), Asked(only_differences=True)], ids=["", "for differences"])
def test_one_that_came_about_when_ours_did_and_is_like_it(
    asked: Asked,
    listed: tuple[QueuedRequest, ...],
    is_told_apart: bool,  # noqa: FBT001
) -> None:
    first, second = execution("e-1", ERROR, after=8), execution("e-2", DEPLOYED, after=12)
    looks = [
        Seen(at=3, queue=(OURS, NEWCOMER)),
        Seen(at=10, e="e-1", queue=listed, new=(first,)),
        *(Seen(at=at, e="e-2", new=(second, first)) for at in (22, 34, 60)),
    ]
    judgement = follow(*looks, asked=asked, status=replace(REST, state=DEPLOYING))
    assert (judgement.execution == first) is is_told_apart
    assert judgement.state is ERROR or judgement.standing in {Standing.UNCLEAR, Standing.GONE}


def test_what_begins_while_the_request_waits_that_ours_was_merged_into_leaves_open_which_is_ours() -> None:
    before = QueuedRequest(id="r-before", by=US)
    accepted = Status(state=State.DEPLOYMENT_QUEUED, request_id="r-before")
    began = execution("e-1", DEPLOYED, after=2)
    looks = [
        Seen(at=1, queue=(before,)),
        Seen(at=3, e="e-1", queue=(before,), new=(began,)),
        Seen(at=20, e="e-1", new=(began,)),
    ]
    assert follow(*looks, accepted=accepted, queue=(before,)).standing is Standing.UNCLEAR


@pytest.mark.parametrize(
    ("after", "standing"),
    [
        pytest.param(0.5, Standing.UNCLEAR, id="it began as the one before left: it is that one's"),
        pytest.param(9.0, Standing.ENDED, id="it began long after: the one before was taken out"),
    ],
)
def test_who_left_the_queue_before_ours_has_the_first_execution(after: float, standing: Standing) -> None:
    ahead = QueuedRequest(id="r-ahead", by=Identity(origin="API"))
    told = execution("e-1", DEPLOYED, by=Identity(origin="API"), after=after)
    looks = [Seen(at=0, queue=(ahead, OURS)), Seen(at=1, queue=(OURS,)), Seen(at=14, e="e-1", new=(told,))]
    assert follow(*looks, Seen(at=26, e="e-1", new=(told,))).standing is standing


QUEUED = partial(Seen, state=State.DEPLOYMENT_QUEUED, r="r-ours", queue=(OURS,))
BESIDE = partial(QUEUED, queue=None, new=None, beside=frozenset({"e-9"}))
BEGUN = partial(Seen, at=30, state=DEPLOYING, e="e-1", new=(execution("e-1", DEPLOYING, after=28),))


@pytest.mark.parametrize(
    ("looks", "standing"),
    [
        pytest.param([QUEUED(at=3.5), BESIDE(at=14), BEGUN()], Standing.RUNNING, id="it waited for another service"),
        pytest.param([QUEUED(at=3.5), QUEUED(at=14), BEGUN()], Standing.UNCLEAR, id="nothing tells what it waited for"),
        pytest.param([QUEUED(at=3.5), BESIDE(at=5), BEGUN()], Standing.UNCLEAR, id="that may have run before it"),
        pytest.param([QUEUED(at=3.5), BESIDE(at=21), BEGUN()], Standing.UNCLEAR, id="that may have run after it"),
        pytest.param([QUEUED(at=1), BESIDE(at=14), BEGUN()], Standing.UNCLEAR, id="another may have waited unlisted"),
        pytest.param(
            [QUEUED(at=1), QUEUED(at=4, queue=None, new=()), BESIDE(at=14), BEGUN()],
            Standing.UNCLEAR,
            id="nor could the queue be had since",
        ),
        pytest.param([QUEUED(at=3.5), BESIDE(at=14, age=2), BEGUN()], Standing.UNCLEAR, id="that was seen a while ago"),
        pytest.param(
            [QUEUED(at=3.5), BESIDE(at=14), BEGUN(age=8)], Standing.UNCLEAR, id="it was seen to run a while ago"
        ),
        pytest.param(
            [QUEUED(at=3.5), BESIDE(at=14, beside=frozenset({"e-1"})), BEGUN()],
            Standing.UNCLEAR,
            id="the other service was part of the same deployment",
        ),
        pytest.param(
            [QUEUED(at=3.5), BESIDE(at=14), BEGUN(state=DEPLOYED, new=(execution("e-1", DEPLOYED, after=1),))],
            Standing.UNCLEAR,
            id="it is over, so that it may have begun before",
        ),
        pytest.param(
            [
                QUEUED(at=3.5),
                BESIDE(at=14),
                BEGUN(new=(execution("e-1", DEPLOYING, after=28), execution("e-2", DEPLOYED, after=1))),
            ],
            Standing.UNCLEAR,
            id="it is not the only one",
        ),
    ],
)
def test_what_began_after_another_services_deployment_is_ours_at_once(looks: list[Seen], standing: Standing) -> None:
    assert follow(*looks).standing is standing


def test_a_request_of_somebody_else_is_no_survivor() -> None:
    looks = [Seen(at=1, queue=(OURS,)), Seen(at=2, queue=(OTHERS,)), Seen(at=3, queue=(OTHERS,))]
    judgement = follow(*looks)
    assert judgement.standing is Standing.UNCLEAR
    assert judgement.other is not None
    assert judgement.other.id == "r-alice"


LATER = execution("e-2", DEPLOYED, after=9)


@pytest.mark.parametrize(
    ("looks", "baseline", "standing"),
    [
        pytest.param(
            [Seen(at=1), Seen(at=15, e="e-2", new=(LATER, execution("e-1", ERROR, after=-3600)))],
            {},
            Standing.ENDED,
            id="it did not",
        ),
        pytest.param(
            [Seen(at=1), Seen(at=15, e="e-2", new=(LATER, execution("e-1", ERROR)))], {}, Standing.UNCLEAR, id="it may"
        ),
        pytest.param(
            [Seen(at=1), Seen(at=15, e="e-2", new=(LATER, replace(execution("e-1", ERROR), created_at=None)))],
            {},
            Standing.UNCLEAR,
            id="no date tells",
        ),
        pytest.param(
            [Seen(at=1), Seen(at=15, e="e-2", new=(LATER, execution("e-1", ERROR, by=ALICE)))],
            {},
            Standing.ENDED,
            id="another's",
        ),
        pytest.param(
            [
                *(
                    Seen(at=at, state=DEPLOYING, e="e-1", queue=(OURS,), new=(execution("e-1", DEPLOYING),))
                    for at in (1, 7)
                ),
                Seen(at=20, e="e-2", new=(LATER, execution("e-1", ERROR))),
                Seen(at=30, e="e-2", new=(LATER, execution("e-1", ERROR))),
            ],
            {},
            Standing.ENDED,
            id="it began while ours waited",
        ),
        pytest.param(
            [NEVER_QUEUED(at=at, e="e-2", new=(LATER, execution("e-1", ERROR))) for at in (10, 30)],
            {"queue": None},
            Standing.UNCLEAR,
            id="it may, and the queue cannot be asked",
        ),
    ],
)
def test_what_history_could_not_tell_before_the_request_may_have_begun_since(
    looks: list[Seen], baseline: dict[str, Any], standing: Standing
) -> None:
    assert follow(*looks, **{"history": None, **baseline}).standing is standing


def test_what_a_status_showed_is_new_although_history_could_not_tell_before_the_request() -> None:
    looks = [
        Seen(at=1, state=DEPLOYING, e="e-1", new=None),
        Seen(at=15, e="e-2", new=(replace(LATER, by=ALICE), execution("e-1", ERROR))),
    ]
    judgement = follow(*looks, history=None)
    assert (judgement.standing, judgement.state) == (Standing.ENDED, ERROR)


def test_no_difference_is_concluded_where_history_could_not_tell_before_the_request_what_began_since() -> None:
    looks = [Seen(at=at, new=(execution("e-1", ERROR),)) for at in (0, 3, 40)]
    for history, standing in ((None, Standing.UNCLEAR), ((execution("e-1", ERROR), BEFORE), Standing.UNCHANGED)):
        assert follow(*looks, asked=Asked(only_differences=True), history=history).standing is standing


def test_what_had_ended_untold_comes_first_in_history() -> None:
    untold = execution("e-1", ERROR, after=-1)
    ours = execution("e-2", DEPLOYED, after=2)
    for before, standing in ((None, Standing.UNCLEAR), ("e-0", Standing.ENDED)):
        at_rest = Status(state=ERROR, execution_id=before)
        looks = [Seen(at=1), Seen(at=5, state=ERROR, e="e-1", new=(untold,))]
        assert follow(*looks, status=at_rest).standing is standing
        assert follow(*looks[:1], Seen(at=15, e="e-2", new=(ours, untold)), status=at_rest).standing is standing


def test_without_history_before_the_request_old_entries_are_not_taken_for_new_ones() -> None:
    old = execution("e-old", DEPLOYED, after=-3600)
    assert follow(Seen(at=9, new=(old,)), history=None).standing is Standing.UNCLEAR


@pytest.mark.parametrize(
    ("looks", "standing"),
    [
        pytest.param([AT_REST, Seen(at=NO_DIFFERENCE)], Standing.UNCHANGED, id="nothing began, and nothing waits"),
        pytest.param([AT_REST, Seen(at=NO_DIFFERENCE / 2)], Standing.UNCLEAR, id="but it is too early to say so"),
        pytest.param([Seen(at=NO_DIFFERENCE)], Standing.UNCLEAR, id="or it has not been at rest for long"),
        pytest.param([AT_REST, Seen(at=NO_DIFFERENCE, queue=(OTHERS,))], Standing.UNCHANGED, id="somebody waits since"),
        pytest.param([Seen(at=3, queue=(OTHERS,))] * 2, Standing.UNCLEAR, id="somebody waits all the time"),
        pytest.param([Seen(at=3, state=DEPLOYING)] * 2, Standing.UNCLEAR, id="something runs"),
        pytest.param(
            [AT_REST, Seen(at=NO_DIFFERENCE, e="e-1", new=(execution("e-1", DEPLOYED),))],
            Standing.ENDED,
            id="ours ran after all",
        ),
        pytest.param(
            [AT_REST, Seen(at=NO_DIFFERENCE, e="e-1", new=(execution("e-1", DEPLOYED, after=6),))],
            Standing.UNCHANGED,
            id="another began when the service had been at rest",
        ),
        pytest.param(
            [AT_REST, Seen(at=12, state=DEPLOYING, e="e-1"), Seen(at=NO_DIFFERENCE, e="e-1")],
            Standing.UNCLEAR,
            id="something began, and history does not tell yet what",
        ),
    ],
)
def test_with_diff_nothing_to_deploy_shows_in_nothing_beginning(looks: list[Seen], standing: Standing) -> None:
    assert follow(Seen(at=0), *looks, asked=Asked(only_differences=True)).standing is standing


def test_an_id_that_is_still_an_earlier_requests_is_not_taken_for_ours() -> None:
    stale = Status(state=DEPLOYED, request_id="r-before")
    before = replace(REST, request_id="r-before")
    claim = Claim.from_acceptance(asked=Asked(), baseline=Baseline(status=before), accepted=stale)
    assert claim.request_id is None


def test_a_state_nobody_knows_is_neither_an_end_nor_an_error() -> None:
    state = State("LEVITATING")
    assert (state.name, state.value, state.is_known) == ("UNKNOWN", "LEVITATING", False)
    assert not (state.is_terminal)
    assert not (state.is_error)
    assert not (state.is_busy)
    assert not (state.ends_a_deployment)


def test_the_current_step_is_the_one_that_has_not_ended() -> None:
    steps = (Step(name="BUILD", status="SUCCESS", duration=3), Step(name="DEPLOYMENT"))
    assert replace(REST, steps=steps).current_step == "DEPLOYMENT"
    assert REST.current_step is None
