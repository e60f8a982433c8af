from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import pytest

from qovery_sandbox import GIT_HELM_ID, HELM_ID
from qovery_sandbox.answers import Truncated, WrongTypes, empty_body, html_page, json_error, redirect
from qovery_sandbox.connection import Drop
from qovery_sandbox.dialect import Dialect
from qovery_sandbox.faults import Faults, When
from qovery_sandbox.identity import CI_USER
from qovery_sandbox.outages import CutOff, Dripping, Dropped, Hang, Late
from qovery_sandbox.plan import Plan, Step
from qovery_sandbox.plans import deployment
from qovery_sandbox.rate_limit import RateLimit
from qovery_sandbox.scenarios import arrange
from tests.deployments.case import run_case

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from qovery_sandbox.faults import Fault
    from qovery_sandbox.world import World

STATUS = "/helm/{helmId}/status"
BROKEN = [
    pytest.param(json_error(500), id="internal errors"),
    pytest.param(html_page(503), id="a proxy's maintenance page"),
    pytest.param(html_page(200), id="a page that claims success"),
    pytest.param(empty_body(), id="empty answers"),
    pytest.param(Truncated(), id="truncated JSON"),
    pytest.param(WrongTypes(), id="wrong types"),
    pytest.param(CutOff(), id="bodies cut off"),
    pytest.param(Dripping(is_endless=True), id="bodies that drip for ever"),
    pytest.param(Hang(), id="no answers"),
    pytest.param(Dropped(Drop.RESET), id="resets"),
    pytest.param(Dropped(Drop.UNTRUSTED), id="a certificate that is not trusted"),
    pytest.param(json_error(429), id="a limit used up"),
    pytest.param(redirect("https://elsewhere.test/"), id="redirects"),
]


@pytest.mark.parametrize("fault", BROKEN)
def test_a_minute_of_broken_answers_does_not_hide_the_end(fault: Fault) -> None:
    patience = When(method="GET", path=STATUS, since=2, until=62)
    case = run_case(arrange=lambda _world, faults: faults.add(patience, fault), timeout="20m")
    assert (case.outcome, case.strays) == ("succeeded", [])


@pytest.mark.parametrize("fault", BROKEN)
def test_an_end_without_contact_is_never_green(fault: Fault) -> None:
    case = run_case(arrange=lambda _world, faults: faults.add(When(method="GET", since=2), fault), timeout="5m")
    assert (case.outcome, case.strays) == ("lost_contact", [])
    assert case.report.verdict.hint
    assert case.took < 360


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_refusal_that_passes_is_endured(status: int) -> None:
    rotation = When(method="GET", path=STATUS, nth={4, 5})
    case = run_case(arrange=lambda _world, faults: faults.add(rotation, json_error(status)))
    assert case.outcome == "succeeded"


@pytest.mark.parametrize("logs", ["failure", "live", "none"])
@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_refusal_that_stays_is_a_loss_of_contact(status: int, logs: str) -> None:
    refusal = When(method="GET", since=3)
    case = run_case(arrange=lambda _world, faults: faults.add(refusal, json_error(status)), logs=logs)
    assert case.outcome == "lost_contact"
    assert str(status) in case.report.verdict.reason
    assert case.took < 60


def test_one_failed_look_is_not_worth_a_word_and_a_streak_is_worth_one_warning() -> None:
    lone = run_case(arrange=lambda _world, faults: faults.add(When(path=STATUS, nth={4}), json_error(500)))
    streak = run_case(arrange=lambda _world, faults: faults.add(When(path=STATUS, nth=range(4, 12)), json_error(500)))
    assert (lone.outcome, lone.log.warnings) == ("succeeded", [])
    assert (streak.outcome, len(streak.log.warnings)) == ("succeeded", 1)


def test_a_state_nobody_knows_is_waited_through_and_told_once() -> None:
    def invent(world: World, _faults: Faults) -> None:
        world.services[HELM_ID].plan = Plan(steps=(Step(name="DEPLOYMENT", duration=20, state="LEVITATING"),))

    case = run_case(arrange=invent)
    assert case.outcome == "succeeded"
    assert len([line for line in case.log.lines if "LEVITATING" in line and "does not know" in line]) == 1


@pytest.mark.parametrize(("tells_origin", "clock"), [(True, "[00:03]"), (False, "[00:05]")])
def test_what_runs_at_once_is_known_to_be_ours_within_seconds(clock: str, *, tells_origin: bool) -> None:
    def run_at_once(world: World, _faults: Faults) -> None:
        world.dialect = Dialect(history_origin=tells_origin)
        world.services[HELM_ID].plan = Plan(steps=(Step(name="DEPLOYMENT", duration=60, state="DEPLOYING"),))

    case = run_case(arrange=run_at_once)
    assert case.outcome == "succeeded"
    assert f"shop-api (staging): {clock} DEPLOYING" in case.log.lines


