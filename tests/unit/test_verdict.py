from __future__ import annotations

from dataclasses import replace

import pytest

from qovery_helm_deploy.deployment.execution import Execution, Identity, ServiceResult
from qovery_helm_deploy.deployment.judgement import Judgement
from qovery_helm_deploy.deployment.log_entry import LogEntry
from qovery_helm_deploy.deployment.standing import Standing
from qovery_helm_deploy.deployment.status import State
from qovery_helm_deploy.deployment.verdict import Other, Outcome, Verdict, lost_contact, timed_out, verdict_of

ALICE = Identity(user="alice", origin="CONSOLE")
UNKNOWN = State("TELEPORTED")


def execution(state: State, *, name: str = "e-1", service: State | None = None) -> Execution:
    """Return an execution that ended; `service` is the state of our service in it, where Qovery shows it."""
    services = {"s": ServiceResult(state=service)} if service else {}
    return Execution(id=name, state=state, is_over=True, by=ALICE, services=services)


def judged(
    standing: Standing,
    *executions: Execution,
    state: State | None = None,
    is_of_execution: bool = False,
    other: Other | None = None,
) -> Verdict:
    services = executions[0].services if executions else {}
    judgement = Judgement(standing=standing, executions=executions, services=services)
    return verdict_of(judgement, service_id="s", state=state, is_of_execution=is_of_execution, other=other)


def ended(service: State | None, *, whole: State = State.DEPLOYED, state: State | None = None) -> Verdict:
    return judged(Standing.ENDED, execution(whole, service=service), state=state, is_of_execution=state is not None)


@pytest.mark.parametrize("state", [*State, UNKNOWN])
def test_only_deployed_is_a_success(state: State) -> None:
    assert ended(state).outcome.is_green is (state is State.DEPLOYED)


@pytest.mark.parametrize("standing", [each for each in Standing if each.is_final])
@pytest.mark.parametrize("state", [*State, UNKNOWN, None], ids=str)
def test_only_ended_or_unchanged_is_green(standing: Standing, state: State | None) -> None:
    verdict = judged(standing, execution(State.DEPLOYED, service=state), state=state)
    assert not verdict.outcome.is_green or standing in {Standing.ENDED, Standing.UNCHANGED}
    assert bool(verdict.hint) is not verdict.outcome.is_green


