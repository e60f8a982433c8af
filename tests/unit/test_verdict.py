from __future__ import annotations

from dataclasses import replace

import pytest

from qovery_helm_deploy.deployment.evidence import Execution, Identity
from qovery_helm_deploy.deployment.log_entry import LogEntry
from qovery_helm_deploy.deployment.ownership import Judgement, Other, Standing
from qovery_helm_deploy.deployment.status import State
from qovery_helm_deploy.deployment.verdict import Outcome, Verdict, lost_contact, timed_out, verdict_of

ALICE = Identity(triggered_by="alice", origin="CONSOLE")
EXECUTION = Execution(id="e-1", state=State.STOPPED, by=ALICE)


def ended(state: State, execution: Execution | None = None) -> Verdict:
    return verdict_of(Judgement(standing=Standing.ENDED, state=state, execution=execution))


@pytest.mark.parametrize("state", State)
def test_of_all_ends_only_deployed_is_green(state: State) -> None:
    assert ended(state).outcome.is_green is (state is State.DEPLOYED)


def test_an_end_that_nobody_knows_is_not_green() -> None:
    assert ended(State("TELEPORTED")).outcome is Outcome.SUPERSEDED


@pytest.mark.parametrize(
    ("state", "outcome", "told"),
    [
        pytest.param(State.DEPLOYED, Outcome.SUCCEEDED, "ended in DEPLOYED", id="deployed"),
        pytest.param(State.CANCELED, Outcome.CANCELED, "canceled while it ran", id="canceled"),
        pytest.param(State.BUILD_ERROR, Outcome.FAILED, "could not build", id="not built"),
        pytest.param(State.DEPLOYMENT_ERROR, Outcome.FAILED, "could not deploy", id="not deployed"),
        pytest.param(State.STOP_ERROR, Outcome.FAILED, "ended in STOP_ERROR", id="not stopped"),
        pytest.param(State.STOPPED, Outcome.SUPERSEDED, "it was stopped, restarted or deleted in the", id="stopped"),
    ],
)
def test_an_end_is_told_in_words(state: State, outcome: Outcome, told: str) -> None:
    verdict = ended(state)
    assert verdict.outcome is outcome
    assert told in verdict.reason
    assert bool(verdict.hint) is not outcome.is_green


def test_an_end_that_is_none_of_a_deployment_names_the_execution() -> None:
    assert "in execution e-1." in ended(State.STOPPED, EXECUTION).reason
    assert "in the deployment." in ended(State.STOPPED, Execution(id="", state=State.STOPPED, by=ALICE)).reason


def test_what_may_be_ours_is_not_called_another_s() -> None:
    alternatives = (replace(EXECUTION, state=State.DEPLOYED), Execution(id="e-2", state=State.CANCELED, by=ALICE))
    other = Other(id="e-2", by=ALICE)
    gone = Judgement(standing=Standing.GONE, state=State.DEPLOYED, other=other, alternatives=alternatives)
    verdict = verdict_of(gone)
    assert verdict.outcome is Outcome.SUPERSEDED
    assert "it may be: e-1 (DEPLOYED), e-2 (CANCELED)." in verdict.reason
    assert "alice" not in verdict.reason


@pytest.mark.parametrize(
    ("state", "outcome"), [(State.DEPLOYED, Outcome.SUCCEEDED), (State.DEPLOYMENT_ERROR, Outcome.FAILED)]
)
def test_an_end_that_is_ours_whichever_of_several_it_is_names_them_all(state: State, outcome: Outcome) -> None:
    alternatives = tuple(Execution(id=name, state=state, by=ALICE) for name in ("e-1", "e-2"))
    verdict = verdict_of(Judgement(standing=Standing.ENDED, state=state, alternatives=alternatives))
    assert verdict.outcome is outcome
    assert str(state) in verdict.reason
    assert "all of them ended so: e-1, e-2." in verdict.reason