def test_the_time_limit_holds_and_says_what_was_seen() -> None:
    case = run_case(arrange=lambda world, _faults: arrange(world, "never-ready"), timeout="5m")
    assert (case.outcome, case.report.state) == ("timed_out", "DEPLOYING")
    assert case.took == pytest.approx(300, abs=1)
    assert [fate.final_state for fate in case.fates] == [None]


def test_the_time_limit_holds_while_a_call_hangs() -> None:
    case = run_case(
        arrange=lambda _world, faults: faults.add(When(path=STATUS, nth=range(5, 999)), Hang()), timeout="40s"
    )
    assert case.outcome == "lost_contact"
    assert case.took < 40 + 6


def test_a_deployment_that_takes_too_long_is_canceled_where_that_is_asked() -> None:
    case = run_case(
        arrange=lambda world, _faults: arrange(world, "never-ready"), timeout="1m", cancel_on_timeout="true", settle=30
    )
    assert case.outcome == "timed_out"
    assert "asked to cancel" in case.report.verdict.reason
    assert [fate.final_state for fate in case.fates] == ["CANCELED"]


def test_the_time_in_the_queue_has_a_limit_of_its_own() -> None:
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
def test_a_limit_that_others_use_up_delays_the_end_and_changes_nothing(reset: str, retry_after: str | None) -> None:
    def use_up(world: World, _faults: Faults) -> None:
        limit = RateLimit(budget=40, seconds=600, reset=reset, retry_after=retry_after)  # type: ignore[arg-type]
        world.rate_limiter.limit = limit
        world.services[HELM_ID].plan = deployment(300)

    case = run_case(arrange=use_up)
    assert case.outcome == "succeeded"
    assert len([call for call in case.world.ledger.calls if call.at < 600]) <= 45


@pytest.mark.parametrize("shown", ["stays", "null"])
@pytest.mark.parametrize("seconds", [20.0, 75.0])
@pytest.mark.parametrize("inputs", [{}, {"force_event": "DIFF"}])
def test_however_long_it_takes_to_begin_it_is_waited_for(shown: str, seconds: float, inputs: dict[str, str]) -> None:
    def be_slow(world: World, _faults: Faults) -> None:
        world.dialect = Dialect(pickup_delay=seconds, id_while_running=shown, id_after_end=shown)  # type: ignore[arg-type]

    case = run_case(inputs, arrange=be_slow)
    assert case.outcome == "succeeded"
    assert case.took == pytest.approx(seconds + 20, abs=3)


@pytest.mark.parametrize("end", ["DEPLOYED", "DEPLOYMENT_ERROR"])
def test_a_deployment_of_somebody_else_is_not_that_of_a_difference_there_was_not(end: str) -> None:
    def deploy_later(world: World, _faults: Faults) -> None:
        arrange(world, "unchanged")
        plan = deployment(10, end=end)
        world.at(6, lambda: world.deploy(HELM_ID, user="other-bot", origin="API", plan=plan))

    case = run_case(arrange=deploy_later, force_event="DIFF")
    assert (case.outcome, case.report.state) == ("unchanged", "DEPLOYED")


@pytest.mark.parametrize("end", ["DEPLOYED", "DEPLOYMENT_ERROR"])
def test_where_the_queue_may_not_be_read_the_truth_comes_a_little_later(end: str) -> None:
    def forbid(world: World, _faults: Faults) -> None:
        world.dialect = Dialect(queue_endpoint=False)
        world.services[HELM_ID].plan = deployment(20, end=end)

    case = run_case(arrange=forbid)
    assert (case.outcome, case.report.state) == ("succeeded" if end == "DEPLOYED" else "failed", end)
    assert case.took < 40


@pytest.mark.parametrize("has_execution_ids", [True, False])
@pytest.mark.parametrize("end", ["DEPLOYED", "DEPLOYMENT_ERROR"])
def test_where_neither_queue_nor_id_tells_the_version_asked_for_does(end: str, *, has_execution_ids: bool) -> None:
    def forbid(world: World, _faults: Faults) -> None:
        refusing = Dialect(queue_endpoint=False, id_while_running="null", id_after_end="null")
        world.dialect = replace(refusing, execution_ids=has_execution_ids)
        world.services[HELM_ID].plan = deployment(20, end=end)

    case = run_case(arrange=forbid, chart_version="1.5.0")
    assert (case.outcome, case.report.state) == ("succeeded" if end == "DEPLOYED" else "failed", end)
    assert case.took < 60


@pytest.mark.parametrize("end", ["DEPLOYED", "DEPLOYMENT_ERROR"])
def test_where_no_execution_is_named_and_history_may_not_be_read_our_id_tells(end: str) -> None:
    def forbid(world: World, _faults: Faults) -> None:
        world.dialect = Dialect(history_endpoint=False, execution_ids=False)
        world.services[HELM_ID].plan = deployment(20, end=end)

    case = run_case(arrange=forbid)
    assert (case.outcome, case.report.state) == ("succeeded" if end == "DEPLOYED" else "failed", end)
    assert case.took < 40


