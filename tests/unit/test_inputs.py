from __future__ import annotations

import traceback

import pytest
from pydantic import ValidationError

from qovery_helm_deploy.deployment.asked import Asked
from qovery_helm_deploy.errors import InputsError
from qovery_helm_deploy.inputs import Inputs
from tests.unit.examples import SECRET, SERVICE

OTHER = "11111111-2222-3333-4444-555555555555"


def parse(**given: str) -> Inputs:
    texts = {"helm_id": SERVICE, "token": SECRET, **given}
    return Inputs.from_environment({f"INPUT_{name.upper()}": text for name, text in texts.items()})


def problems(**given: str) -> dict[str, str]:
    with pytest.raises(InputsError) as caught:
        parse(**given)
    return {problem.input: problem.message for problem in caught.value.problems}


def test_only_the_service_and_the_token_have_to_be_given() -> None:
    inputs = parse()
    assert inputs.helm_id == (SERVICE,)
    assert inputs.token.get_secret_value() == SECRET
    assert inputs.asked == Asked()
    assert (inputs.wait, inputs.dry_run, inputs.cancel_on_interrupt, inputs.cancel_on_timeout) == (1, 0, 1, 0)
    assert (inputs.timeout, inputs.queue_timeout, inputs.poll_interval) == (3600.0, None, None)
    assert (inputs.logs, inputs.api_url) == ("failure", "https://api.qovery.com")


def test_what_is_asked_of_qovery_is_what_was_given() -> None:
    inputs = parse(git_commit_id=" abc ", values_override_git_commit_id="def", force_event="DIFF")
    assert inputs.asked == Asked(git_commit_id="abc", values_override_git_commit_id="def", only_differences=True)
    assert parse(chart_version="1.2.3").asked == Asked(chart_version="1.2.3")


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        pytest.param(f"{SERVICE}\n{OTHER}\n", (SERVICE, OTHER), id="one a line"),
        pytest.param(f" {SERVICE} , {OTHER},", (SERVICE, OTHER), id="separated by commas, with blanks"),
        pytest.param(f"{OTHER}\r\n\r\n{SERVICE}", (OTHER, SERVICE), id="in the order given, empty lines aside"),
        pytest.param(f"{SERVICE.upper()},{SERVICE}", (SERVICE,), id="one that comes twice is deployed once"),
    ],
)
def test_services_are_read(text: str, ids: tuple[str, ...]) -> None:
    assert parse(helm_id=text).helm_id == ids


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        pytest.param("90", 90.0, id="a bare number is seconds"),
        pytest.param("45s", 45.0, id="seconds"),
        pytest.param("30m", 1800.0, id="minutes"),
        pytest.param("1h30m", 5400.0, id="hours and minutes"),
        pytest.param("1.5h", 5400.0, id="decimals"),
        pytest.param(".5m", 30.0, id="decimals without a leading digit"),
        pytest.param("168h", 604800.0, id="the longest"),
    ],
)
def test_durations_are_read(text: str, seconds: float) -> None:
    assert parse(timeout=text, queue_timeout=text).timeout == seconds
    assert parse(queue_timeout=text).queue_timeout == seconds


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("soon", id="no number"),
        pytest.param("-5m", id="negative"),
        pytest.param("0", id="nothing"),
        pytest.param("0h0m0s", id="nothing, in three parts"),
        pytest.param("nan", id="not a number"),
        pytest.param("inf", id="endless"),
        pytest.param("1e3", id="an exponent"),
        pytest.param("169h", id="longer than a week"),
        pytest.param("9" * 400, id="more than a number can be"),
        pytest.param("30m1h", id="the wrong way round"),
        pytest.param("1 h", id="blanks inside"),
        pytest.param("\N{ARABIC-INDIC DIGIT ONE}", id="digits of another script"),
        pytest.param("h", id="a unit alone"),
    ],
)
def test_durations_that_are_none_are_refused(text: str) -> None:
    message = problems(timeout=text)["timeout"]
    assert repr(text)[:40] in message
    assert ("such as" in message) or ("168h" in message)


