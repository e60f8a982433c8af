"""The situations in which the CLI and the action are compared; each one prepares a sandbox."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from qovery_sandbox import GIT_HELM_ID, HELM_ID, TOKEN, ApiToken, Dialect, RateLimit, arrange, deployment
from qovery_sandbox.faults import AnswerLost, Dropped, html_page

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from qovery_sandbox import Faults, World
    from qovery_sandbox.faults import Call, Fault

# Seconds of the sandbox. The CLI first looks three real seconds after its request, which is 30 of these at the usual
# speed, and then again at 60: everything happens well before or after.
_SOON = 5.0
_MOMENT = (20.0, 45.0)
_COMMIT = "3c1f0e7a" * 5
_FAILING = deployment(50, end="DEPLOYMENT_ERROR")


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A sandbox before a deployment."""

    world: World
    faults: Faults

    def after_request(self, seconds: float, happen: Callable[[], object]) -> None:
        """Call a function some seconds after Qovery accepted the request."""
        self.world.after_acceptance.append(lambda _: self.world.after(seconds, happen))

    def break_reading(self, fault: Fault, *, between: tuple[float, float] = _MOMENT, calls: int | None = None) -> None:
        """Break all GET calls, or the first `calls` of them, in an interval of seconds after the request."""
        accepted_at: list[float] = []
        broken: list[Call] = []

        def is_then(call: Call) -> bool:
            is_broken = (
                call.method == "GET"
                and bool(accepted_at)
                and between[0] <= call.at - accepted_at[0] < between[1]
                and (calls is None or len(broken) < calls)
            )
            if is_broken:
                broken.append(call)
            return is_broken

        self.world.after_acceptance.append(lambda _: accepted_at.append(self.world.now))
        self.faults.add(is_then, fault)


@dataclass(frozen=True, kw_only=True)
class Situation:
    """A situation in words, and how it comes about; `options` are the CLI's, `inputs` are the action's.

    speed: how many times as fast as real the sandbox's time passes.
    asked: the name and the value of the version that the deployment must have to be what was asked for.
    is_seen_by_action: whether the action can notice what is wrong; GitHub does not pass it a mistyped input.
    """

    name: str
    arrange: Callable[[Scene], object]
    speed: float = 10.0
    options: tuple[str, ...] = ()
    inputs: Mapping[str, str] = field(default_factory=dict)
    asked: tuple[str, str] | None = None
    is_seen_by_action: bool = True
    dialect: Dialect | None = None
    rate_limit: RateLimit | None = None


def _in_scenario(name: str) -> Callable[[Scene], object]:
    return lambda scene: arrange(scene.world, name)


def _plan(scene: Scene, seconds: float, *, end: str) -> None:
    scene.world.plan_next(deployment(seconds, end=end))


def _wait_behind(scene: Scene, *, first: str, second: str) -> None:
    scene.world.before_acceptance.append(lambda _: scene.world.deploy(HELM_ID, plan=deployment(15, end=first)))
    scene.world.services[HELM_ID].plan = deployment(40, end=second)


def _repair(scene: Scene) -> None:
    _plan(scene, 25, end="DEPLOYMENT_ERROR")
    scene.after_request(_SOON, lambda: scene.world.deploy(HELM_ID, plan=deployment(20)))


def _stop(scene: Scene) -> None:
    _plan(scene, 15, end="DEPLOYMENT_ERROR")
    scene.after_request(_SOON, lambda: scene.world.stop(HELM_ID))


def _fail_beside(scene: Scene) -> None:
    failing = deployment(60, end="DEPLOYMENT_ERROR")
    scene.after_request(_SOON, lambda: scene.world.deploy(GIT_HELM_ID, plan=failing))


def _break_once(scene: Scene) -> None:
    scene.world.plan_next(_FAILING)
    scene.break_reading(html_page(HTTPStatus.BAD_GATEWAY), between=(0.0, float("inf")), calls=1)


def _break_for_a_moment(fault: Fault) -> Callable[[Scene], object]:
    def break_reading(scene: Scene) -> None:
        scene.world.plan_next(_FAILING)
        scene.break_reading(fault)

    return break_reading


