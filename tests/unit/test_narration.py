from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from qovery_helm_deploy.deployment.judgement import Judgement
from qovery_helm_deploy.deployment.observations import Call
from qovery_helm_deploy.deployment.standing import Standing
from qovery_helm_deploy.deployment.status import State
from qovery_helm_deploy.errors import NoAnswerError, RateLimitedError
from qovery_helm_deploy.run.narration import Narrator, report_trouble, requests_ahead
from tests.deployments.case import RecordingLog
from tests.engine.examples import ENVIRONMENT, execution, queued, record

Observed = tuple[float, Standing, State | None, int]

RUNNING = (Standing.RUNNING, State.DEPLOYING, 0)
QUEUED = (Standing.QUEUED, State.DEPLOYMENT_QUEUED, 0)


def narrate(*observed: Observed, usual: float | None = None) -> list[str]:
    log = RecordingLog()
    narrator = Narrator(log)
    narrator.expect(usual)
    for at, standing, state, ahead in observed:
        narrator.report(Judgement(standing=standing), state, ahead=ahead, at=at)
    return log.lines


@pytest.mark.parametrize(
    ("standing", "state", "ahead", "lines"),
    [
        pytest.param(Standing.QUEUED, State.QUEUED, 0, ["[00:00] queued"], id="next in the queue"),
        pytest.param(Standing.QUEUED, None, 1, ["[00:00] queued, behind 1 other request"], id="behind one"),
        pytest.param(Standing.QUEUED, None, 2, ["[00:00] queued, behind 2 other requests"], id="behind two"),
        pytest.param(Standing.RUNNING, State.DEPLOYING, 0, ["[00:00] deploying"], id="running"),
        pytest.param(Standing.RUNNING, None, 0, ["[00:00] running"], id="running, state unknown"),
        pytest.param(Standing.ENDED, State.CANCELED, 0, ["[00:00] canceled"], id="ended"),
        pytest.param(Standing.ENDED, State.BUILD_ERROR, 0, ["[00:00] failed (BUILD_ERROR)"], id="failed"),
        pytest.param(Standing.ENDED, None, 0, ["[00:00] ended"], id="ended, state unknown"),
        *(
            pytest.param(standing, State.DEPLOYED, 0, [], id=standing.name.lower())
            for standing in Standing
            if standing not in {Standing.QUEUED, Standing.RUNNING, Standing.ENDED}
        ),
    ],
)
def test_describes_the_standing(standing: Standing, state: State | None, ahead: int, lines: list[str]) -> None:
    assert narrate((0.0, standing, state, ahead)) == lines


def test_counts_what_is_ahead() -> None:
    """One execution that runs, however many are listed, and the older requests that wait."""
    running, over = execution(f"{ENVIRONMENT}-2", State.DEPLOYING), execution(f"{ENVIRONMENT}-1")
    seen = record(queue=["first", "second"], history=[running, over])
    assert requests_ahead(seen) == 3
    seen = seen.with_queue(Call(1.0, 1.1), [queued("second"), queued("own"), queued("later")])
    assert requests_ahead(seen) == 2
    seen = seen.with_history(Call(2.0, 2.1), [replace(running, is_over=True), over])
    assert requests_ahead(seen) == 1
    assert requests_ahead(record(queue=["own"])) == 0


def test_every_line_begins_with_the_prefix() -> None:
    log = RecordingLog()
    narrator = Narrator(log)
    narrator.prefix = "api: "
    narrator.say("Request accepted")
    narrator.report(Judgement(standing=Standing.QUEUED), None, ahead=0, at=0.0)
    assert log.lines == ["api: Request accepted", "api: [00:00] queued"]


def test_reports_each_change_once() -> None:
    behind = (Standing.QUEUED, State.QUEUED, 1)
    observed = ((0.0, *behind), (1.0, *behind), (2.0, *QUEUED), (20.0, *RUNNING), (30.0, *RUNNING), (40.0, *QUEUED))
    assert narrate(*observed) == [
        "[00:00] queued, behind 1 other request",
        "[00:02] queued",
        "[00:20] deploying",
        "[00:40] queued",
    ]


def test_reports_every_five_minutes_without_change() -> None:
    assert narrate(*((float(at), *RUNNING) for at in range(0, 901, 100))) == [
        "[00:00] deploying",
        "[05:00] still deploying",
        "[10:00] still deploying",
        "[15:00] still deploying",
    ]


@pytest.mark.parametrize(
    ("at", "clock"),
    [(0.9, "[00:00]"), (61.0, "[01:01]"), (3599.9, "[59:59]"), (3600.0, "[1:00:00]"), (90_061, "[25:01:01]")],
)
def test_time_counts_from_the_acceptance(at: float, clock: str) -> None:
    assert narrate((at, *RUNNING)) == [f"{clock} deploying"]


def test_running_lines_name_the_usual_duration() -> None:
    assert narrate((0.0, *QUEUED), (9.0, *RUNNING), (309.0, *RUNNING), usual=187.0) == [
        "[00:00] queued",
        "[00:09] deploying, usually takes 3m 07s",
        "[05:09] still deploying, usually takes 3m 07s",
    ]


def test_reports_each_unknown_state_once() -> None:
    odd, odder = ((Standing.UNCLEAR, State(name), 0) for name in ("TELEPORTED", "BEAMED"))
    assert narrate((0.0, *odd), (1.0, *RUNNING), (2.0, *odd), (3.0, *odder)) == [
        "Qovery reports the state TELEPORTED, which this version of the action does not know",
        "[00:01] deploying",
        "Qovery reports the state BEAMED, which this version of the action does not know",
    ]


@dataclass
class DebugLog(RecordingLog):
    """Keeps debug lines, too."""

    debugged: list[str] = field(default_factory=list)

    def debug(self, text: str) -> None:
        self.debugged.append(text)


def test_repeated_failed_reads_warn_once() -> None:
    log = DebugLog()
    for failures in range(1, 8):
        report_trouble(log, failures, NoAnswerError("No answer."))
    assert log.warnings == ["Trouble reaching Qovery: Cannot reach Qovery (4 attempts); retrying. No answer."]
    assert log.debugged == [f"A read from Qovery failed ({n} in a row): No answer." for n in (1, 2, 3, 5, 6, 7)]
    assert log.lines == []


def test_a_used_up_rate_limit_is_no_lost_contact() -> None:
    log = RecordingLog()
    error = RateLimitedError("Qovery's rate limit is used up.")
    report_trouble(log, 4, error)
    assert log.warnings == [f"Rate limit used up: Qovery's rate limit is used up. {error.hint}"]
