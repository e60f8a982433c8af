"""The launcher as the runner starts it: real processes, real signals, a real pip, and no network."""

import os
import re
import shutil
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from importlib.util import cache_from_source
from pathlib import Path

import pytest

from tests.harness import Action, Runner, StepResult
from tests.launcher import hostile
from tests.launcher.mounts import MOUNTING, needs_mounts
from tests.launcher.toy import ToyAction, report_of

KEPT = "qovery-helm-deploy"


def _pythons_before_311() -> list[Path]:
    """Return the old Pythons of pyenv, if pyenv is installed."""
    versions = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser() / "versions"
    return sorted(python for python in versions.glob("3.*/bin/python3") if int(python.parts[-3].split(".")[1]) < 11)


def _assert_rejected(result: StepResult, message: str) -> None:
    [error] = result.errors()
    assert re.search(message, error.message), error.message
    assert result.exit_code == 1
    assert (result.outputs["outcome"], result.outputs["result"]) == ("rejected", "[]")
    assert "Traceback" not in result.raw_log
    assert result.raw_log.startswith("::add-mask::the-token\n")
    assert not result.orphans


def test_later_run_uses_the_first_installation(runner: Runner, toy: ToyAction) -> None:
    first = runner.run(toy.inputs)
    later = replace(runner, environment={}).run(toy.inputs)

    assert first.is_green, first.raw_log
    assert "Installing 1 dependencies" in first.log
    assert later.is_green, later.raw_log
    assert "Installing" not in later.log
    assert report_of(later)["dependency"] == report_of(first)["dependency"]


def test_masks_the_token_first(runner: Runner, toy: ToyAction, kept: Path) -> None:
    result = replace(runner, tool_cache=kept).run(toy.inputs)

    assert result.raw_log.startswith("::add-mask::the-token\n")
    assert "the-token" not in result.log


@pytest.mark.parametrize("is_kept", [pytest.param(False, id="first run"), pytest.param(True, id="later run")])
def test_ignores_workspace_and_environment(
    runner: Runner, toy: ToyAction, kept: Path, tmp_path: Path, *, is_kept: bool
) -> None:
    workspace = tmp_path / "workspace"
    hostile.fill(workspace)
    before = sorted(workspace.rglob("*"))
    tool_cache = kept if is_kept else tmp_path / "tool-cache"
    environment = {**hostile.environment(workspace), **runner.environment}

    result = replace(runner, workspace=workspace, environment=environment, tool_cache=tool_cache).run(toy.inputs)

    assert result.is_green, result.raw_log
    report = report_of(result)
    assert Path(report["dependency"]).is_relative_to(tool_cache / KEPT)
    assert not [entry for entry in report["path"] if str(workspace) in entry or "-packages" in entry]
    assert sorted(workspace.rglob("*")) == before
    assert not result.leaks


def test_reads_package_sources_from_pip_conf(runner: Runner, toy: ToyAction, tmp_path: Path) -> None:
    configuration = tmp_path / "home" / ".config" / "pip" / "pip.conf"
    configuration.parent.mkdir(parents=True)
    configuration.write_text(f"{hostile.pip_configuration()}find-links = {toy.wheels}\nno-index = true\n")

    result = replace(runner, environment={}).run(toy.inputs)

    assert result.is_green, result.raw_log
    assert not list(tmp_path.rglob("elsewhere"))


