import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.harness import Runner

TOKEN = "a-token-that-is-not-used"  # noqa: S105
HELM_ID = "5f1d2a60-7c3e-4b8a-9d21-0e6f4c7b1a21"
GIVEN = {"helm_id": HELM_ID, "token": TOKEN}
ENVIRONMENT_PAGE = f"https://console.qovery.com/organization/{HELM_ID}/project/{HELM_ID}/environment/{HELM_ID}/services"


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Listen where the API would be."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        server.settimeout(0)
        yield server


@pytest.mark.parametrize(
    ("inputs", "problems"),
    [
        pytest.param({"token": TOKEN}, ["`helm_id` is empty"], id="no service"),
        pytest.param({"helm_id": HELM_ID}, ["`token` is empty"], id="no token"),
        pytest.param(
            {"helm_id": "shop-api", "token": "two words", "timeout": "soon"},
            ["`helm_id` 'shop-api'", "`token` contains a space", "`timeout` 'soon'"],
            id="several problems",
        ),
        pytest.param(
            {**GIVEN, "chart_version": "1", "git_commit_id": "abcdef0"},
            ["`chart_version` cannot be combined with `git_commit_id`"],
            id="two versions",
        ),
        pytest.param({**GIVEN, "chart_version": "latest"}, ["`chart_version` 'latest'"], id="no exact version"),
        pytest.param({**GIVEN, "git_commit_id": "main"}, ["'main' is not a commit", "${{ github.sha }}"], id="branch"),
        pytest.param({**GIVEN, "helm_id": ENVIRONMENT_PAGE}, ["the address of an environment"], id="environment"),
        pytest.param({**GIVEN, "token": "***"}, ["`token` is masked"], id="masked token"),
    ],
)
def test_rejects_bad_input_and_sends_nothing(
    runner: Runner, listener: socket.socket, inputs: dict[str, str], problems: list[str]
) -> None:
    api_url = f"http://127.0.0.1:{listener.getsockname()[1]}"

    result = runner.run({**inputs, "api_url": api_url})

    assert result.exit_code == 1
    messages = "\n".join(error.message for error in result.errors())
    assert all(problem in messages for problem in problems), messages
    assert (result.outputs["outcome"], result.outputs["result"]) == ("rejected", "[]")
    assert "Traceback" not in result.raw_log
    with pytest.raises(BlockingIOError):
        listener.accept()


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        pytest.param({"GITHUB_EVENT_NAME": "pull_request"}, "gives no secrets to pull requests from forks", id="fork"),
        pytest.param(
            {"GITHUB_ACTOR": "dependabot[bot]"}, "no Actions secrets to runs that Dependabot starts", id="Dependabot"
        ),
        pytest.param({}, "have no secret of that name", id="push"),
    ],
)
def test_says_why_the_token_is_empty(
    runner: Runner, tmp_path: Path, environment: Mapping[str, str], reason: str
) -> None:
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"head": {"repo": {"fork": True, "full_name": "someone/octo-repo"}}}}))
    job = {**runner.environment, "GITHUB_EVENT_PATH": str(event), **environment}

    result = replace(runner, environment=job).run({"helm_id": HELM_ID})

    [error] = result.errors()
    assert reason in error.message
    assert result.outputs["outcome"] == "rejected"


def test_bad_input_ends_within_a_second(runner: Runner) -> None:
    assert min(runner.run({}).duration for _ in range(3)) < 1.0