def test_an_absurd_duration_is_refused() -> None:
    assert "is not a duration" in problems(timeout="1" * 100_000 + "x")["timeout"]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        pytest.param("helm_id", "shop-api", "'shop-api' is not a UUID", id="a service's name"),
        pytest.param("helm_id", f"{SERVICE} {OTHER}", "is not a UUID", id="ids separated by blanks"),
        pytest.param(
            "helm_id",
            "\n".join(f"{number:08}{SERVICE[8:]}" for number in range(501)),
            "501 ids are more than the 500",
            id="too many services",
        ),
        pytest.param("helm_id", " , \n", "is required and was not given", id="nothing but separators"),
        pytest.param("chart_version", "1 2", "is not a version or commit", id="a version with a blank"),
        pytest.param("chart_version", "1\x1b[0m", "is not a version or commit", id="a version with an escape"),
        pytest.param("git_commit_id", "a" * 256, "at most 255", id="a commit too long"),
        pytest.param("force_event", "diff", "allowed is DIFF", id="an unknown force event"),
        pytest.param("logs", "all", "failure or live or none", id="an unknown choice of logs"),
        pytest.param("wait", "yes", "'yes' is neither true nor false", id="a switch in other words"),
        pytest.param("poll_interval", "0.05s", "0.1s to 1h", id="too short an interval"),
        pytest.param("poll_interval", "61m", "0.1s to 1h", id="too long an interval"),
        pytest.param("poll_interval", "often", "is not a duration", id="an interval in words"),
        pytest.param("api_url", "http://api.qovery.com", "in the clear", id="an address without TLS"),
    ],
)
def test_what_cannot_be_used_is_told_under_its_name(name: str, text: str, told: str) -> None:
    found = problems(**{name: text})
    assert list(found) == [name]
    assert told in found[name]


@pytest.mark.parametrize(
    ("token", "told"),
    [
        pytest.param("", "is required", id="none, as where a secret does not exist"),
        pytest.param(f"{SECRET}\n", "white space", id="a line break at its end"),
        pytest.param(f"{SECRET[:5]} {SECRET[5:]}", "white space", id="a blank inside"),
        pytest.param(f"{SECRET}\x07", "characters that no token has", id="a control character"),
        pytest.param(f"{SECRET}é", "characters that no token has", id="a letter that is not ASCII"),
        pytest.param(f"{SECRET}\udcff", "characters that no token has", id="a byte that is no text"),
    ],
)
def test_a_token_that_cannot_be_one_is_refused_and_not_told(token: str, told: str) -> None:
    message = problems(token=token)["token"]
    assert told in message
    assert SECRET[:5] not in message


def test_all_problems_are_told_together() -> None:
    found = problems(helm_id="x", token="", timeout="never", chart_version="1", git_commit_id="abc", wait="no")
    assert set(found) == {"helm_id", "token", "timeout", "chart_version", "wait"}
    assert "cannot be combined with git_commit_id" in found["chart_version"]


def test_a_conflict_alone_is_a_problem_too() -> None:
    assert list(problems(chart_version="1", git_commit_id="abc")) == ["chart_version"]


@pytest.mark.parametrize(("text", "on"), [("true", True), ("TRUE", True), ("False", False), (" false ", False)])
def test_switches_are_read(text: str, on: bool) -> None:  # noqa: FBT001
    assert parse(wait=text).wait is on


@pytest.mark.parametrize(("text", "seconds"), [("auto", None), ("0.1s", 0.1), ("1h", 3600.0), ("", None)])
def test_intervals_are_read(text: str, seconds: float | None) -> None:
    assert parse(poll_interval=text).poll_interval == seconds


def test_inputs_never_show_the_token() -> None:
    inputs = parse()
    assert SECRET not in f"{inputs!r} {inputs} {inputs.model_dump()} {inputs.model_dump_json()}"


def test_a_refusal_never_shows_the_token_not_even_in_its_traceback() -> None:
    with pytest.raises(InputsError) as caught:
        parse(token=f"{SECRET}\n", timeout="never")
    assert SECRET not in "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert SECRET not in f"{caught.value.__context__!s} {caught.value.__context__!r}"
    assert caught.value.hint.startswith("Correct the step's `with:` block")


def test_inputs_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        parse().timeout = 1.0  # type: ignore[misc]