@pytest.mark.parametrize("state", State)
def test_no_difference_is_green_only_where_the_service_is_deployed(state: State) -> None:
    verdict = verdict_of(Judgement(standing=Standing.UNCHANGED, state=state))
    is_deployed = state in {State.DEPLOYED, State.RESTARTED}
    assert verdict.outcome is (Outcome.UNCHANGED if is_deployed else Outcome.FAILED)
    assert (f"the service is {state}, not DEPLOYED" in verdict.reason) is not is_deployed


@pytest.mark.parametrize(
    ("other", "outcome", "told"),
    [
        pytest.param(None, Outcome.CANCELED, "no deployment of it ever began", id="nothing came instead"),
        pytest.param(
            Other(id="e-2", by=ALICE),
            Outcome.SUPERSEDED,
            "e-2, triggered by alice through CONSOLE.",
            id="somebody's came",
        ),
        pytest.param(
            Other(id="e-2", by=Identity(origin="GIT")), Outcome.SUPERSEDED, "e-2, triggered by GIT.", id="a push came"
        ),
        pytest.param(Other(id="e-2", by=Identity()), Outcome.SUPERSEDED, "of this one: e-2.", id="nobody's came"),
    ],
)
def test_what_came_instead_of_a_request_is_named(other: Other | None, outcome: Outcome, told: str) -> None:
    verdict = verdict_of(Judgement(standing=Standing.GONE, state=State.DEPLOYED, other=other))
    assert verdict.outcome is outcome
    assert told in verdict.reason


@pytest.mark.parametrize(
    ("standing", "told"),
    [
        pytest.param(Standing.WAITING, "still waits in Qovery's queue after 60 s (`timeout`)", id="it waits"),
        pytest.param(Standing.RUNNING, "is still DEPLOYING after 60 s (`timeout`)", id="it runs"),
        pytest.param(Standing.UNCLEAR, "after 60 s (`timeout`); the service is DEPLOYING", id="nobody knows"),
    ],
)
def test_a_time_out_tells_where_the_deployment_stood(standing: Standing, told: str) -> None:
    verdict = timed_out(standing, State.DEPLOYING, elapsed=60.2, limit="timeout")
    assert verdict.outcome is Outcome.TIMED_OUT
    assert told in verdict.reason
    assert verdict.hint


def test_a_loss_of_contact_tells_what_hindered() -> None:
    verdict = lost_contact("No answer.", elapsed=60.2)
    assert verdict.outcome is Outcome.LOST_CONTACT
    assert verdict.reason.endswith("60 s after the request: No answer.")
    assert "either way" in verdict.hint


def test_what_was_done_about_it_is_added() -> None:
    verdict = Verdict(outcome=Outcome.TIMED_OUT, reason="It took long.", hint="Wait.")
    assert verdict.and_then("It was canceled.") == Verdict(
        outcome=Outcome.TIMED_OUT, reason="It took long. It was canceled.", hint="Wait."
    )


@pytest.mark.parametrize(
    ("entry", "reason", "hint"),
    [
        pytest.param(LogEntry(error="No image"), "It broke. It says: No image.", "Mend it.", id="its error"),
        pytest.param(
            LogEntry(error="a.\n", underlying_error="b", hint="Push."),
            "It broke. It says: a; b.",
            "Push. Mend it.",
            id="its error, what is behind that, and its hint",
        ),
        pytest.param(
            LogEntry(error="a", underlying_error="a "), "It broke. It says: a.", "Mend it.", id="nothing twice"
        ),
        pytest.param(LogEntry(underlying_error="b"), "It broke. It says: b.", "Mend it.", id="what is behind it alone"),
    ],
)
def test_what_qoverys_log_says_is_added(entry: LogEntry, reason: str, hint: str) -> None:
    verdict = Verdict(outcome=Outcome.FAILED, reason="It broke.", hint="Mend it.")
    assert verdict.because_of(entry) == Verdict(outcome=Outcome.FAILED, reason=reason, hint=hint)


def test_of_what_qoverys_log_says_a_part_is_enough() -> None:
    verdict = Verdict(outcome=Outcome.FAILED, reason="It broke.").because_of(LogEntry(error="x" * 10_000))
    assert len(verdict.reason) < 1000
    assert verdict.reason.endswith("x….")