def test_package_gets_network_settings_but_no_arguments(runner: Runner, toy: ToyAction, kept: Path) -> None:
    settings = {"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "localhost", "SSL_CERT_FILE": "/ca.pem"}

    report = report_of(replace(runner, tool_cache=kept, environment=settings).run(toy.inputs))

    assert len(report["argv"]) == 1
    assert report["environment"].items() >= settings.items()


def test_parallel_installations_share_one_result(runner: Runner, toy: ToyAction, tmp_path: Path) -> None:
    steps = [replace(runner, directory=tmp_path / name, tool_cache=tmp_path).start(toy.inputs) for name in "abc"]
    results = [step.wait() for step in steps]

    assert all(result.is_green for result in results), [result.raw_log for result in results]
    assert len({report_of(result)["dependency"] for result in results}) == 1
    assert len(list((tmp_path / KEPT).iterdir())) == 1


def test_replaces_a_damaged_installation(runner: Runner, toy: ToyAction, tmp_path: Path) -> None:
    dependency = Path(report_of(runner.run(toy.inputs))["dependency"])
    Path(cache_from_source(str(dependency))).write_bytes(b"half of it")
    abandoned = tmp_path / "tool-cache" / KEPT / ".staging-abandoned"
    abandoned.mkdir()
    os.utime(abandoned, (0, 0))

    result = runner.run(toy.inputs)

    assert result.is_green, result.raw_log
    assert "Installing" in result.log
    assert len(list((tmp_path / "tool-cache" / KEPT).iterdir())) == 1


@pytest.mark.parametrize(
    ("blocked", "place"),
    [
        pytest.param(["RUNNER_TOOL_CACHE"], "temp", id="for the job"),
        pytest.param(["RUNNER_TOOL_CACHE", "RUNNER_TEMP"], "private", id="only for this run"),
    ],
)
def test_uses_another_directory_without_tool_cache(
    runner: Runner, toy: ToyAction, tmp_path: Path, blocked: list[str], place: str
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "private").mkdir()
    unwritable = dict.fromkeys(blocked, str(tmp_path / "file" / "below"))
    environment = {**runner.environment, **unwritable, "TMPDIR": str(tmp_path / "private")}

    result = replace(runner, environment=environment).run(toy.inputs)

    assert result.is_green, result.raw_log
    assert Path(report_of(result)["dependency"]).is_relative_to(tmp_path / place)
    assert not list((tmp_path / "private").iterdir())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        pytest.param(
            {"PIP_INDEX_URL": "http://me:pass-word@127.0.0.1:1/simple", "PIP_RETRIES": "1"},
            "cannot be reached.*HTTPS_PROXY",
            id="no network",
        ),
        pytest.param({"PIP_NO_INDEX": "1"}, "PIP_NO_INDEX.*Unset it", id="no index allowed"),
        pytest.param(
            {"PIP_CERT": "~nobody-knows/x"},
            "file of certificates that does not exist.*PIP_CERT",
            id="missing certificates",
        ),
    ],
)
def test_explains_a_failed_installation(
    runner: Runner, toy: ToyAction, tmp_path: Path, settings: dict[str, str], message: str
) -> None:
    result = replace(runner, environment=settings).run(toy.inputs)

    _assert_rejected(result, message)
    assert "pass-word" not in result.raw_log
    assert not list((tmp_path / "tool-cache" / KEPT).iterdir())


def test_rejects_a_wheel_with_another_hash(runner: Runner, toy: ToyAction, tmp_path: Path) -> None:
    other = tmp_path / "##[error]wheels"
    other.mkdir()
    [wheel] = toy.wheels.iterdir()
    (other / wheel.name).write_bytes(wheel.read_bytes() + b"\0")
    environment = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(other)}

    result = replace(runner, environment=environment).run(toy.inputs)

    _assert_rejected(result, "differs from the one in the lock")
    assert "##[error]wheels" in result.raw_log


def test_uses_ensurepip_without_pip(runner: Runner, toy: ToyAction, tmp_path: Path) -> None:
    # Isolated and without site-packages, such a Python has only the standard library.
    _stub(tmp_path / "bin" / "python3", f'exec "{sys.executable}" -S "$@"')

    result = replace(runner, search_path=f"{tmp_path / 'bin'}{os.pathsep}{runner.search_path}").run(toy.inputs)

    assert result.is_green, result.raw_log


def test_reports_a_missing_pip(runner: Runner, toy: ToyAction, tmp_path: Path) -> None:
    _pretend(tmp_path / "bin" / "python3", "sys.modules.update(pip=None, ensurepip=None)")

    result = replace(runner, search_path=f"{tmp_path / 'bin'}{os.pathsep}{runner.search_path}").run(toy.inputs)

    _assert_rejected(result, "has no pip.*python3-pip.*actions/setup-python")


@pytest.mark.parametrize("password", ["p@ss/word", "p/ss@word", "p?ss#word"])
def test_shows_no_part_of_an_ambiguous_password(runner: Runner, toy: ToyAction, password: str) -> None:
    settings = {"PIP_INDEX_URL": f"http://me:{password}@127.0.0.1:1/simple", "PIP_RETRIES": "0"}

    result = replace(runner, environment=settings).run(toy.inputs)

    _assert_rejected(result, "percent-encode")
    assert not re.search(r"\b(ss|word)\b", result.raw_log)


def test_reports_a_failure_without_output_file(runner: Runner, toy: ToyAction, tmp_path: Path) -> None:
    settings = {"PIP_NO_INDEX": "1", "GITHUB_OUTPUT": str(tmp_path)}

    result = replace(runner, environment=settings).run(toy.inputs)

    assert [annotation.level for annotation in result.annotations] == ["error", "warning"]
    assert f"cannot write GITHUB_OUTPUT: [Errno 21] Is a directory: '{tmp_path}'" in result.annotations[1].message
    assert "Traceback" not in result.raw_log
    assert result.exit_code == 1


def test_accepts_a_relative_tool_cache(runner: Runner, toy: ToyAction, tmp_path: Path) -> None:
    environment = {**runner.environment, "RUNNER_TOOL_CACHE": "../tools"}

    result = replace(runner, environment=environment).run(toy.inputs)

    assert result.is_green, result.raw_log
    assert Path(report_of(result)["dependency"]).resolve().is_relative_to(tmp_path / "tools")
    assert not list((tmp_path / "workspace").iterdir())