@pytest.mark.parametrize(
    ("verdict", "outcome", "words"),
    [
        pytest.param(ended(State.DEPLOYED), Outcome.SUCCEEDED, "Qovery deployed the service.", id="deployed"),
        pytest.param(
            ended(State.CANCELED),
            Outcome.CANCELED,
            "Someone canceled the deployment while it was running.",
            id="canceled",
        ),
        pytest.param(ended(State.BUILD_ERROR), Outcome.FAILED, "The build failed (BUILD_ERROR).", id="build error"),
        pytest.param(
            ended(State.DEPLOYMENT_ERROR),
            Outcome.FAILED,
            "The deployment failed (DEPLOYMENT_ERROR).",
            id="deployment error",
        ),
        pytest.param(
            ended(State.STOP_ERROR), Outcome.FAILED, "The deployment ended in STOP_ERROR.", id="another error"
        ),
        pytest.param(
            ended(State.STOPPED),
            Outcome.SUPERSEDED,
            "while this deployment was running: it is stopped now.",
            id="stopped meanwhile",
        ),
        pytest.param(
            ended(State.QUEUED, whole=State.DEPLOYMENT_ERROR),
            Outcome.SKIPPED,
            "ended before its stage began (DEPLOYMENT_ERROR)",
            id="earlier stage failed",
        ),
        pytest.param(
            ended(State.CANCELED, whole=State.DEPLOYMENT_ERROR),
            Outcome.SKIPPED,
            "canceled this service because another one of the deployment failed (DEPLOYMENT_ERROR)",
            id="another service failed, shown as canceled",
        ),
        pytest.param(
            ended(State.READY, whole=State.CANCELED),
            Outcome.SKIPPED,
            "ended before its stage began (CANCELED)",
            id="canceled in an earlier stage",
        ),
        pytest.param(ended(State.READY), Outcome.SKIPPED, "the deployment succeeded without it", id="left out"),
        pytest.param(ended(UNKNOWN), Outcome.LOST_CONTACT, "the state TELEPORTED, which this", id="unknown state"),
        pytest.param(
            ended(None, state=State.DEPLOYMENT_ERROR),
            Outcome.FAILED,
            "The deployment failed (DEPLOYMENT_ERROR).",
            id="only a status shows it",
        ),
        pytest.param(ended(None), Outcome.LOST_CONTACT, "does not report how it ended", id="unreadable"),
        pytest.param(
            judged(Standing.ENDED, replace(execution(State.DEPLOYMENT_ERROR), services={}, is_partial=True)),
            Outcome.SKIPPED,
            "ended before its stage began (DEPLOYMENT_ERROR)",
            id="statuses show it in an earlier execution",
        ),
        *(
            pytest.param(
                judged(Standing.ENDED, replace(execution(whole, service=end), is_partial=True)),
                outcome,
                words,
                id=f"statuses show {end} in {whole}",
            )
            for end, whole, outcome, words in (
                (State.DEPLOYING, State.DEPLOYED, Outcome.LOST_CONTACT, "does not report how it ended"),
                (State.QUEUED, State.DEPLOYED, Outcome.LOST_CONTACT, "does not report how it ended"),
                (State.QUEUED, State.DEPLOYMENT_ERROR, Outcome.SKIPPED, "ended before its stage began"),
            )
        ),
        pytest.param(
            judged(Standing.REPLACED), Outcome.SUPERSEDED, "merged this request with another one", id="replaced"
        ),
        pytest.param(
            judged(Standing.UNDECIDED), Outcome.SUPERSEDED, "running, or deployed the service.", id="none to name"
        ),
        pytest.param(
            judged(
                Standing.UNDECIDED,
                execution(State.DEPLOYED),
                execution(State.CANCELED, name="e-2"),
                other=Other(id="e-3", by=ALICE),
            ),
            Outcome.SUPERSEDED,
            "or ran as e-1 (DEPLOYED), e-2 (CANCELED).",
            id="undecided",
        ),
    ],
)
def test_a_verdict_says_how_the_deployment_ended(verdict: Verdict, outcome: Outcome, words: str) -> None:
    assert verdict.outcome is outcome
    assert words in verdict.reason
    assert bool(verdict.hint) is not outcome.is_green


@pytest.mark.parametrize(
    ("whole", "hint"),
    [(State.DEPLOYMENT_ERROR, "Correct the service that failed"), (State.CANCELED, "Run the job again")],
)
def test_a_skipped_service_hints_at_what_ended_the_deployment(whole: State, hint: str) -> None:
    assert ended(State.READY, whole=whole).hint.startswith(hint)


@pytest.mark.parametrize(
    ("state", "outcome"), [(State.DEPLOYED, Outcome.SUCCEEDED), (State.DEPLOYMENT_ERROR, Outcome.FAILED)]
)
def test_names_executions_that_ended_alike(state: State, outcome: Outcome) -> None:
    verdict = judged(Standing.ENDED, *(execution(state, name=name, service=state) for name in ("e-1", "e-2")))
    assert verdict.outcome is outcome
    assert "all of them ended alike: e-1, e-2." in verdict.reason


@pytest.mark.parametrize("state", [*State, None], ids=str)
def test_unchanged_is_green_only_if_deployed(state: State | None) -> None:
    verdict = judged(Standing.UNCHANGED, state=state)
    is_deployed = state in {State.DEPLOYED, State.RESTARTED}
    assert verdict.outcome is (Outcome.UNCHANGED if is_deployed else Outcome.FAILED)
    assert verdict.reason.startswith("Qovery ran no deployment for this request (`force_event: DIFF`)")
    assert (f"the service is not deployed: its state is {state or 'unknown'}." in verdict.reason) is not is_deployed


