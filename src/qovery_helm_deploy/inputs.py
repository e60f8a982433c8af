"""The inputs of the step, parsed once into one frozen model. All problems are reported together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, SecretStr, ValidationError

from qovery_helm_deploy.address import parse_api_url, service_id_in, split_services
from qovery_helm_deploy.deployment.asked import Asked
from qovery_helm_deploy.errors import InputsError, Problem, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_QUOTES = "\"'`\u2018\u2019\u201a\u201c\u201d\u201e"
#: Characters of no width, such as a byte order mark, that come along when a text is copied.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")

_IF_EMPTY = {
    "helm_id": (
        "is empty. Give the id of a helm service; if it comes from a variable, check that this repository or the job's"
        " environment has a variable of that name"
    ),
    "token": (
        "is empty: this repository and the job's environment have no secret of that name, or it has no value. Check the"
        " secret's name, the job's `environment:` and, in a reusable workflow, `secrets: inherit`"
    ),
}
_COPY_SERVICE = "Open the service in Qovery's console and copy the address of its page, or the service's UUID in it"
_MOST_SERVICES = 500
#: Of how many services one message says what is wrong with them.
_MOST_PROBLEMS = 3

#: How to recognize that a text is no token, and the message about it. No message shows any part of the text.
_TOKEN_MISTAKES = (
    (
        r"\$(?!env:\w+\s*=)|(?:secrets|vars|env|inputs)\.",
        "is the name of a secret, not its value. Write `${{ secrets.NAME }}`",
    ),
    (
        r".*\*\*\*|.*\u2022|.*\u2026|.*\.\.\.$",
        "is masked or shortened: it was copied from a log or a screen. Store the whole token as Qovery showed it",
    ),
    (
        rf"[{_QUOTES}]|.*[{_QUOTES}]$",
        "is in quotes. Store the token without them",
    ),
    (
        r"authorization\s*[:=]|(?:authorization\s*[:=]\s*)?(?:token|bearer)(?:\s|$)",
        "begins with `Token`, `Bearer` or `Authorization`. Store the token alone; the scheme is detected automatically",
    ),
    (
        r"(?:export\s+|\$env:)?(?:(?-i:[A-Z_][A-Z0-9_]{0,60})|[\w-]{0,30}(?:token|key|secret)[\w-]{0,30})\s*[=:]\s*[^=\s]",
        "is of the form NAME=value. Store the value alone",
    ),
    (
        r".*\s",
        "contains a space or a line break. Store the token alone, on one line",
    ),
    (
        r".*(?-i:[^\x21-\x7e])",
        "contains a character that no token has, perhaps an invisible one. Store the token as Qovery showed it",
    ),
)

_USE_SHA = "Qovery takes no branch or tag: use `${{ github.sha }}` for the commit of the workflow run"
_COMMIT = re.compile(r"[0-9a-f]{7,40}|[0-9a-f]{64}")
#: What becomes of a commit, in part or whole, that YAML takes for a number.
_YAML_NUMBER = re.compile(r"[0-9]{4,}|[0-9]+(?:\.[0-9]+)?E\+?[0-9]+|Infinity", re.IGNORECASE)
#: What semantic versions and the tags of OCI registries consist of.
_VERSION = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")
_VERSION_RANGE = re.compile(r"latest|x|v?[0-9]+(?:\.[0-9]+)?(?:\.x){1,2}(?:[-+].*)?", re.IGNORECASE)
_LONGEST_VERSION = 255
_USE_EXACT = "Use one such as 1.4.2: Qovery resolves neither ranges nor `latest`"

#: Matched in linear time, however many digits there are.
_NUMBER = r"(?:\d+(?:\.\d+)?|\.\d+)"
_DURATION = re.compile(
    rf"(?:(?P<h>{_NUMBER})\s*h(?:(?:ou)?rs?)?\s*)?"
    rf"(?:(?P<m>{_NUMBER})\s*m(?:in(?:ute)?s?)?\s*)?"
    rf"(?:(?P<s>{_NUMBER})\s*s(?:ec(?:ond)?s?)?)?",
    re.ASCII | re.IGNORECASE,
)
_BARE_SECONDS = re.compile(_NUMBER, re.ASCII)
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0}
_LONGEST = 7 * 24 * 3600.0
_SWITCHES = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def _parse_helm_ids(text: str) -> tuple[str, ...]:
    ids: dict[str, None] = {}
    problems: list[str] = []
    for given in split_services(text):
        try:
            ids[service_id_in(given)] = None
        except ValueError as error:
            problems.append(str(error))
    if problems:
        raise ValueError(f"{'; '.join(problems[:_MOST_PROBLEMS])}. {_COPY_SERVICE}")
    if not ids:
        raise ValueError(_IF_EMPTY["helm_id"])
    if len(ids) > _MOST_SERVICES:
        raise ValueError(f"names {len(ids)} services. Give one step at most {_MOST_SERVICES}")
    return tuple(ids)


def _parse_token(text: str) -> SecretStr:
    for pattern, message in _TOKEN_MISTAKES:
        if re.match(pattern, text, re.IGNORECASE | re.DOTALL):
            raise ValueError(message)
    return SecretStr(text)


def _parse_commit(text: str) -> str:
    if _COMMIT.fullmatch(text.lower()):
        return text.lower()
    problem = f"{quoted(text)} is not a commit, which has 7 to 40 hexadecimal digits"
    if _YAML_NUMBER.fullmatch(text):
        raise ValueError(f"{problem}. Put the commit in quotes, because YAML changes one that looks like a number")
    raise ValueError(f"{problem}. {_USE_SHA}")


def _parse_version(text: str) -> str:
    is_version = _VERSION.fullmatch(text) and len(text) <= _LONGEST_VERSION
    if not is_version or _VERSION_RANGE.fullmatch(text):
        raise ValueError(f"{quoted(text)} is not an exact version. {_USE_EXACT}")
    return text


def _parse_duration(text: str) -> float:
    """Return the seconds of a duration: `90`, `45s`, `30 min`, `1h30m`, decimals allowed."""
    match = _DURATION.fullmatch(f"{text}s" if _BARE_SECONDS.fullmatch(text) else text)
    if not match:
        raise ValueError(f"{quoted(text)} is not a duration. Use one such as 90 (seconds), 45s, 30m or 1h30m")
    seconds = sum(float(match[unit] or 0) * factor for unit, factor in _SECONDS.items())
    if not 0 < seconds <= _LONGEST:
        raise ValueError(f"{quoted(text)} is out of range. Use more than 0 and at most 168h")
    return seconds


def _parse_interval(text: str) -> float | None:
    """Return the seconds between two polls; `None` stands for `auto`."""
    if text.lower() == "auto":
        return None
    seconds = _parse_duration(text)
    if not 0.1 <= seconds <= 3600.0:  # noqa: PLR2004
        raise ValueError(f"{quoted(text)} is out of range. Use auto, or 0.1s to 1h")
    return seconds


def _parse_switch(text: str) -> bool:
    if text.lower() not in _SWITCHES:
        raise ValueError(f"{quoted(text)} is not a switch. Use true or false")
    return _SWITCHES[text.lower()]


def _one_of(*choices: str) -> BeforeValidator:
    known = {choice.lower(): choice for choice in choices}

    def choose(text: str) -> str:
        if text.lower() not in known:
            raise ValueError(f"{quoted(text)} is not a choice. Use {' or '.join(choices)}")
        return known[text.lower()]

    return BeforeValidator(choose)


_Commit = Annotated[str, BeforeValidator(_parse_commit)]
_Duration = Annotated[float, BeforeValidator(_parse_duration)]
_Switch = Annotated[bool, BeforeValidator(_parse_switch)]


class Inputs(BaseModel):
    """What the step is to do. Durations are seconds; `None` means that the input was left out."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    helm_id: Annotated[tuple[str, ...], BeforeValidator(_parse_helm_ids)]
    token: Annotated[SecretStr, BeforeValidator(_parse_token)]
    chart_version: Annotated[str, BeforeValidator(_parse_version)] | None = None
    git_commit_id: _Commit | None = None
    values_override_git_commit_id: _Commit | None = None
    force_event: Annotated[Literal["DIFF"], _one_of("DIFF")] | None = None
    wait: _Switch = True
    timeout: _Duration = 3600.0
    queue_timeout: _Duration | None = None
    poll_interval: Annotated[float | None, BeforeValidator(_parse_interval)] = None
    cancel_on_interrupt: _Switch = True
    cancel_on_timeout: _Switch = False
    logs: Annotated[Literal["failure", "live", "none"], _one_of("failure", "live", "none")] = "failure"
    dry_run: _Switch = False
    join_on_rerun: _Switch = False
    api_url: Annotated[str, BeforeValidator(parse_api_url)] = "https://api.qovery.com"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the inputs from `INPUT_…` variables, as action.yml maps them; an empty one counts as absent.

        `join_on_rerun` holds only from the job's second attempt on. Raises `InputsError` with every problem there is.
        """
        given = dict(_given(cls.model_fields, environment))
        conflicts = list(_conflicts(given))
        try:
            inputs = cls.model_validate(given)
        except ValidationError as error:
            raise InputsError([*_problems(error, environment), *conflicts]) from None
        if conflicts:
            raise InputsError(conflicts)
        is_first = environment.get("GITHUB_RUN_ATTEMPT", "1") in {"", "1"}
        return inputs.model_copy(update={"join_on_rerun": inputs.join_on_rerun and not is_first})

    @property
    def asked(self) -> Asked:
        return Asked(
            chart_version=self.chart_version,
            git_commit_id=self.git_commit_id,
            values_override_git_commit_id=self.values_override_git_commit_id,
            only_differences=self.force_event == "DIFF",
        )


def notes_on(inputs: Inputs, environment: Mapping[str, str]) -> Iterator[str]:
    """Yield what the log should say about inputs that can be used: ids read from addresses, inputs without effect."""
    addresses = [given for given in split_services(_cleaned(environment.get("INPUT_HELM_ID", ""))) if "/" in given]
    yield from (
        f"The service id {service_id_in(address)} was taken from the address in `helm_id`." for address in addresses
    )
    if not inputs.wait:
        given = {
            "`queue_timeout`": inputs.queue_timeout is not None,
            "`poll_interval`": inputs.poll_interval is not None,
            "`cancel_on_timeout`": inputs.cancel_on_timeout,
            "`logs: live`": inputs.logs == "live",
        }
        if unused := ", ".join(name for name, is_given in given.items() if is_given):
            yield f"`wait` is false, so these inputs have no effect: {unused}."


def _given(names: Mapping[str, Any], environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name in names:
        text = environment.get(f"INPUT_{name.upper()}", "")
        # A secret is masked as it is stored: only the blanks around it are removed.
        text = text.strip() if name == "token" else _cleaned(text)
        if text:
            yield name, text


def _cleaned(text: str) -> str:
    return _INVISIBLE.sub("", text).strip().strip(_QUOTES).strip()


def _conflicts(given: Mapping[str, str]) -> Iterator[Problem]:
    if "chart_version" in given and "git_commit_id" in given:
        message = (
            "cannot be combined with `git_commit_id`. Use `chart_version` for a chart from a chart repository, or"
            " `git_commit_id` for a chart from git"
        )
        yield Problem(input="chart_version", message=message)


def _problems(error: ValidationError, environment: Mapping[str, str]) -> Iterator[Problem]:
    for detail in error.errors(include_url=False, include_input=False):
        name = str(detail["loc"][0])
        is_missing = detail["type"] == "missing"
        message = _why_missing(name, environment) if is_missing else str(detail["ctx"]["error"])
        yield Problem(input=name, message=message)


def _why_missing(name: str, environment: Mapping[str, str]) -> str:
    # Imported here: most steps have a token.
    from qovery_helm_deploy.runner.event import why_no_secrets  # noqa: PLC0415

    return (why_no_secrets(environment) if name == "token" else None) or _IF_EMPTY[name]