def _mounted(runner: Runner, *directories: Path, options: str) -> Runner:
    """Return a runner whose steps have a separate file system in each of these directories."""
    mounts = "".join(f"mount -t tmpfs -o {options} tmpfs '{directory}' && " for directory in directories)
    for directory in directories:
        directory.mkdir(exist_ok=True)
    return replace(runner, wrapper=(*MOUNTING, "sh", "-c", f'{mounts}exec "$@"', "sh"))


@needs_mounts
@pytest.mark.parametrize(
    "options", [pytest.param("noexec", id="mounted noexec"), pytest.param("size=4k", id="full disk")]
)
def test_uses_temporary_directory_without_usable_tool_cache(
    runner: Runner, toy: ToyAction, tmp_path: Path, options: str
) -> None:
    result = _mounted(runner, tmp_path / "tool-cache", options=options).run(toy.inputs)

    assert result.is_green, result.raw_log
    assert Path(report_of(result)["dependency"]).is_relative_to(tmp_path / "temp")


@needs_mounts
def test_ignores_an_installation_remounted_noexec(runner: Runner, toy: ToyAction, tmp_path: Path) -> None:
    assert runner.run(toy.inputs).is_green
    remount = "cd ../tool-cache && mount --bind . . && mount -o remount,bind,noexec $PWD && cd ../workspace"
    wrapper = (*MOUNTING, "sh", "-c", f'{remount} && exec "$@"', "sh")

    result = replace(runner, wrapper=wrapper).run(toy.inputs)

    assert result.is_green, result.raw_log
    assert Path(report_of(result)["dependency"]).is_relative_to(tmp_path / "temp")


@needs_mounts
@pytest.mark.parametrize(
    ("options", "reason"),
    [pytest.param("noexec", "mounted noexec", id="noexec"), pytest.param("size=4k", "the disk is full", id="full")],
)
def test_names_every_unusable_directory(
    runner: Runner, toy: ToyAction, tmp_path: Path, options: str, reason: str
) -> None:
    places = {name: tmp_path / name for name in ("one", "two", "three")}
    variables = dict(zip(("RUNNER_TOOL_CACHE", "RUNNER_TEMP", "TMPDIR"), map(str, places.values()), strict=True))
    environment = {**runner.environment, **variables}

    result = _mounted(replace(runner, environment=environment), *places.values(), options=options).run(toy.inputs)

    _assert_rejected(result, f"{places['one']}[^;]*: {reason}; {places['two']}[^;]*: {reason}; {places['three']}")


def test_reports_a_defect_of_the_launcher(runner: Runner, toy: ToyAction, tmp_path: Path) -> None:
    root = tmp_path / "action"
    shutil.copytree(toy.action.path, root)
    (root / "launcher" / "requirements.txt").unlink()

    result = replace(runner, action=Action.from_directory(root)).run(toy.inputs)

    [error] = result.errors()
    assert "FileNotFoundError" in error.message
    assert (result.outputs["outcome"], result.outputs["result"]) == ("rejected", "[]")


def _isolated(runner: Runner, directory: Path) -> Runner:
    """Return a runner whose PATH is only this directory, with bash in it."""
    directory.mkdir(exist_ok=True)
    (directory / "bash").symlink_to("/bin/bash")
    return replace(runner, search_path=str(directory))


def test_reports_a_missing_python(runner: Runner, toy: ToyAction, tmp_path: Path) -> None:
    result = _isolated(runner, tmp_path / "bin").run(toy.inputs)

    [error] = result.errors()
    assert "no python3 on this runner's PATH. Install Python 3.11 or newer" in error.message
    assert result.exit_code == 1
    assert (result.outputs["outcome"], result.outputs["result"]) == ("rejected", "[]")


_SHIMS = [
    pytest.param("echo \"pyenv: version '3.12.9' is not installed ##[error]no\" >&2; exit 1", id="pyenv"),
    pytest.param("echo 'Python was not found; run without arguments to install ##[error]no'; exit 49", id="Windows"),
    pytest.param("echo 'Python 3.5.3 ##[error]no'", id="far too old"),
]


@pytest.mark.parametrize("shim", _SHIMS)
def test_quotes_a_shim_that_does_not_run(runner: Runner, toy: ToyAction, tmp_path: Path, shim: str) -> None:
    _stub(tmp_path / "bin" / "python3", shim)

    result = _isolated(runner, tmp_path / "bin").run(toy.inputs)

    [error] = result.errors()
    assert "does not run, or is older than 3.6" in error.message
    assert "##[error]no" in result.log
    assert result.exit_code == 1
    assert (result.outputs["outcome"], result.outputs["result"]) == ("rejected", "[]")


