import json

import pytest

from tests.harness import CancelDelays, Runner
from tests.harness.sandbox import Sandbox


def _in_scenario(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("sandbox", [name], indirect=True)


@_in_scenario("happy")
def test_a_deployment_that_works_makes_the_step_green(runner: Runner, sandbox: Sandbox) -> None:
    result = runner.run(sandbox.inputs(chart_version="1.4.2"))

    assert result.is_green, result.raw_log
    assert (result.outputs["outcome"], result.outputs["state"]) == ("succeeded", "DEPLOYED")
    assert all(result.outputs.values()), result.outputs
    assert json.loads(result.outputs["result"])[0]["outcome"] == "succeeded"
    assert "deployed" in result.summary
    assert not result.errors()


@_in_scenario("failing")
def test_a_deployment_that_fails_makes_the_step_red_and_says_what_to_do(runner: Runner, sandbox: Sandbox) -> None:
    result = runner.run(sandbox.inputs())

    assert result.exit_code == 1
    assert (result.outputs["outcome"], result.outputs["state"]) == ("failed", "DEPLOYMENT_ERROR")
    [error] = result.errors()
    assert error.message.startswith("Helm upgrade failed: ")
    assert "failed" in result.summary
    assert not result.problems


@_in_scenario("happy")
def test_the_step_keeps_the_token_and_the_job_to_themselves(runner: Runner, sandbox: Sandbox) -> None:
    result = runner.run(sandbox.inputs())

    assert not [line for line in _without_masking(result.raw_log) if sandbox.token in line]
    assert result.raw_log.startswith("::add-mask::")
    assert result.job_outputs == result.outputs
    assert sandbox.token not in result.summary
    assert not result.leaks
    assert not result.orphans


@_in_scenario("happy")
def test_without_waiting_the_step_ends_when_qovery_has_accepted(runner: Runner, sandbox: Sandbox) -> None:
    result = runner.run(sandbox.inputs(wait="false"))

    assert result.is_green, result.raw_log
    assert result.outputs["outcome"] == "requested"


@_in_scenario("slow")
def test_a_canceled_workflow_ends_the_step(runner: Runner, sandbox: Sandbox) -> None:
    step = runner.start(sandbox.inputs())
    step.wait_for("deploying")

    result = runner.cancel(step, delays=CancelDelays())

    assert result.exit_code == 1
    assert result.outputs["outcome"] == "interrupted"
    assert result.summary
    assert "Traceback" not in result.raw_log
    assert not result.orphans


@_in_scenario("slow")
def test_a_live_log_is_shown_as_it_is_pushed_and_does_not_hold_up_canceling(runner: Runner, sandbox: Sandbox) -> None:
    step = runner.start(sandbox.inputs(logs="live"))
    step.wait_for("Running helm upgrade")

    result = runner.cancel(step, delays=CancelDelays())

    assert result.outputs["outcome"] == "interrupted"
    assert "asked to cancel" in result.log
    assert result.log.count("Running helm upgrade") == 1
    assert "Traceback" not in result.raw_log
    assert not [line for line in _without_masking(result.raw_log) if sandbox.token in line]


def _without_masking(raw_log: str) -> list[str]:
    return [line for line in raw_log.splitlines() if not line.startswith("::add-mask::")]
