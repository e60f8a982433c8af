from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import pytest
from starlette.datastructures import MutableHeaders

from qovery_sandbox import GIT_HELM_ID, HELM_ID
from qovery_sandbox.connection import Drop
from qovery_sandbox.dialect import Dialect
from qovery_sandbox.faults import (
    Answer,
    CutOff,
    Dripping,
    Dropped,
    Faults,
    Hang,
    Late,
    Truncated,
    When,
    WrongTypes,
    empty_body,
    html_page,
    json_error,
    redirect,
)
from qovery_sandbox.ids import CI_USER
from qovery_sandbox.plans import Plan, Step, deployment
from qovery_sandbox.scenarios import arrange
from qovery_sandbox.tokens import RateLimit
from tests.deployments.case import run_case

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from qovery_sandbox.faults import Fault
    from qovery_sandbox.world import World

ANSWER = "/environment/deploymentStatus"
STATUSES = "/environment/{environmentId}/statuses"
QUEUE = "/environment/{environmentId}/deploymentQueue"
HISTORY = "/environment/{environmentId}/deploymentHistoryV2"
BROKEN = [
    pytest.param(json_error(500), id="internal errors"),
    pytest.param(html_page(503), id="503 pages"),
    pytest.param(html_page(200), id="200 pages"),
    pytest.param(empty_body(), id="empty answers"),
    pytest.param(Truncated(), id="truncated JSON"),
    pytest.param(WrongTypes(), id="wrong types"),
    pytest.param(CutOff(), id="bodies cut off"),
    pytest.param(Dripping(is_endless=True), id="endless bodies"),
    pytest.param(Hang(), id="no answers"),
    pytest.param(Dropped(Drop.RESET), id="resets"),
    pytest.param(Dropped(Drop.UNTRUSTED), id="untrusted certificate"),
    pytest.param(json_error(429), id="rate limit"),
    pytest.param(redirect("https://elsewhere.test/"), id="redirects"),
]


@pytest.mark.parametrize("fault", BROKEN)
def test_endures_a_minute_of_broken_answers(fault: Fault) -> None:
    trouble = When(method="GET", since=2, until=62)
    case = run_case(arrange=lambda _world, faults: faults.add(trouble, fault), timeout="20m")
    assert (case.outcome, case.strays) == ("succeeded", [])


@pytest.mark.parametrize("fault", BROKEN)
def test_loses_contact_when_answers_stay_broken(fault: Fault) -> None:
    case = run_case(arrange=lambda _world, faults: faults.add(When(method="GET", since=2), fault), timeout="5m")
    assert (case.outcome, case.strays) == ("lost_contact", [])
    assert case.report.verdict.hint
    assert case.took < 360


@pytest.mark.parametrize("status", [401, 403, 404])
def test_endures_passing_refusals(status: int) -> None:
    fail_over = When(method="GET", since=3, until=95)
    case = run_case(arrange=lambda _world, faults: faults.add(fail_over, json_error(status)))
    assert case.outcome == "succeeded"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer(404, "default backend - 404", "text/plain"), id="a load balancer's 404"),
        pytest.param(html_page(403), id="a firewall's 403"),
        pytest.param(Answer(403, '{"code": "Forbidden"}'), id="an API gateway's 403"),
        pytest.param(html_page(401), id="a firewall's 401"),
    ],
)
@pytest.mark.parametrize("since", [0, 3])
def test_endures_foreign_answers(answer: Answer, since: float) -> None:
    case = run_case(arrange=lambda _world, faults: faults.add(When(since=since, until=since + 200), answer))
    assert (case.outcome, len(case.requests)) == ("succeeded", 1)


