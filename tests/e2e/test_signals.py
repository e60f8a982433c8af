import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from qovery_sandbox.faults import AnswerLost, Fault, Faults, Hang, When
from qovery_sandbox.ids import CI_USER, HELM_ID, TOKEN
from qovery_sandbox.ledger import Entry
from qovery_sandbox.plans import deployment
from qovery_sandbox.server import RunningSandbox, realtime_world
from qovery_sandbox.world import World
from tests.harness import CancelDelays, Runner, StepResult
from tests.harness.step import Step

SERVICE = When(method="GET", path="/helm/{helmId}")
DEPLOY = When(method="POST", path="/helm/{helmId}/deploy")
POLL = When(method="GET", path="/environment/deploymentStatus", nth={3})
LATER_POLLS = When(method="GET", path="/environment/deploymentStatus", nth=range(3, 999))


@dataclass
class Announced:
    """Answers a call as `then` does, and notifies the test."""

    then: Fault | None = None
    came: threading.Event = field(default_factory=threading.Event)

    async def __call__(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        self.came.set()
        await (self.then(app, scope, receive, send) if self.then else app(scope, receive, send))


@dataclass(frozen=True)
class Ended:
    result: StepResult
    entries: list[Entry]
    fates: list[Entry]


def as_the_runner(runner: Runner, step: Step) -> StepResult:
    """Signal as a canceled workflow does: SIGINT, SIGTERM after 7.5 s, SIGKILL after another 2.5 s."""
    return runner.cancel(step, delays=CancelDelays())


def sigterm(_runner: Runner, step: Step) -> StepResult:
    step.send_signal(signal.SIGTERM)
    return step.wait()


def twice(_runner: Runner, step: Step) -> StepResult:
    step.send_signal(signal.SIGINT)
    step.send_signal(signal.SIGTERM)
    return step.wait()


def queue_request(world: World) -> None:
    world.before_acceptance.append(lambda order: world.deploy(*order.service_ids, plan=deployment(600)))


def interrupt(
    runner: Runner,
    *,
    when: When,
    then: Fault | None = None,
    send: Callable[[Runner, Step], StepResult] = as_the_runner,
    arrange: Callable[[World], object] = lambda _world: None,
) -> Ended:
    """Start a step with a long deployment, and signal the step at a call."""
    world, call, faults = realtime_world(), Announced(then), Faults()
    world.services[HELM_ID].plan = deployment(600)
    arrange(world)
    faults.add(when, call)
    with RunningSandbox(world, faults=faults) as url:
        step = runner.start({"helm_id": HELM_ID, "token": TOKEN, "api_url": url})
        assert call.came.wait(30), step.log_so_far()
        result = send(runner, step)
    entries = world.ledger.via_http()
    return Ended(result=result, entries=entries, fates=[world.ledger.fate(entry.request_id) for entry in entries])


@pytest.mark.parametrize(
    ("when", "then", "accepted"),
    [
        pytest.param(SERVICE, Hang(), 0, id="during a hanging call before the request"),
        pytest.param(DEPLOY, AnswerLost(Hang()), 1, id="during the request"),
        pytest.param(POLL, None, 1, id="between two polls"),
        pytest.param(LATER_POLLS, Hang(), 1, id="during a hanging poll"),
    ],
)
@pytest.mark.parametrize("send", [as_the_runner, sigterm, twice])
def test_signal_ends_the_step_in_time(
    runner: Runner, when: When, then: Fault | None, accepted: int, send: Callable[[Runner, Step], StepResult]
) -> None:
    ended = interrupt(runner, when=when, then=then, send=send)

    # A killed step would end with a signal, and without outputs.
    assert ended.result.exit_code == 1, ended.result.raw_log
    assert ended.result.outputs["outcome"] == "interrupted"
    assert "interrupted" in ended.result.summary
    assert "Traceback" not in ended.result.raw_log
    assert len(ended.entries) == accepted
    assert not ended.result.orphans


def test_cancels_the_running_deployment(runner: Runner) -> None:
    ended = interrupt(runner, when=POLL)
    assert [fate.canceled_by for fate in ended.fates] == [CI_USER]


def test_cancels_only_the_queued_request(runner: Runner) -> None:
    ended = interrupt(runner, when=POLL, arrange=queue_request)
    assert [fate.final_state for fate in ended.fates] == ["CANCELED"]
    assert "removed from Qovery's queue" in ended.result.log