@pytest.mark.parametrize("has_execution_ids", [True, False])
@pytest.mark.parametrize("end", ["DEPLOYED", "DEPLOYMENT_ERROR"])
def test_where_the_status_alone_may_be_read_the_truth_comes_half_a_minute_later(
    end: str, *, has_execution_ids: bool
) -> None:
    def forbid(world: World, _faults: Faults) -> None:
        world.dialect = Dialect(queue_endpoint=False, history_endpoint=False, execution_ids=has_execution_ids)
        world.services[HELM_ID].plan = deployment(20, end=end)

    case = run_case(arrange=forbid)
    assert (case.outcome, case.report.state) == ("succeeded" if end == "DEPLOYED" else "failed", end)
    assert case.took < 60


def test_an_address_that_cannot_be_had_does_not_hold_up_the_end() -> None:
    link = When(path="/helm/{helmId}/link")
    case = run_case(arrange=lambda _world, faults: faults.add(link, Hang()))
    assert case.outcome == "succeeded"
    assert case.took < 26


def test_an_hour_keeps_within_a_quarter_of_the_limit() -> None:
    case = run_case(
        arrange=lambda world, _faults: setattr(world.services[HELM_ID], "plan", deployment(3500)), timeout="1h"
    )
    assert case.outcome == "succeeded"
    assert sum(case.world.ledger.call_counts().values()) <= 250


def test_a_fixed_interval_is_kept() -> None:
    case = run_case(poll_interval="5s")
    looks = [call.at for call in case.world.ledger.calls if call.path == STATUS]
    intervals = [later - earlier for earlier, later in pairwise(looks[1:])]
    assert intervals[:3] == pytest.approx([5, 5, 5])


@pytest.mark.parametrize("accepted_id", ["own", "null"])
@pytest.mark.parametrize(("interval", "left"), [("auto", 600), ("auto", 60), ("7s", 600)])
def test_however_seldom_it_looks_a_deployment_that_slips_in_before_ours_is_not_taken_for_ours(
    accepted_id: Literal["own", "null"], interval: str, left: int
) -> None:
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


def test_a_long_wait_in_the_queue_is_told_once_and_looked_at_seldom() -> None:
    def queue_up(world: World, _faults: Faults) -> None:
        world.deploy(GIT_HELM_ID, plan=deployment(1800))

    case = run_case(arrange=queue_up, timeout="2h")
    assert case.outcome == "succeeded"
    assert len([line for line in case.log.lines if "waiting in Qovery's queue" in line]) <= 7
    assert case.world.ledger.call_counts()["GET", "/helm/{helmId}/status"] <= 200


async def _without_limit(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer as a Qovery that tells nothing of its limit."""

    async def send_without(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [each for each in message["headers"] if not each[0].startswith(b"x-ratelimit")]
        await send(message)

    await app(scope, receive, send_without)


@pytest.mark.parametrize(
    ("seconds", "interval", "looks"),
    [
        pytest.param(30, "auto", 40, id="soon over"),
        pytest.param(3500, "auto", 250, id="an hour"),
        pytest.param(600, "1s", 620, id="at a fixed interval"),
    ],
)
def test_a_qovery_that_tells_no_limit_is_spared(seconds: float, interval: str, looks: int) -> None:
    def hide_limit(world: World, faults: Faults) -> None:
        world.services[HELM_ID].plan = deployment(seconds)
        faults.add(When(), _without_limit)

    case = run_case(arrange=hide_limit, timeout="2h", poll_interval=interval)
    assert case.outcome == "succeeded"
    assert case.world.ledger.call_counts()["GET", "/helm/{helmId}/status"] <= looks


@pytest.mark.parametrize(
    ("ends", "outcome", "told"),
    [
        (("DEPLOYED", "DEPLOYED"), "succeeded", "all of them ended so"),
        (("DEPLOYMENT_ERROR", "DEPLOYMENT_ERROR"), "failed", "all of them ended so"),
        (("DEPLOYED", "DEPLOYMENT_ERROR"), "superseded", "it may be"),
        (("DEPLOYMENT_ERROR", "DEPLOYED"), "superseded", "it may be"),
    ],
)
def test_two_jobs_within_seconds_that_nothing_tells_apart_share_their_end_or_are_left_open(
    ends: tuple[str, str], outcome: str, told: str
) -> None:
    def deploy_next(world: World, _faults: Faults) -> None:
        world.dialect = Dialect(id_while_running="null", id_after_end="null", dispatch_delay=2.0)
        world.services[HELM_ID].plan = deployment(4, end=ends[0])
        world.at(3, lambda: world.deploy(HELM_ID, user=CI_USER, origin="API", plan=deployment(15, end=ends[1])))

    case = run_case(arrange=deploy_next)
    assert case.outcome == outcome
    assert told in case.report.verdict.reason
    assert [str(entry.execution_id) in case.report.verdict.reason for entry in case.entries[-2:]] == [True, True]
    assert case.report.execution_id == ""