@pytest.mark.parametrize("since", [0, 3])
def test_names_foreign_answers(since: float) -> None:
    page = Answer(404, "default backend - 404", "text/plain")
    case = run_case(arrange=lambda _world, faults: faults.add(When(since=since), page), timeout="6m")
    assert case.outcome == "lost_contact"
    assert "Something between the runner and Qovery answered 404 Not Found (text/plain" in case.report.verdict.reason
    assert "helm_id" not in case.report.verdict.hint


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    "when",
    [
        pytest.param(When(nth={1}), id="first of each call"),
        pytest.param(When(method="POST"), id="request"),
        pytest.param(When(since=3, until=6), id="polls"),
    ],
)
def test_retry_after_is_capped(status: int, when: When) -> None:
    silencing = json_error(status, headers={"retry-after": "3600"})
    once = When(method=when.method, nth=when.nth or {1, 2, 3}, since=when.since, until=when.until)
    case = run_case(arrange=lambda _world, faults: faults.add(once, silencing), timeout="2h")
    assert case.outcome == "succeeded"
    assert case.took < 800


@pytest.mark.parametrize("logs", ["failure", "live", "none"])
@pytest.mark.parametrize("status", [401, 403, 404])
def test_loses_contact_when_refused_for_long(status: int, logs: str) -> None:
    refusal = When(method="GET", since=3)
    case = run_case(arrange=lambda _world, faults: faults.add(refusal, json_error(status)), logs=logs)
    assert case.outcome == "lost_contact"
    assert f"Qovery refuses to show the deployment: Qovery answered {status}" in case.report.verdict.reason
    assert "The deployment may continue" in case.report.verdict.hint
    assert 120 < case.took < 150


def test_warns_once_of_a_streak() -> None:
    lone = run_case(arrange=lambda _world, faults: faults.add(When(path=ANSWER, nth={4}), json_error(500)))
    streak = run_case(arrange=lambda _world, faults: faults.add(When(since=3, until=30), json_error(500)))
    assert (lone.outcome, lone.log.warnings) == ("succeeded", [])
    assert (streak.outcome, len(streak.log.warnings)) == ("succeeded", 1)


def test_waits_through_unknown_states() -> None:
    def invent(world: World, _faults: Faults) -> None:
        world.services[HELM_ID].plan = Plan(steps=(Step(name="DEPLOYMENT", duration=20, state="LEVITATING"),))

    case = run_case(arrange=invent)
    assert case.outcome == "succeeded"
    assert len([line for line in case.log.lines if "LEVITATING" in line and "does not know" in line]) == 1


def test_identifies_the_execution_at_the_first_poll() -> None:
    def run_at_once(world: World, _faults: Faults) -> None:
        world.services[HELM_ID].plan = Plan(steps=(Step(name="DEPLOYMENT", duration=60, state="DEPLOYING"),))

    case = run_case(arrange=run_at_once)
    assert case.outcome == "succeeded"
    assert "[00:01] deploying" in case.log.lines


@pytest.mark.parametrize("seconds", [20.0, 60.0, 300.0])
def test_a_poll_is_one_request(seconds: float) -> None:
    case = run_case(arrange=lambda world, _faults: setattr(world.services[HELM_ID], "plan", deployment(seconds)))
    after = [call for call in case.world.ledger.calls if call.method == "GET" and call.at > 0]
    polls = [call for call in after if call.path == ANSWER]
    end = polls[-1].at
    # Beside the polls: two to identify the execution, two at the end, and a few that rule out other explanations.
    assert len(after) - len(polls) <= 10
    assert {call.path for call in after if call.at >= end and call.path != ANSWER} == {HISTORY, STATUSES}


def test_times_out_while_running() -> None:
    case = run_case(arrange=lambda world, _faults: arrange(world, "never-ready"), timeout="5m")
    assert (case.outcome, case.report.state) == ("timed_out", "DEPLOYING")
    assert case.took == pytest.approx(300, abs=1)
    assert [fate.final_state for fate in case.fates] == [None]


def test_times_out_while_calls_hang() -> None:
    case = run_case(arrange=lambda _world, faults: faults.add(When(method="GET", since=5), Hang()), timeout="40s")
    assert case.outcome == "lost_contact"
    assert case.took < 40 + 6