def _use_the_budget_up(scene: Scene) -> None:
    world = scene.world
    world.plan_next(deployment(9, end="DEPLOYMENT_ERROR"))
    budget = world.rate_limiter.limit.budget
    scene.after_request(1.0, lambda: world.rate_limiter.spend(TOKEN, at=world.now, calls=budget))


def _lose_the_answer(scene: Scene) -> None:
    lost = AnswerLost(html_page(HTTPStatus.BAD_GATEWAY))
    scene.faults.add(lambda call: call.method == "POST" and call.number == 1, lost)


def _fail(scene: Scene) -> None:
    scene.world.plan_next(deployment(9, end="DEPLOYMENT_ERROR"))


def _nothing(_scene: Scene) -> None:
    pass


SITUATIONS = (
    Situation(name="The deployment succeeds.", arrange=_in_scenario("happy")),
    Situation(name="The deployment fails.", arrange=_in_scenario("failing")),
    Situation(name="The chart cannot be rendered.", arrange=_in_scenario("build-failing")),
    Situation(name="A colleague cancels the deployment while it runs.", arrange=_in_scenario("canceled")),
    Situation(
        name="A colleague's deployment runs first and succeeds; then the deployment fails.",
        arrange=lambda scene: _wait_behind(scene, first="DEPLOYED", second="DEPLOYMENT_ERROR"),
    ),
    Situation(
        name="A colleague's deployment runs first and fails; then the deployment succeeds.",
        arrange=lambda scene: _wait_behind(scene, first="DEPLOYMENT_ERROR", second="DEPLOYED"),
    ),
    Situation(
        name="A colleague removes the request from the queue and deploys something else.",
        arrange=_in_scenario("superseded"),
    ),
    Situation(name="The deployment fails; a colleague then deploys the same service successfully.", arrange=_repair),
    Situation(name="The deployment fails; a colleague then stops the service.", arrange=_stop),
    Situation(
        name="The deployment succeeds; a colleague's deployment of another service of the environment fails.",
        arrange=_fail_beside,
    ),
    Situation(
        name="The deployment fails; statuses are 6 s old.",
        arrange=_fail,
        speed=1.0,
        dialect=Dialect(accepted_body="previous", status_lag=6.0),
    ),
    Situation(name="The deployment fails; one call is answered with 502 by a gateway.", arrange=_break_once),
    Situation(
        name="The deployment fails; for a moment, every call is answered with 502 by a gateway.",
        arrange=_break_for_a_moment(html_page(HTTPStatus.BAD_GATEWAY)),
    ),
    Situation(
        name="The deployment fails; for a moment, every connection is reset.", arrange=_break_for_a_moment(Dropped())
    ),
    Situation(
        name="The deployment fails; for a moment, every call is answered with 429 (rate limit).",
        arrange=_use_the_budget_up,
        speed=1.0,
        # An hour's budget, in seconds.
        rate_limit=RateLimit(seconds=6.0, window="sliding"),
    ),
    Situation(name="The deployment succeeds; the answer to the request is lost (502).", arrange=_lose_the_answer),
    Situation(
        name="The deployment never ends.", arrange=_in_scenario("never-ready"), speed=200.0, inputs={"timeout": "4s"}
    ),
    Situation(
        name="A commit is given, but the chart does not come from git.",
        arrange=_nothing,
        options=("--chart_git_commit_id", _COMMIT),
        inputs={"git_commit_id": _COMMIT},
        asked=("git_commit_id", _COMMIT),
    ),
    Situation(
        name="The name of an option is mistyped: `--chart-version` for the CLI, `chart-version` for the action.",
        arrange=_nothing,
        options=("--chart-version", "1.5.0"),
        inputs={"chart-version": "1.5.0"},
        asked=("chart_version", "1.5.0"),
        is_seen_by_action=False,
    ),
    Situation(
        name="The token may read, but not deploy.",
        arrange=lambda scene: scene.world.tokens.add(ApiToken(value=TOKEN, role="viewer")),
    ),
    Situation(name="The token is not valid.", arrange=lambda scene: scene.world.tokens.remove(TOKEN)),
)
