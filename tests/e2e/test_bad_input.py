import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.harness import Runner

TOKEN = "a-token-that-is-not-used"  # noqa: S105
HELM_ID = "5f1d2a60-7c3e-4b8a-9d21-0e6f4c7b1a21"


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Listen where the API would be."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        server.settimeout(0)
        yield server


@pytest.mark.parametrize(
    ("inputs", "problems"),
    [
        pytest.param({"token": TOKEN}, ["helm_id"], id="no service"),
        pytest.param({"helm_id": HELM_ID}, ["token"], id="no token"),
        pytest.param(
            {"helm_id": "shop-api", "token": "two words", "timeout": "soon"},
            ["helm_id", "token", "timeout"],
            id="several problems",
        ),
        pytest.param(
            {"helm_id": HELM_ID, "token": TOKEN, "chart_version": "1", "git_commit_id": "2"},
            ["chart_version", "git_commit_id"],
            id="two versions",
        ),
    ],
)
def test_bad_input_is_told_by_name_and_sends_nothing(
    runner: Runner, listener: socket.socket, inputs: dict[str, str], problems: list[str]
) -> None:
    api_url = f"http://127.0.0.1:{listener.getsockname()[1]}"

    result = runner.run({**inputs, "api_url": api_url})

    assert result.exit_code == 1
    told = "\n".join(error.message for error in result.errors())
    assert all(problem in told for problem in problems), told
    assert result.outputs["outcome"] == "rejected"
    assert "Traceback" not in result.raw_log
    with pytest.raises(BlockingIOError):
        listener.accept()


def test_bad_input_takes_less_than_a_second(runner: Runner) -> None:
    assert min(runner.run({}).duration for _ in range(3)) < 1.0