def test_ends_although_answers_hang() -> None:
    case = run_case(arrange=lambda _world, faults: faults.add(When(path=ANSWER), Hang()))
    assert (case.outcome, case.report.state) == ("succeeded", "DEPLOYED")
    assert case.took < 35


def test_cancels_on_timeout() -> None:
    case = run_case(
        arrange=lambda world, _faults: arrange(world, "never-ready"), timeout="1m", cancel_on_timeout="true", settle=30
    )
    assert case.outcome == "timed_out"
    assert "Qovery is canceling the deployment" in case.report.verdict.reason
    assert [fate.final_state for fate in case.fates] == ["CANCELED"]


def test_a_deployment_that_ends_at_the_timeout_has_succeeded() -> None:
    """Its end shows only in the observation before the cancellation."""
    case = run_case(timeout="21s", poll_interval="10s", cancel_on_timeout="true", settle=30)
    assert (case.outcome, case.report.state) == ("succeeded", "DEPLOYED")


def test_queue_timeout_is_separate() -> None:
    def wait_long(world: World, _faults: Faults) -> None:
        world.before_acceptance.append(lambda order: world.deploy(*order.service_ids, plan=deployment(200)))

    patient = run_case(arrange=wait_long, timeout="60s", queue_timeout="5m")
    hasty = run_case(arrange=wait_long, timeout="10m", queue_timeout="1m", cancel_on_timeout="true")
    strict = run_case(arrange=wait_long, timeout="60s")
    assert (patient.outcome, hasty.outcome, strict.outcome) == ("succeeded", "timed_out", "timed_out")
    assert hasty.took == pytest.approx(60, abs=1)
    assert "queue_timeout" in hasty.report.verdict.reason
    assert [fate.final_state for fate in hasty.fates] == ["CANCELED"]


@pytest.mark.parametrize("reset", ["seconds", "epoch"])
@pytest.mark.parametrize("retry_after", [None, "seconds", "date"])
def test_waits_for_the_rate_limit(reset: str, retry_after: str | None) -> None:
    def use_up(world: World, _faults: Faults) -> None:
        limit = RateLimit(budget=40, seconds=600, reset=reset, retry_after=retry_after)  # type: ignore[arg-type]
        world.rate_limiter.limit = limit
        world.services[HELM_ID].plan = deployment(300)

    case = run_case(arrange=use_up)
    assert case.outcome == "succeeded"
    assert len([call for call in case.world.ledger.calls if call.at < 600]) <= 45


@pytest.mark.parametrize("shown", ["stays", "null"])
@pytest.mark.parametrize("seconds", [20.0, 75.0])
@pytest.mark.parametrize("inputs", [{}, {"force_event": "DIFF"}], ids=["always", "DIFF"])
def test_waits_for_a_slow_start(shown: str, seconds: float, inputs: dict[str, str]) -> None:
    def be_slow(world: World, _faults: Faults) -> None:
        world.dialect = Dialect(pickup_delay=seconds, id_while_running=shown, id_after_end=shown)  # type: ignore[arg-type]

    case = run_case(inputs, arrange=be_slow)
    assert case.outcome == "succeeded"
    assert case.took == pytest.approx(seconds + 20, abs=5)


@pytest.mark.parametrize("end", ["DEPLOYED", "DEPLOYMENT_ERROR"])
def test_history_may_list_only_what_is_over(end: str) -> None:
    def run_long(world: World, _faults: Faults) -> None:
        world.dialect = Dialect(history_lists_running=False)
        world.services[HELM_ID].plan = deployment(150, end=end)

    assert run_case(arrange=run_long).outcome == ("succeeded" if end == "DEPLOYED" else "failed")


