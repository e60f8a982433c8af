import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from tests.harness import Action, CancelDelays, Runner, package_settings


def _runner(directory: Path, script: str) -> Runner:
    return Runner(directory=directory, action=replace(Action.from_directory(), script=script, environment={}))


def test_a_step_gets_what_the_runner_gives_and_nothing_by_chance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INPUT_TOKEN", "by chance")
    monkeypatch.setenv("PYTHONPATH", "by chance")

    result = _runner(tmp_path, "env; pwd; cat; exit 3").run({})

    assert "by chance" not in result.raw_log
    assert f"GITHUB_WORKSPACE={tmp_path / 'workspace'}" in result.raw_log.splitlines()
    assert result.raw_log.splitlines()[-1] == str(tmp_path / "workspace")
    assert (result.exit_code, result.is_green) == (3, False)


def test_a_wrapper_starts_the_step(tmp_path: Path) -> None:
    runner = replace(_runner(tmp_path, "echo $WITH"), wrapper=("env", "WITH=wrapper"))

    assert runner.run({}).log == "wrapper"


def test_a_script_ends_with_its_first_failure(tmp_path: Path) -> None:
    result = _runner(tmp_path, "false | true\necho reached").run({})

    assert (result.exit_code, result.raw_log) == (1, "")


def test_standard_error_is_part_of_the_log_in_its_order(tmp_path: Path) -> None:
    assert _runner(tmp_path, "echo 1; echo 2 >&2; echo 3").run({}).log == "1\n2\n3"


def test_bad_outputs_make_a_step_red(tmp_path: Path) -> None:
    result = _runner(tmp_path, 'echo "outcome<<END" >> "$GITHUB_OUTPUT"').run({})

    assert result.exit_code == 0
    assert not result.is_green


def test_outputs_that_hold_a_secret_do_not_reach_another_job(tmp_path: Path) -> None:
    script = (
        'echo "::add-mask::secret"; echo "state=a secret" >> "$GITHUB_OUTPUT"; echo "secret" >> $GITHUB_STEP_SUMMARY'
    )
    result = _runner(tmp_path, script).run({})

    assert result.outputs["state"] == "a secret"
    assert "state" not in result.job_outputs
    assert result.summary == "***\n"


def test_what_a_step_writes_for_later_steps_is_noticed(tmp_path: Path) -> None:
    assert _runner(tmp_path, 'echo "A=1" >> "$GITHUB_ENV"').run({}).leaks == "A=1\n"


def test_what_a_step_leaves_running_is_found_and_ended(tmp_path: Path) -> None:
    # It says that it is there, and then waits for what nobody ever writes.
    script = "mkfifo up never; (echo up > up; : < never) > /dev/null 2>&1 & cat up"

    assert len(_runner(tmp_path, script).run({}).orphans) == 1


def test_cancelling_goes_from_asking_to_killing(tmp_path: Path) -> None:
    script = "trap 'echo INT' INT; trap 'echo TERM' TERM; echo ready; while true; do sleep 0.02; done"
    runner = _runner(tmp_path, script)
    step = runner.start({})
    step.wait_for("ready")

    result = runner.cancel(step, delays=CancelDelays().scaled(0.05))

    assert result.raw_log.splitlines() == ["ready", "INT", "TERM"]
    assert result.exit_code == -signal.SIGKILL


def test_waiting_for_what_never_comes_ends_with_the_step(tmp_path: Path) -> None:
    step = _runner(tmp_path, "echo said").start({})

    with pytest.raises(TimeoutError, match="said"):
        step.wait_for("unsaid")
    assert step.wait().exit_code == 0


def test_a_step_that_does_not_end_is_killed(tmp_path: Path) -> None:
    step = _runner(tmp_path, "sleep 60").start({})

    with pytest.raises(TimeoutError, match="did not end"):
        step.wait(timeout=0.1)
    assert step.wait().exit_code == -signal.SIGKILL


def test_package_settings_are_those_of_pip_and_the_network() -> None:
    settings = {"PIP_INDEX_URL": "https://a", "https_proxy": "http://b", "HOME": os.sep}

    assert package_settings({**settings, "HOMEBREW_PREFIX": "c", "UV_INDEX": "d", "PATH": "e"}) == settings
