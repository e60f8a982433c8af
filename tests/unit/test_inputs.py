from __future__ import annotations

import json
import traceback
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from qovery_helm_deploy.deployment.asked import Asked
from qovery_helm_deploy.errors import InputsError
from qovery_helm_deploy.inputs import Inputs, notes_on
from tests.unit.examples import SECRET, SERVICE

if TYPE_CHECKING:
    from pathlib import Path

OTHER = "11111111-2222-3333-4444-555555555555"
THIRD = "99999999-2222-3333-4444-555555555555"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
ENVIRONMENT_PAGE = f"https://console.qovery.com/organization/{OTHER}/project/{OTHER}/environment/{OTHER}"
PAGE = f"{ENVIRONMENT_PAGE}/service/{SERVICE}/deployments"
JWT = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ4In0.c2ln-bmF0dXJl_X"

COPY_SERVICE = "Open the service in Qovery's console and copy the address of its page, or the service's UUID in it"
NO_SERVICE = (
    "is empty. Give the id of a helm service; if it comes from a variable, check that this repository or the job's"
    " environment has a variable of that name"
)
NOT_STORED = (
    "is empty: this repository and the job's environment have no secret of that name, or it has no value. Check the"
    " secret's name, the job's `environment:` and, in a reusable workflow, `secrets: inherit`"
)
DEPENDABOT = (
    "is empty: GitHub gives no Actions secrets to runs that Dependabot starts. Store the token as a Dependabot secret"
    " as well, or skip the job with `if: github.actor != 'dependabot[bot]'`"
)
FORK = (
    "is empty: GitHub gives no secrets to pull requests from forks. Deploy after the merge, on `push`, or skip the job"
    " with `if: github.event.pull_request.head.repo.full_name == github.repository`"
)
MASKED = "is masked or shortened: it was copied from a log or a screen. Store the whole token as Qovery showed it"
NAME = "is the name of a secret, not its value. Write `${{ secrets.NAME }}`"
QUOTES = "is in quotes. Store the token without them"
SCHEME = "begins with `Token`, `Bearer` or `Authorization`. Store the token alone; the scheme is detected automatically"
ASSIGNMENT = "is of the form NAME=value. Store the value alone"
BLANK = "contains a space or a line break. Store the token alone, on one line"
ODD = "contains a character that no token has, perhaps an invisible one. Store the token as Qovery showed it"
NO_COMMIT = (
    "is not a commit, which has 7 to 40 hexadecimal digits. Qovery takes no branch or tag: use `${{ github.sha }}` for"
    " the commit of the workflow run"
)
NUMBER = (
    "is not a commit, which has 7 to 40 hexadecimal digits. Put the commit in quotes, because YAML changes one that"
    " looks like a number"
)
INEXACT = "is not an exact version. Use one such as 1.4.2: Qovery resolves neither ranges nor `latest`"
BOTH_VERSIONS = (
    "cannot be combined with `git_commit_id`. Use `chart_version` for a chart from a chart repository, or"
    " `git_commit_id` for a chart from git"
)
NO_DURATION = "is not a duration. Use one such as 90 (seconds), 45s, 30m or 1h30m"
TOO_LONG = "is out of range. Use more than 0 and at most 168h"
WITHOUT_EFFECT = "`queue_timeout`, `poll_interval`, `cancel_on_timeout`, `logs: live`"
INTERVAL = "is out of range. Use auto, or 0.1s to 1h"


def environment_of(**given: str) -> dict[str, str]:
    return {f"INPUT_{name.upper()}": text for name, text in {"helm_id": SERVICE, "token": SECRET, **given}.items()}


def parse(**given: str) -> Inputs:
    return Inputs.from_environment(environment_of(**given))