@pytest.mark.parametrize(
    ("interval", "outcomes"), [("1s", ["succeeded", "succeeded"]), ("auto", ["lost_contact", "succeeded"])]
)
def test_a_later_request_hides_no_end_that_was_read(interval: str, outcomes: list[str]) -> None:
    """With history and answers refused, the status of our first service shows the later request."""

    def queue_another(world: World, faults: Faults) -> None:
        world.services[HELM_ID].plan = deployment(10)
        world.services[GIT_HELM_ID].plan = deployment(30)
        world.services[GIT_HELM_ID].stage = 1
        world.after(12, lambda: world.deploy(HELM_ID, user="other-bot", origin="API"))
        paths = ["/environment/{environmentId}/deploymentHistoryV2"]
        for path in [*paths, "/environment/deploymentStatus"] if interval == "1s" else paths:
            faults.add(When(path=path), json_error(403))

    case = run_case(arrange=queue_another, helm_id=f"{HELM_ID} {GIT_HELM_ID}", poll_interval=interval)
    assert [report.verdict.outcome for report in case.reports] == outcomes


@pytest.mark.parametrize("end", ["DEPLOYED", "DEPLOYMENT_ERROR"])
def test_diff_without_difference_beside_another_deployment(end: str) -> None:
    def deploy_later(world: World, _faults: Faults) -> None:
        arrange(world, "unchanged")
        plan = deployment(10, end=end)
        world.at(6, lambda: world.deploy(HELM_ID, user="other-bot", origin="API", plan=plan))

    case = run_case(arrange=deploy_later, force_event="DIFF")
    assert (case.outcome, case.report.state) == ("unchanged" if end == "DEPLOYED" else "failed", end)


@pytest.mark.parametrize("available", ["always", "never"])
def test_statuses_are_no_history_after_an_outage(available: Literal["always", "never"]) -> None:
    """Our request failed, another one of the same user succeeded, and the statuses show only the other one."""

    def fail(world: World, faults: Faults) -> None:
        world.dialect = Dialect(request_status_available=available)
        world.services[HELM_ID].plan = deployment(1, end="BUILD_ERROR")
        world.after(3, lambda: world.deploy(HELM_ID, user=CI_USER, origin="API", plan=deployment(5)))
        faults.add(When(method="GET", since=0.5, until=60), json_error(503))
        faults.add(When(path="/environment/{environmentId}/deploymentHistoryV2", since=0.5, until=80), json_error(503))

    assert run_case(arrange=fail).outcome in {"failed", "superseded"}


def test_a_removed_first_request_of_an_environment() -> None:
    """Qovery says that our request was canceled, and no execution was ever there."""

    def remove(world: World, _faults: Faults) -> None:
        world.clear_deployments()
        world.dialect = Dialect(dispatch_delay=30)
        world.after(5, lambda: world.cancel_request(world.requests()[-1].id))

    assert run_case(arrange=remove).outcome == "canceled"


def test_counts_an_unlikely_end_of_our_request() -> None:
    """Somebody removed our request, which the queue never showed, while one like it ran that was not seen either."""

    def overtake(world: World, _faults: Faults) -> None:
        world.dialect = Dialect(queue_lag=2.9, history_lag=4.9)
        world.services[HELM_ID].plan = deployment(6)
        world.before_acceptance.append(lambda _order: world.deploy(HELM_ID, user=CI_USER, origin="API"))
        world.after(1.5, lambda: world.cancel_request(world.requests()[-1].id))

    assert run_case(arrange=overtake).outcome in {"canceled", "superseded"}