@pytest.mark.parametrize("name", ["python{}.{}", "python"])
@pytest.mark.parametrize("shim", [*_SHIMS, pytest.param("echo Python 3.9.18", id="too old")])
def test_uses_another_python_on_the_path(runner: Runner, toy: ToyAction, tmp_path: Path, shim: str, name: str) -> None:
    _stub(tmp_path / "bin" / "python3", shim)
    _stub(tmp_path / "bin" / name.format(*sys.version_info), f'exec "{sys.executable}" "$@"')

    result = _isolated(runner, tmp_path / "bin").run(toy.inputs)

    assert result.is_green, result.raw_log
    assert report_of(result)["version"] == list(sys.version_info[:2])


def test_reports_an_old_python(runner: Runner, toy: ToyAction, tmp_path: Path) -> None:
    _pretend(tmp_path / "bin" / "python3", "sys.version_info = (3, 10, 4)", version="3.10.4")

    result = _isolated(runner, tmp_path / "bin").run(toy.inputs)

    _assert_rejected(result, "needs Python 3.11.*is Python 3.10.4.*actions/setup-python")


def test_old_python_starts_a_newer_one(runner: Runner, toy: ToyAction, tmp_path: Path) -> None:
    _pretend(tmp_path / "bin" / "python3", "sys.version_info = (3, 10, 4)", version="3.10.4")
    _into_tool_cache(tmp_path / "tool-cache", Path(sys.executable))

    result = _isolated(runner, tmp_path / "bin").run(toy.inputs)

    assert result.is_green, result.raw_log
    assert report_of(result)["version"] == list(sys.version_info[:2])
    assert len(report_of(result)["argv"]) == 1


@pytest.mark.parametrize("python", _pythons_before_311(), ids=lambda python: str(python.parts[-3]))
def test_real_old_pythons_start_a_newer_one(runner: Runner, toy: ToyAction, tmp_path: Path, python: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3").symlink_to(python)
    old = _isolated(runner, tmp_path / "bin")
    _assert_rejected(old.run(toy.inputs), f"is Python {python.parts[-3]} ")

    _into_tool_cache(tmp_path / "tool-cache", python)
    _assert_rejected(old.run(toy.inputs), f"is Python {python.parts[-3]} ")

    _into_tool_cache(tmp_path / "tool-cache", Path(sys.executable))
    result = old.run(toy.inputs)
    assert result.is_green, result.raw_log


@pytest.fixture
def silent_index() -> Iterator[str]:
    """Listen as an index that never answers."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/simple"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: str(number.name))
def test_signal_ends_an_installation(
    runner: Runner, toy: ToyAction, tmp_path: Path, silent_index: str, number: signal.Signals
) -> None:
    step = replace(runner, environment={"PIP_INDEX_URL": silent_index}).start(toy.inputs)
    step.wait_for("Installing")

    result = step.signal_in_turn([(number, 5.0)])

    _assert_interrupted(result)
    assert not list((tmp_path / "tool-cache" / KEPT).iterdir())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: str(number.name))
def test_signal_ends_an_unprepared_package(runner: Runner, toy: ToyAction, kept: Path, number: signal.Signals) -> None:
    step = replace(runner, tool_cache=kept, environment={"TOY_SLEEPS": "60"}).start(toy.inputs)
    step.wait_for("REPORT")

    _assert_interrupted(step.signal_in_turn([(number, 5.0)]))


def _assert_interrupted(result: StepResult) -> None:
    [error] = result.errors()
    assert "canceled before anything was deployed" in error.message
    assert result.exit_code == 1
    assert (result.outputs["outcome"], result.outputs["result"]) == ("interrupted", "[]")
    assert "Traceback" not in result.raw_log
    assert not result.orphans


def _into_tool_cache(tool_cache: Path, python: Path) -> None:
    # `python` may be older than the name of the directory, as in the test of real old Pythons.
    architecture = {"x86_64": "x64", "aarch64": "arm64"}.get(os.uname().machine, os.uname().machine)
    place = tool_cache / "Python" / "3.12.9" / architecture
    place.mkdir(parents=True, exist_ok=True)
    _stub(place / "bin" / "python3", f'exec "{python}" "$@"')


def _pretend(path: Path, statement: str, *, version: str = "3.14.0") -> None:
    """Write a python3 that runs a statement before the program of `-ISu DIRECTORY`, and that knows `-V`."""
    program = (
        f"import runpy, sys; {statement}; sys.argv = sys.argv[1:]; sys.path.insert(0, sys.argv[0]); "
        "runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    _stub(
        path,
        f'[ "$1" = -V ] && echo "Python {version}" && exit\nexec "{sys.executable}" "$1" -c "{program}" "$2"',
    )


def _stub(path: Path, command: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{command}\n")
    path.chmod(0o755)