def problems(**given: str) -> dict[str, str]:
    with pytest.raises(InputsError) as caught:
        parse(**given)
    return {problem.input: problem.message for problem in caught.value.problems}


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("helm_id", "", NO_SERVICE),
        ("helm_id", " , \n", NO_SERVICE),
        ("helm_id", "[]", NO_SERVICE),
        ("helm_id", "shop api", f"'shop api' is not a UUID. {COPY_SERVICE}"),
        ("helm_id", f"{SERVICE}0", f"'{SERVICE}0' is not a UUID. {COPY_SERVICE}"),
        ("helm_id", f"a,{SERVICE},b,c,d", f"'a' is not a UUID; 'b' is not a UUID; 'c' is not a UUID. {COPY_SERVICE}"),
        (
            "helm_id",
            f"{ENVIRONMENT_PAGE}/services/general",
            f"'{ENVIRONMENT_PAGE}/services/general' is the address of an environment, not of a service. {COPY_SERVICE}",
        ),
        (
            "helm_id",
            f"https://console.qovery.com/{'x' * 600}",
            f"'https://console.qovery.com/{'x' * 223}…{'x' * 250}' contains no service id. {COPY_SERVICE}",
        ),
        (
            "helm_id",
            "\n".join(f"{number:08}{SERVICE[8:]}" for number in range(501)),
            "names 501 services. Give one step at most 500",
        ),
        ("token", "", NOT_STORED),
        ("token", " \n", NOT_STORED),
        ("chart_version", "latest", f"'latest' {INEXACT}"),
        ("chart_version", "Latest", f"'Latest' {INEXACT}"),
        ("chart_version", "*", f"'*' {INEXACT}"),
        ("chart_version", "x", f"'x' {INEXACT}"),
        ("chart_version", "^1.2", f"'^1.2' {INEXACT}"),
        ("chart_version", "~1", f"'~1' {INEXACT}"),
        ("chart_version", ">=1", f"'>=1' {INEXACT}"),
        ("chart_version", "=1.2.3", f"'=1.2.3' {INEXACT}"),
        ("chart_version", "1.x", f"'1.x' {INEXACT}"),
        ("chart_version", "v1.2.X", f"'v1.2.X' {INEXACT}"),
        ("chart_version", "1.x.x", f"'1.x.x' {INEXACT}"),
        ("chart_version", "1.x-0", f"'1.x-0' {INEXACT}"),
        ("chart_version", "1.*", f"'1.*' {INEXACT}"),
        ("chart_version", "1.2 - 1.4", f"'1.2 - 1.4' {INEXACT}"),
        ("chart_version", "1.2||1.4", f"'1.2||1.4' {INEXACT}"),
        ("chart_version", "1.2,1.4", f"'1.2,1.4' {INEXACT}"),
        ("chart_version", "oci://registry.test/shop:1.2.3", f"'oci://registry.test/shop:1.2.3' {INEXACT}"),
        ("chart_version", "1\x1b[0m", f"'1\\x1b[0m' {INEXACT}"),
        ("chart_version", "1" * 256, f"'{'1' * 40}…{'1' * 40}' {INEXACT}"),
        ("git_commit_id", "main", f"'main' {NO_COMMIT}"),
        ("git_commit_id", "HEAD", f"'HEAD' {NO_COMMIT}"),
        ("git_commit_id", "v1.2.3", f"'v1.2.3' {NO_COMMIT}"),
        ("git_commit_id", "1.2.3", f"'1.2.3' {NO_COMMIT}"),
        ("git_commit_id", "refs/heads/main", f"'refs/heads/main' {NO_COMMIT}"),
        ("git_commit_id", "abcdef", f"'abcdef' {NO_COMMIT}"),
        ("git_commit_id", "a" * 41, f"'{'a' * 41}' {NO_COMMIT}"),
        ("git_commit_id", "a" * 65, f"'{'a' * 65}' {NO_COMMIT}"),
        ("git_commit_id", "123456", f"'123456' {NUMBER}"),
        ("git_commit_id", "1.234E+45", f"'1.234E+45' {NUMBER}"),
        ("git_commit_id", "Infinity", f"'Infinity' {NUMBER}"),
        ("values_override_git_commit_id", "main", f"'main' {NO_COMMIT}"),
        ("force_event", "false", "'false' is not a choice. Use DIFF"),
        ("logs", "all", "'all' is not a choice. Use failure or live or none"),
        ("wait", "maybe", "'maybe' is not a switch. Use true or false"),
        ("timeout", "soon", f"'soon' {NO_DURATION}"),
        ("timeout", "-5m", f"'-5m' {NO_DURATION}"),
        ("timeout", "nan", f"'nan' {NO_DURATION}"),
        ("timeout", "inf", f"'inf' {NO_DURATION}"),
        ("timeout", "1e3", f"'1e3' {NO_DURATION}"),
        ("timeout", "30m1h", f"'30m1h' {NO_DURATION}"),
        ("timeout", "500ms", f"'500ms' {NO_DURATION}"),
        ("timeout", "1:30", f"'1:30' {NO_DURATION}"),
        ("timeout", "1,5h", f"'1,5h' {NO_DURATION}"),
        ("timeout", "h", f"'h' {NO_DURATION}"),
        ("timeout", "\N{ARABIC-INDIC DIGIT ONE}", f"'\N{ARABIC-INDIC DIGIT ONE}' {NO_DURATION}"),
        ("timeout", "1" * 100_000 + "x", f"'{'1' * 40}…{'1' * 39}x' {NO_DURATION}"),
        ("timeout", "0", f"'0' {TOO_LONG}"),
        ("timeout", "0h 0m 0s", f"'0h 0m 0s' {TOO_LONG}"),
        ("timeout", "169h", f"'169h' {TOO_LONG}"),
        ("timeout", "9" * 400, f"'{'9' * 40}…{'9' * 40}' {TOO_LONG}"),
        ("queue_timeout", "0s", f"'0s' {TOO_LONG}"),
        ("poll_interval", "often", f"'often' {NO_DURATION}"),
        ("poll_interval", "0.05s", f"'0.05s' {INTERVAL}"),
        ("poll_interval", "61m", f"'61m' {INTERVAL}"),
        (
            "api_url",
            "http://api.qovery.com",
            "'http://api.qovery.com' would send the token unencrypted. Use https, or http on a loopback address",
        ),
    ],
)
def test_every_message(name: str, text: str, message: str) -> None:
    assert problems(**{name: text}) == {name: message}