@pytest.mark.parametrize(
    "dialect",
    [
        pytest.param(Dialect(queue_endpoint=False), id="no queue"),
        pytest.param(Dialect(history_endpoint=False), id="no history"),
        pytest.param(Dialect(queue_endpoint=False, history_endpoint=False), id="neither"),
        pytest.param(Dialect(request_status_refusal=401), id="a policy token"),
        pytest.param(Dialect(request_status_refusal=403, queue_endpoint=False), id="no answers, no queue"),
        pytest.param(Dialect(request_status_refusal=403, history_endpoint=False), id="no answers, no history"),
        pytest.param(Dialect(request_status_available="never"), id="404 for every request"),
        pytest.param(Dialect(request_status_available="queued"), id="404 after the queue"),
        pytest.param(Dialect(request_status="environment"), id="environment's state"),
        pytest.param(Dialect(request_status="environment", request_status_lag=5.0), id="environment's state, lagging"),
        pytest.param(Dialect(request_status="accepted"), id="queued for ever"),
        pytest.param(Dialect(execution_numbers="queued"), id="numbers from the queue"),
        pytest.param(Dialect(execution_numbers="none"), id="ids without numbers"),
        pytest.param(Dialect(execution_id_form="timestamp"), id="ids with a timestamp"),
        pytest.param(Dialect(accepted_id="null"), id="no request id"),
    ],
)
@pytest.mark.parametrize("end", ["DEPLOYED", "DEPLOYMENT_ERROR"])
def test_decides_with_missing_evidence(dialect: Dialect, end: str) -> None:
    def choose(world: World, _faults: Faults) -> None:
        world.dialect = dialect
        world.services[HELM_ID].plan = deployment(20, end=end)

    case = run_case(arrange=choose)
    assert (case.outcome, case.report.state) == ("succeeded" if end == "DEPLOYED" else "failed", end)
    assert case.took < 32


def test_ends_without_the_link() -> None:
    link = When(path="/helm/{helmId}/link")
    case = run_case(arrange=lambda _world, faults: faults.add(link, Hang()))
    assert case.outcome == "succeeded"
    assert case.took < 26


def test_uses_a_quarter_of_the_limit() -> None:
    case = run_case(
        arrange=lambda world, _faults: setattr(world.services[HELM_ID], "plan", deployment(3500)), timeout="1h"
    )
    assert case.outcome == "succeeded"
    assert sum(case.world.ledger.call_counts().values()) <= 250


def test_keeps_a_fixed_interval() -> None:
    case = run_case(poll_interval="5s")
    looks = [call.at for call in case.world.ledger.calls if call.path == ANSWER]
    intervals = [later - earlier for earlier, later in pairwise(looks[1:])]
    assert intervals[:3] == pytest.approx([5, 5, 5])


@pytest.mark.parametrize("accepted_id", ["own", "null"])
@pytest.mark.parametrize(("interval", "left"), [("auto", 600), ("auto", 60), ("7s", 600)])
def test_never_green_from_an_unseen_deployment(accepted_id: Literal["own", "null"], interval: str, left: int) -> None:
    def slip_in(world: World, faults: Faults) -> None:
        world.dialect = Dialect(
            accepted_id=accepted_id, id_while_running="null", id_after_end="null", queue_lag=1.0, history_origin=False
        )
        world.rate_limiter.limit = RateLimit(budget=left)
        faults.add(When(method="POST", nth={1}), Late(before=2))
        world.at(0.5, lambda: world.deploy(HELM_ID, plan=deployment(6)))
        world.services[HELM_ID].plan = deployment(6, end="DEPLOYMENT_ERROR")

    case = run_case(arrange=slip_in, timeout="10m", poll_interval=interval)
    assert [fate.final_state for fate in case.fates] == ["DEPLOYMENT_ERROR"]
    assert case.outcome in {"failed", "superseded"}


def test_polls_a_long_queue_seldom() -> None:
    def queue_up(world: World, _faults: Faults) -> None:
        world.deploy(GIT_HELM_ID, plan=deployment(1800))

    case = run_case(arrange=queue_up, timeout="2h")
    assert case.outcome == "succeeded"
    assert len([line for line in case.log.lines if "waiting in Qovery's queue" in line]) <= 7
    assert case.world.ledger.call_counts()["GET", ANSWER] <= 200


