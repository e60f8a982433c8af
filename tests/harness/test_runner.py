import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from tests.harness import Action, CancelDelays, Runner, package_settings


def _runner(directory: Path, script: str) -> Runner:
    return Runner(directory=directory, action=replace(Action.from_directory(), script=script, environment={}))


def test_step_gets_only_the_runners_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_script_ends_at_the_first_failure(tmp_path: Path) -> None:
    result = _runner(tmp_path, "false | true\necho reached").run({})

    assert (result.exit_code, result.raw_log) == (1, "")


def test_log_has_standard_error_in_order(tmp_path: Path) -> None:
    assert _runner(tmp_path, "echo 1; echo 2 >&2; echo 3").run({}).log == "1\n2\n3"


def test_malformed_outputs_fail_the_step(tmp_path: Path) -> None:
    result = _runner(tmp_path, 'echo "outcome<<END" >> "$GITHUB_OUTPUT"').run({})

    assert result.exit_code == 0
    assert not result.is_green


def test_outputs_with_a_secret_stay_in_the_job(tmp_path: Path) -> None:
    script = (
        'echo "::add-mask::secret"; echo "state=a secret" >> "$GITHUB_OUTPUT"; echo "secret" >> $GITHUB_STEP_SUMMARY'
    )
    result = _runner(tmp_path, script).run({})

    assert result.outputs["state"] == "a secret"
    assert "state" not in result.job_outputs
    assert result.summary == "***\n"


def test_reports_variables_for_later_steps(tmp_path: Path) -> None:
    assert _runner(tmp_path, 'echo "A=1" >> "$GITHUB_ENV"').run({}).leaks == "A=1\n"


def test_ends_processes_that_a_step_left(tmp_path: Path) -> None:
    # The process reports that it runs, and then waits for ever.
    script = "mkfifo up never; (echo up > up; : < never) > /dev/null 2>&1 & cat up"

    assert len(_runner(tmp_path, script).run({}).orphans) == 1


def test_cancels_with_int_term_and_kill(tmp_path: Path) -> None:
    script = "trap 'echo INT' INT; trap 'echo TERM' TERM; echo ready; while true; do sleep 0.02; done"
    runner = _runner(tmp_path, script)
    step = runner.start({})
    step.wait_for("ready")

    result = runner.cancel(step, delays=CancelDelays().scaled(0.05))

    assert result.raw_log.splitlines() == ["ready", "INT", "TERM"]
    assert result.exit_code == -signal.SIGKILL


def test_wait_for_raises_when_the_step_ends(tmp_path: Path) -> None:
    step = _runner(tmp_path, "echo said").start({})

    with pytest.raises(TimeoutError, match="said"):
        step.wait_for("unsaid")
    assert step.wait().exit_code == 0


def test_kills_a_step_that_does_not_end(tmp_path: Path) -> None:
    step = _runner(tmp_path, "sleep 60").start({})

    with pytest.raises(TimeoutError, match="did not end"):
        step.wait(timeout=0.1)
    assert step.wait().exit_code == -signal.SIGKILL


def test_package_settings() -> None:
    settings = {"PIP_INDEX_URL": "https://a", "https_proxy": "http://b", "HOME": os.sep}

    assert package_settings({**settings, "HOMEBREW_PREFIX": "c", "UV_INDEX": "d", "PATH": "e"}) == settings