@pytest.mark.parametrize(
    ("token", "message"),
    [
        pytest.param("***", MASKED, id="masked by GitHub"),
        pytest.param("\u2022" * 20, MASKED, id="masked by a console"),
        pytest.param(f"{SECRET[:9]}...", MASKED, id="shortened"),
        pytest.param("secrets.QOVERY_TOKEN", NAME, id="expression without braces"),
        pytest.param("${{ secrets.QOVERY_TOKEN }}", NAME, id="unevaluated expression"),
        pytest.param("$QOVERY_TOKEN", NAME, id="shell variable"),
        pytest.param(f'"{SECRET}"', QUOTES, id="quotes"),
        pytest.param(f"\u201c{SECRET}\u201d", QUOTES, id="smart quotes"),
        pytest.param(f"{SECRET}'", QUOTES, id="unmatched quote"),
        pytest.param(f"Token {SECRET}", SCHEME, id="the scheme Token"),
        pytest.param(f"bearer {JWT}", SCHEME, id="the scheme Bearer"),
        pytest.param("Bearer ", SCHEME, id="only a scheme"),
        pytest.param(f"Authorization: Token {SECRET}", SCHEME, id="a header"),
        pytest.param(f"QOVERY_API={SECRET}", ASSIGNMENT, id="variable assignment"),
        pytest.param(f"export QOVERY_TOKEN={SECRET}", ASSIGNMENT, id="an export"),
        pytest.param(f"$env:QOVERY_TOKEN={SECRET}", ASSIGNMENT, id="PowerShell variable"),
        pytest.param(f"qovery-token: {SECRET}", ASSIGNMENT, id="YAML line"),
        pytest.param(f"{SECRET}\n{SECRET}", BLANK, id="two lines"),
        pytest.param(f"{SECRET[:5]} {SECRET[5:]}", BLANK, id="space inside"),
        pytest.param(f"{SECRET}\x07", ODD, id="a control character"),
        pytest.param(f"\ufeff{SECRET}", ODD, id="a byte order mark"),
        pytest.param(f"{SECRET[:5]}\u200b{SECRET[5:]}", ODD, id="zero-width space"),
        pytest.param(f"{SECRET}é", ODD, id="non-ASCII letter"),
        pytest.param(f"{SECRET}\N{KELVIN SIGN}", ODD, id="a letter that folds to ASCII"),
        pytest.param(f"{SECRET}\udcff", ODD, id="invalid byte"),
    ],
)
def test_reports_token_problem(token: str, message: str) -> None:
    assert problems(token=token) == {"token": message}


@pytest.mark.parametrize("token", [SECRET, JWT, "sk-qov-01-abc", "qov_YWJj==", "qov_key", f" {SECRET}\r\n"])
def test_accepts_token(token: str) -> None:
    assert parse(token=token).token.get_secret_value() == token.strip()


