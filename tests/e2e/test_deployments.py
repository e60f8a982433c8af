import json

import pytest

from tests.harness import CancelDelays, Runner
from tests.harness.sandbox import Sandbox


def _in_scenario(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("sandbox", [name], indirect=True)


@_in_scenario("happy")
def test_successful_deployment_is_green(runner: Runner, sandbox: Sandbox) -> None:
    result = runner.run(sandbox.inputs(chart_version="1.4.2"))

    assert result.is_green, result.raw_log
    assert (result.outputs["outcome"], result.outputs["state"]) == ("succeeded", "DEPLOYED")
    assert all(result.outputs.values()), result.outputs
    assert json.loads(result.outputs["result"])[0]["outcome"] == "succeeded"
    assert "deployed" in result.summary
    assert not result.errors()


@_in_scenario("failing")
def test_failed_deployment_is_red(runner: Runner, sandbox: Sandbox) -> None:
    result = runner.run(sandbox.inputs())

    assert result.exit_code == 1
    assert (result.outputs["outcome"], result.outputs["state"]) == ("failed", "DEPLOYMENT_ERROR")
    [error] = result.errors()
    assert error.message.startswith("Helm upgrade failed: ")
    assert "failed" in result.summary
    assert not result.problems


@_in_scenario("happy")
def test_leaks_neither_token_nor_variables(runner: Runner, sandbox: Sandbox) -> None:
    result = runner.run(sandbox.inputs())

    assert not [line for line in _without_masking(result.raw_log) if sandbox.token in line]
    assert result.raw_log.startswith("::add-mask::")
    assert result.job_outputs == result.outputs
    assert sandbox.token not in result.summary
    assert not result.leaks
    assert not result.orphans


@_in_scenario("happy")
def test_ends_after_acceptance_without_wait(runner: Runner, sandbox: Sandbox) -> None:
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
def test_shows_a_live_log_and_still_cancels(runner: Runner, sandbox: Sandbox) -> None:
    step = runner.start(sandbox.inputs(logs="live"))
    step.wait_for("Running helm upgrade")

    result = runner.cancel(step, delays=CancelDelays())

    assert result.outputs["outcome"] == "interrupted"
    assert "Qovery is canceling the deployment" in result.log
    assert result.log.count("Running helm upgrade") == 1
    assert "Traceback" not in result.raw_log
    assert not [line for line in _without_masking(result.raw_log) if sandbox.token in line]


def _without_masking(raw_log: str) -> list[str]:
    return [line for line in raw_log.splitlines() if not line.startswith("::add-mask::")]
