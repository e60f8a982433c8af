import gc
import io
import os
import signal
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from qovery_helm_deploy.__main__ import main
from qovery_sandbox.faults import Faults, Hang, When
from qovery_sandbox.ids import HELM_ID, TOKEN
from qovery_sandbox.server import RunningSandbox, realtime_world
from tests.harness.files import read_outputs

SPEED = 100.0


class Signal:
    """Signals this process when a call arrives, and never answers the call."""

    async def __call__(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
        await Hang()(app, scope, receive, send)


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"):
        (tmp_path / name).touch()
        monkeypatch.setenv(name, str(tmp_path / name))
    return tmp_path


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def step(faults: Faults) -> Iterator[Mapping[str, str]]:
    with RunningSandbox(realtime_world(speed=SPEED), faults=faults) as url:
        yield {"INPUT_HELM_ID": HELM_ID, "INPUT_TOKEN": TOKEN, "INPUT_API_URL": url, "INPUT_POLL_INTERVAL": "0.1s"}


def outputs(files: Path) -> Mapping[str, str]:
    return read_outputs(files / "GITHUB_OUTPUT")


def test_masks_the_token_first(step: Mapping[str, str], files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(step) == 0
    assert capsys.readouterr().out.startswith(f"::add-mask::{TOKEN}\n")
    assert outputs(files)["outcome"] == "succeeded"


def test_enables_garbage_collection() -> None:
    gc.disable()
    try:
        assert main({}) == 1
        assert gc.isenabled()
    finally:
        gc.enable()


def test_reports_all_bad_inputs(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main({"INPUT_HELM_ID": "none", "INPUT_TIMEOUT": "soon"}) == 1
    log = capsys.readouterr().out
    assert all(f"`{name}` " in log for name in ("helm_id", "token", "timeout"))
    assert outputs(files) == {"outcome": "rejected", "result": "[]"}
    assert "`timeout`" in (files / "GITHUB_STEP_SUMMARY").read_text()


@pytest.mark.usefixtures("files")
def test_log_is_always_utf_8(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(written, encoding="latin-1", write_through=True))
    assert main({"INPUT_WAIT": "naïve ✓"}) == 1
    assert "'naïve ✓' is not a switch" in written.getvalue().decode("utf-8")


@pytest.mark.usefixtures("files")
def test_accepts_a_log_that_is_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", io.StringIO())
    assert main({}) == 1


def test_requests_nothing_without_outputs(
    step: Mapping[str, str], files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_OUTPUT", str(files / "missing"))
    assert main(step) == 1
    log = capsys.readouterr().out
    assert f"cannot write the output file {files / 'missing'}: No such file or directory." in log
    assert "Deploying" not in log


def test_warns_of_unreadable_certificates(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    step = {"INPUT_HELM_ID": HELM_ID, "INPUT_TOKEN": TOKEN, "INPUT_TIMEOUT": "1s"}
    assert main({**step, "INPUT_API_URL": "https://127.0.0.1:1", "SSL_CERT_FILE": "/nowhere/ca.pem"}) == 1
    warning = "SSL_CERT_FILE is ignored, because /nowhere/ca.pem cannot be read: No such file or directory."
    assert f"::warning title=Setting ignored::{warning}\n" in capsys.readouterr().out
    assert outputs(files)["outcome"] == "lost_contact"


def test_rejects_unusable_proxy(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    step = {"INPUT_HELM_ID": HELM_ID, "INPUT_TOKEN": TOKEN, "ALL_PROXY": "socks5h://me:hunter2@proxy.corp:1"}
    assert main(step) == 1
    log = capsys.readouterr().out
    assert "ALL_PROXY names a SOCKS proxy, which this action cannot use." in log
    assert "hunter2" not in log
    assert outputs(files)["outcome"] == "lost_contact"


def test_logs_service_id_from_address(step: Mapping[str, str], files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = f"https://console.qovery.com/organization/x/service/{HELM_ID}/deployments"
    assert main({**step, "INPUT_HELM_ID": page}) == 0
    assert f"The service id {HELM_ID} was taken from the address" in capsys.readouterr().out
    assert outputs(files)["outcome"] == "succeeded"


def test_trims_and_masks_the_token(step: Mapping[str, str], files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main({**step, "INPUT_TOKEN": f" {TOKEN}\n"}) == 0
    assert capsys.readouterr().out.startswith(f"::add-mask::{TOKEN}\n")
    assert outputs(files)["outcome"] == "succeeded"


def test_a_signal_interrupts_the_step(step: Mapping[str, str], faults: Faults, files: Path) -> None:
    faults.add(When(method="GET", path="/helm/{helmId}"), Signal())
    assert main(step) == 1
    assert outputs(files)["outcome"] == "interrupted"


def test_reports_a_defect_without_the_token(
    step: Mapping[str, str], files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Broken(dict[str, str]):
        def get(self, key: str, default: str | None = None) -> str:  # type: ignore[override]
            if key == "INPUT_DRY_RUN":
                raise RuntimeError(f"broken beside {TOKEN}")
            return super().get(key) or default or ""

    assert main(Broken(step)) == 1
    log = capsys.readouterr().out.removeprefix(f"::add-mask::{TOKEN}\n")
    assert "RuntimeError: broken beside ***" in log
    assert TOKEN not in log
    assert outputs(files)["outcome"] == "lost_contact"