@pytest.mark.parametrize("seconds", [-3600, -8, 8, 3600])
@pytest.mark.parametrize("is_past_known", [True, False])
def test_dates_do_not_matter(seconds: float, *, is_past_known: bool) -> None:
    async def shift(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_shifted(message: Message) -> None:
            headers = MutableHeaders(raw=message.get("headers", []))
            if "date" in headers:
                date = parsedate_to_datetime(headers["date"]) + timedelta(seconds=seconds)
                headers["date"] = format_datetime(date, usegmt=True)
            await send(message)

        await app(scope, receive, send_shifted)

    def set_clock_wrong(world: World, faults: Faults) -> None:
        world.dialect = Dialect(
            accepted_id="null", id_while_queued="null", id_while_running="null", id_after_end="null"
        )
        faults.add(When(), shift)
        if not is_past_known:
            faults.add(When(method="GET", since=0, until=0.1, path=HISTORY), json_error(500))

    assert run_case(arrange=set_clock_wrong).outcome == "succeeded"


async def _without_limit(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer like Qovery without rate limit headers."""

    async def send_without(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [each for each in message["headers"] if not each[0].startswith(b"x-ratelimit")]
        await send(message)

    await app(scope, receive, send_without)


@pytest.mark.parametrize(
    ("seconds", "interval", "looks"),
    [
        pytest.param(30, "auto", 40, id="half a minute"),
        pytest.param(3500, "auto", 250, id="an hour"),
        pytest.param(200, "1s", 220, id="fixed interval"),
    ],
)
def test_spares_qovery_without_limit_headers(seconds: float, interval: str, looks: int) -> None:
    def hide_limit(world: World, faults: Faults) -> None:
        world.services[HELM_ID].plan = deployment(seconds)
        faults.add(When(), _without_limit)

    case = run_case(arrange=hide_limit, timeout="2h", poll_interval=interval)
    assert case.outcome == "succeeded"
    assert case.world.ledger.call_counts()["GET", ANSWER] <= looks


@pytest.mark.parametrize(
    ("ends", "outcomes"),
    [
        pytest.param(("DEPLOYED", "DEPLOYED"), {"succeeded"}, id="both succeed"),
        pytest.param(("DEPLOYMENT_ERROR", "DEPLOYMENT_ERROR"), {"failed"}, id="both fail"),
        pytest.param(("DEPLOYED", "DEPLOYMENT_ERROR"), {"succeeded"}, id="second fails"),
        pytest.param(("DEPLOYMENT_ERROR", "DEPLOYED"), {"failed"}, id="first fails"),
    ],
)
def test_two_jobs_within_seconds(ends: tuple[str, str], outcomes: set[str]) -> None:
    def deploy_next(world: World, _faults: Faults) -> None:
        world.dialect = Dialect(id_while_running="null", id_after_end="null", dispatch_delay=2.0)
        world.services[HELM_ID].plan = deployment(4, end=ends[0])
        world.at(3, lambda: world.deploy(HELM_ID, user=CI_USER, origin="API", plan=deployment(15, end=ends[1])))

    case = run_case(arrange=deploy_next)
    assert case.outcome in outcomes


def rejecting(_world: World, faults: Faults) -> None:
    faults.add(When(method="POST"), json_error(403))


def behind_another(world: World, _faults: Faults) -> None:
    world.deploy(HELM_ID, plan=deployment(600))


@pytest.mark.parametrize(
    ("arrangement", "inputs", "outcome", "state"),
    [
        pytest.param(rejecting, {}, "rejected", "", id="rejected"),
        pytest.param(behind_another, {"timeout": "30s"}, "timed_out", "DEPLOYMENT_QUEUED", id="queued"),
        pytest.param(
            lambda world, _faults: arrange(world, "superseded"), {}, "superseded", "DEPLOYING", id="superseded"
        ),
        pytest.param(lambda _world, _faults: None, {"dry_run": "true"}, "unchanged", "DEPLOYED", id="dry run"),
    ],
)
def test_state_is_never_of_an_earlier_deployment(
    arrangement: Callable[[World, Faults], None], inputs: dict[str, str], outcome: str, state: str
) -> None:
    case = run_case(inputs, arrange=arrangement)
    assert (case.outcome, case.report.state) == (outcome, state)
    assert bool(case.report.service_deployment_status) is (state in {"DEPLOYED", "DEPLOYING"})