@pytest.mark.parametrize(
    ("other", "outcome", "words"),
    [
        pytest.param(None, Outcome.CANCELED, "someone canceled it, or Qovery dropped it.", id="nothing"),
        pytest.param(
            Other(id="e-2", by=ALICE),
            Outcome.SUPERSEDED,
            "Another deployment by alice through CONSOLE ran instead: e-2.",
            id="someone",
        ),
        pytest.param(
            Other(id="e-2", by=Identity(origin="GIT")),
            Outcome.SUPERSEDED,
            "Another deployment by GIT ran instead: e-2.",
            id="a push",
        ),
        pytest.param(
            Other(id="e-2", by=Identity()),
            Outcome.SUPERSEDED,
            "Another deployment ran instead: e-2.",
            id="user not shown",
        ),
    ],
)
def test_removed_names_the_other_deployment(other: Other | None, outcome: Outcome, words: str) -> None:
    verdict = judged(Standing.REMOVED, state=State.DEPLOYED, other=other)
    assert verdict.outcome is outcome
    assert words in verdict.reason


@pytest.mark.parametrize(
    ("standing", "state", "words"),
    [
        pytest.param(Standing.QUEUED, None, "is still queued after 1m 00s (`timeout`)", id="queued"),
        pytest.param(Standing.RUNNING, State.DEPLOYING, "is still deploying after 1m 00s (`timeout`)", id="running"),
        pytest.param(Standing.RUNNING, None, "is still running after 1m 00s (`timeout`)", id="state unknown"),
        pytest.param(Standing.UNCLEAR, State.DEPLOYING, "No result after 1m 00s (`timeout`)", id="unclear"),
        pytest.param(Standing.STARTING, None, "No result after 1m 00s (`timeout`)", id="starting"),
    ],
)
def test_timeout_reports_last_state(standing: Standing, state: State | None, words: str) -> None:
    verdict = timed_out(standing, state, elapsed=60.2, limit="timeout")
    assert verdict.outcome is Outcome.TIMED_OUT
    assert words in verdict.reason
    assert verdict.hint


def test_lost_contact_names_the_cause() -> None:
    verdict = lost_contact("No answer.", elapsed=60.2)
    assert verdict.outcome is Outcome.LOST_CONTACT
    assert verdict.reason == "The time ran out after 1m 00s, and Qovery could not be reached: No answer."
    assert "console" in verdict.hint


def test_a_sentence_is_added_to_the_reason() -> None:
    verdict = Verdict(outcome=Outcome.TIMED_OUT, reason="It took long.", hint="Wait.")
    assert verdict.and_then("It was canceled.") == Verdict(
        outcome=Outcome.TIMED_OUT, reason="It took long. It was canceled.", hint="Wait."
    )


@pytest.mark.parametrize(
    ("entry", "reason", "hint"),
    [
        pytest.param(LogEntry(error="No image"), "No image. It broke.", "Mend it.", id="error"),
        pytest.param(
            LogEntry(error="a.\n", underlying_error="b", hint="Push."),
            "a. b. It broke.",
            "Push.",
            id="error, underlying error and hint",
        ),
        pytest.param(LogEntry(error="a", underlying_error="a "), "a. It broke.", "Mend it.", id="same twice"),
        pytest.param(LogEntry(underlying_error="b"), "b. It broke.", "Mend it.", id="underlying error"),
        pytest.param(LogEntry(error=" "), "It broke.", "Mend it.", id="no words"),
    ],
)
def test_the_log_explains_a_verdict(entry: LogEntry, reason: str, hint: str) -> None:
    verdict = Verdict(outcome=Outcome.FAILED, reason="It broke.", hint="Mend it.")
    assert verdict.because_of(entry) == Verdict(outcome=Outcome.FAILED, reason=reason, hint=hint)


def test_a_long_cause_is_cut() -> None:
    verdict = Verdict(outcome=Outcome.FAILED, reason="It broke.").because_of(
        LogEntry(error=f"{'x' * 10_000} the cause")
    )
    assert len(verdict.reason) < 2100
    assert verdict.reason.endswith("x the cause. It broke.")


def test_earlier_state_of_service_is_not_green() -> None:
    """An earlier stage failed, and the history shows the state that the service had before."""
    assert ended(State.DEPLOYED, whole=State.DEPLOYMENT_ERROR).outcome is Outcome.LOST_CONTACT
    assert ended(State.DEPLOYED, whole=State.DEPLOYMENT_ERROR, state=State.DEPLOYED).outcome is Outcome.SUCCEEDED


def test_state_of_another_execution_is_no_result() -> None:
    verdict = judged(Standing.ENDED, execution(State.CANCELED, service=None), state=State.DEPLOYED)
    assert verdict.outcome is Outcome.LOST_CONTACT
