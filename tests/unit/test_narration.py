from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import pytest

from qovery_helm_deploy.deployment.ownership import Judgement, Standing
from qovery_helm_deploy.deployment.status import State, Status, Step
from qovery_helm_deploy.errors import NoAnswerError
from qovery_helm_deploy.run.narration import Narrator, tell_trouble
from tests.deployments.case import RecordingLog

RUNNING = partial(Judgement, standing=Standing.RUNNING, state=State.DEPLOYING)
WAITING = partial(Judgement, standing=Standing.WAITING, state=State.DEPLOYMENT_QUEUED)
STATUS = Status(state=State.DEPLOYING)


def tell(*told: tuple[float, Judgement], status: Status = STATUS) -> tuple[list[str], list[bool]]:
    log = RecordingLog()
    narrator = Narrator(log, label="api")
    return log.lines, [narrator.tell(judgement, status, at=at) for at, judgement in told]


@pytest.mark.parametrize(
    ("judgement", "words"),
    [
        pytest.param(WAITING(), "waiting in Qovery's queue", id="it waits"),
        pytest.param(WAITING(queue_length=3), "waiting in Qovery's queue (3 in it)", id="it waits with others"),
        pytest.param(WAITING(queue_length=1), "waiting in Qovery's queue", id="it waits alone"),
        pytest.param(WAITING(queue_length=3, ahead=1), "waiting in Qovery's queue, behind 1 other", id="it is next"),
        pytest.param(WAITING(queue_length=3, ahead=2), "waiting in Qovery's queue, behind 2 others", id="it is third"),
        pytest.param(RUNNING(), "DEPLOYING", id="it runs"),
        pytest.param(Judgement(standing=Standing.ENDED, state=State.CANCELED), "ended in CANCELED", id="it ended"),
        pytest.param(
            Judgement(standing=Standing.UNCLEAR, state=State.DEPLOYED),
            "accepted; the service is DEPLOYED; checking whether that is ours",
            id="nobody knows yet whose success that is",
        ),
        pytest.param(
            Judgement(standing=Standing.UNCLEAR, state=State.DEPLOYING),
            "accepted; the service is DEPLOYING",
            id="nobody knows yet what runs",
        ),
        pytest.param(Judgement(standing=Standing.GONE, state=State.DEPLOYED), "over", id="it is gone"),
        pytest.param(Judgement(standing=Standing.UNCHANGED, state=State.DEPLOYED), "over", id="nothing was to be done"),
    ],
)
def test_where_a_request_stands_is_told_in_words(judgement: Judgement, words: str) -> None:
    assert tell((0.0, judgement)) == ([f"api: [00:00] {words}"], [True])


def test_a_place_that_was_not_asked_for_again_is_the_one_told_before() -> None:
    lines, news = tell(
        (0.0, WAITING(queue_length=3, ahead=2)),
        (1.0, WAITING()),
        (2.0, WAITING(queue_length=2, ahead=1)),
        (3.0, WAITING()),
        (4.0, RUNNING()),
    )
    assert news == [True, False, True, False, True]
    assert lines[1:] == ["api: [00:02] waiting in Qovery's queue, behind 1 other", "api: [00:04] DEPLOYING"]


def test_after_a_while_it_is_told_that_nothing_shows() -> None:
    unclear = Judgement(standing=Standing.UNCLEAR, state=State.DEPLOYED)
    told = "api: [00:10] accepted; the service is DEPLOYED, and nothing shows yet which deployment is ours"
    assert tell((9.0, unclear), (10.0, unclear))[0][1:] == [told]


def test_what_would_be_told_in_the_same_words_is_not_told_again() -> None:
    queued, at_rest = WAITING(queue_length=1), WAITING(state=State.DEPLOYED)
    lines, news = tell((0.0, at_rest), (1.0, queued))
    assert lines == ["api: [00:00] waiting in Qovery's queue"]
    assert news == [True, True]


@pytest.mark.parametrize(
    ("at", "clock"),
    [(0.9, "[00:00]"), (61.0, "[01:01]"), (3599.9, "[59:59]"), (3600.0, "[1:00:00]"), (90_061, "[25:01:01]")],
)
def test_the_time_is_that_since_the_acceptance(at: float, clock: str) -> None:
    assert tell((at, RUNNING()))[0] == [f"api: {clock} DEPLOYING"]


def test_what_is_usual_is_told_at_first_and_remembered_in_signs_of_life() -> None:
    log = RecordingLog()
    narrator = Narrator(log, label="api")
    narrator.expect(None)
    narrator.expect(187.0)
    for at in (0.0, 300.0):
        narrator.tell(RUNNING(), STATUS, at=at)
    assert log.lines == [
        "api: a deployment of this service usually takes 3m 07s.",
        "api: [00:00] DEPLOYING",
        "api: [05:00] still DEPLOYING (usually over after 3m 07s)",
    ]


def test_a_step_is_told_while_it_runs() -> None:
    status = Status(state=State.DEPLOYING, steps=(Step(name="BUILD", status="SUCCESS"), Step(name="DEPLOYMENT")))
    assert tell((0.0, RUNNING()), status=status)[0] == ["api: [00:00] DEPLOYING, step DEPLOYMENT"]
    assert tell((0.0, WAITING()), status=status)[0] == ["api: [00:00] waiting in Qovery's queue"]


def test_only_news_is_told() -> None:
    lines, news = tell((0.0, WAITING()), (10.0, WAITING()), (20.0, RUNNING()), (30.0, RUNNING()), (40.0, WAITING()))
    assert news == [True, False, True, False, True]
    assert [line[5:12] for line in lines] == ["[00:00]", "[00:20]", "[00:40]"]


def test_a_sign_of_life_comes_every_five_minutes() -> None:
    lines, news = tell(*((float(at), RUNNING()) for at in range(0, 901, 100)))
    assert lines == [
        "api: [00:00] DEPLOYING",
        "api: [05:00] still DEPLOYING",
        "api: [10:00] still DEPLOYING",
        "api: [15:00] still DEPLOYING",
    ]
    assert news.count(True) == 1


def test_a_state_that_nobody_knows_is_told_once_and_waited_out() -> None:
    odd, odder = (Judgement(standing=Standing.UNCLEAR, state=State(name)) for name in ("TELEPORTED", "BEAMED"))
    lines, _ = tell((0.0, odd), (1.0, RUNNING()), (2.0, odd), (3.0, odder))
    unknown = [line for line in lines if "does not know" in line]
    assert unknown == [
        "api: Qovery tells a state that this action does not know, TELEPORTED; it goes on waiting.",
        "api: Qovery tells a state that this action does not know, BEAMED; it goes on waiting.",
    ]


@dataclass
class DebugLog(RecordingLog):
    """Keeps debug lines, too."""

    debugged: list[str] = field(default_factory=list)

    def debug(self, text: str) -> None:
        self.debugged.append(text)


def test_one_failed_reading_is_nothing_and_a_streak_is_one_warning() -> None:
    log = DebugLog()
    for failures in range(1, 8):
        tell_trouble(log, failures, NoAnswerError("No answer."))
    assert log.warnings == ["Trouble reaching Qovery: Qovery cannot be asked at the moment; trying on. No answer."]
    assert log.debugged == [f"Reading from Qovery failed ({n} in a row): No answer." for n in (1, 2, 3, 5, 6, 7)]
    assert log.lines == []