@pytest.mark.parametrize(
    ("run", "repository", "message"),
    [
        pytest.param({"GITHUB_ACTOR": "dependabot[bot]"}, {}, DEPENDABOT, id="Dependabot"),
        pytest.param({}, {"fork": True}, FORK, id="a fork"),
        pytest.param({}, {"fork": True, "full_name": "someone/shop"}, FORK, id="a fork with its name"),
        pytest.param({}, {"fork": False, "full_name": "up/stream"}, FORK, id="upstream repository"),
        pytest.param({}, None, FORK, id="a deleted fork"),
        pytest.param({"GITHUB_EVENT_NAME": "pull_request_review"}, {"fork": True}, FORK, id="a review"),
        pytest.param({"GITHUB_EVENT_NAME": "pull_request_target"}, {"fork": True}, NOT_STORED, id="a trusted event"),
        pytest.param({"GITHUB_EVENT_NAME": "push"}, {"fork": True}, NOT_STORED, id="a push"),
        pytest.param({}, {"fork": True, "full_name": "octo/shop"}, NOT_STORED, id="a branch of a fork"),
        pytest.param({}, {"fork": False}, NOT_STORED, id="a branch"),
        pytest.param({}, "odd", NOT_STORED, id="malformed event"),
        pytest.param({"GITHUB_EVENT_PATH": ""}, {}, NOT_STORED, id="no event"),
    ],
)
def test_says_why_there_is_no_secret(
    run: dict[str, str], repository: dict[str, object] | str | None, message: str, tmp_path: Path
) -> None:
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"head": {"repo": repository}}}))
    environment = {
        **environment_of(token=""),
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_REPOSITORY": "octo/shop",
        **run,
    }
    with pytest.raises(InputsError) as caught:
        Inputs.from_environment(environment)
    assert [problem.message for problem in caught.value.problems] == [message]


def test_requires_only_service_and_token() -> None:
    inputs = parse()
    assert inputs.helm_id == (SERVICE,)
    assert inputs.token.get_secret_value() == SECRET
    assert inputs.asked == Asked()
    assert (inputs.wait, inputs.dry_run, inputs.cancel_on_interrupt, inputs.cancel_on_timeout) == (1, 0, 1, 0)
    assert (inputs.timeout, inputs.queue_timeout, inputs.poll_interval) == (3600.0, None, None)
    assert (inputs.logs, inputs.api_url) == ("failure", "https://api.qovery.com")


def test_asks_for_the_versions_given() -> None:
    inputs = parse(git_commit_id=f" {COMMIT.upper()} ", values_override_git_commit_id="abcdef0", force_event="diff")
    assert inputs.asked == Asked(git_commit_id=COMMIT, values_override_git_commit_id="abcdef0", only_differences=True)
    assert parse(chart_version="1.2.3").asked == Asked(chart_version="1.2.3")


@pytest.mark.parametrize(
    "version",
    ["1", "1.2", "v1.2.3", "1.2.3+b5", "1.2.3_b5", "1.2.3-alpha.x", "1.2.3-rc.1+x.x", "2024.05.01", "max", "1" * 255],
)
def test_accepts_exact_version(version: str) -> None:
    assert parse(chart_version=version).chart_version == version


@pytest.mark.parametrize("commit", ["abcdef0", "1234567", "a" * 40, "a" * 64])
def test_accepts_commit(commit: str) -> None:
    assert parse(values_override_git_commit_id=commit).values_override_git_commit_id == commit


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        pytest.param(f"{SERVICE}\n{OTHER}\n", (SERVICE, OTHER), id="one per line"),
        pytest.param(f" {SERVICE} , {OTHER},", (SERVICE, OTHER), id="separated by commas and spaces"),
        pytest.param(f"{SERVICE} {OTHER}\t{THIRD}", (SERVICE, OTHER, THIRD), id="separated by spaces"),
        pytest.param(f"{OTHER}\r\n\r\n{SERVICE}", (OTHER, SERVICE), id="keeps the order, ignores empty lines"),
        pytest.param(f"{SERVICE.upper()},{SERVICE}", (SERVICE,), id="duplicate"),
        pytest.param(f'["{SERVICE}", "{OTHER}"]', (SERVICE, OTHER), id="a list in JSON"),
        pytest.param(f"- {SERVICE}\n- {OTHER}", (SERVICE, OTHER), id="a list in YAML"),
        pytest.param(f"{{{SERVICE}}}", (SERVICE,), id="in braces"),
        pytest.param(f"urn:uuid:{SERVICE}", (SERVICE,), id="a URN"),
        pytest.param(SERVICE.replace("-", ""), (SERVICE,), id="without hyphens"),
        pytest.param(f"\u201c{SERVICE}\u201d", (SERVICE,), id="in smart quotes"),
        pytest.param(f"\ufeff{SERVICE}\u200b", (SERVICE,), id="with invisible characters"),
        pytest.param(f"{PAGE}\n{OTHER}", (SERVICE, OTHER), id="console URL and an id"),
    ],
)
def test_reads_services(text: str, ids: tuple[str, ...]) -> None:
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
        pytest.param("168h", 604800.0, id="longest allowed"),
        pytest.param("30 min", 1800.0, id="space before the unit"),
        pytest.param("1 hour 30 minutes", 5400.0, id="units in full"),
        pytest.param("2 hrs 1 sec", 7201.0, id="units shortened"),
        pytest.param("30M", 1800.0, id="capitals"),
        pytest.param("'30m'", 1800.0, id="quotes"),
    ],
)
def test_reads_durations(text: str, seconds: float) -> None:
    assert parse(timeout=text, queue_timeout=text).timeout == seconds
    assert parse(queue_timeout=text).queue_timeout == seconds


@pytest.mark.parametrize(
    ("texts", "value"), [(("true", "TRUE", "yes", "On", "1"), True), ((" False ", "no", "off", "0"), False)]
)
def test_reads_switches(*, texts: tuple[str, ...], value: bool) -> None:
    assert {parse(cancel_on_timeout=text).cancel_on_timeout for text in texts} == {value}


def test_reads_choices_in_any_case() -> None:
    assert (parse(logs="Live").logs, parse(force_event="diff").force_event) == ("live", "DIFF")


@pytest.mark.parametrize(("text", "seconds"), [("Auto", None), ("0.1s", 0.1), ("1h", 3600.0), ("", None)])
def test_reads_intervals(text: str, seconds: float | None) -> None:
    assert parse(poll_interval=text).poll_interval == seconds


@pytest.mark.parametrize(
    ("given", "notes"),
    [
        pytest.param({"queue_timeout": "1h", "poll_interval": "5s", "logs": "live"}, [], id="nothing to say"),
        pytest.param(
            {"helm_id": f"{OTHER}\n{PAGE}"},
            [f"The service id {SERVICE} was taken from the address in `helm_id`."],
            id="an address",
        ),
        pytest.param({"wait": "false", "timeout": "1h"}, [], id="no waiting"),
        pytest.param(
            {"wait": "no", "queue_timeout": "1h", "poll_interval": "5s", "cancel_on_timeout": "yes", "logs": "live"},
            [f"`wait` is false, so these inputs have no effect: {WITHOUT_EFFECT}."],
            id="inputs without effect",
        ),
    ],
)
def test_notes_for_the_log(given: dict[str, str], notes: list[str]) -> None:
    assert list(notes_on(parse(**given), environment_of(**given))) == notes


def test_reports_all_problems_together() -> None:
    found = problems(helm_id="x", token="", timeout="never", chart_version="1", git_commit_id="abc", wait="maybe")
    assert set(found) == {"helm_id", "token", "timeout", "chart_version", "git_commit_id", "wait"}


def test_rejects_both_version_and_commit() -> None:
    assert problems(chart_version="1", git_commit_id=COMMIT) == {"chart_version": BOTH_VERSIONS}


def test_inputs_never_show_the_token() -> None:
    inputs = parse()
    assert SECRET not in f"{inputs!r} {inputs} {inputs.model_dump()} {inputs.model_dump_json()}"


def test_traceback_never_shows_the_token() -> None:
    with pytest.raises(InputsError) as caught:
        parse(token=f"Token {SECRET}", timeout="never")
    assert SECRET not in "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert SECRET not in f"{caught.value.__context__!s} {caught.value.__context__!r}"


def test_inputs_are_frozen() -> None:
    with pytest.raises(ValidationError):
        parse().timeout = 1.0  # type: ignore[misc]
