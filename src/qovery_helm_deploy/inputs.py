"""The inputs of the step, parsed once into one frozen model; all problems are told together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, SecretStr, ValidationError

from qovery_helm_deploy.address import parse_api_url
from qovery_helm_deploy.deployment.asked import Asked
from qovery_helm_deploy.errors import InputsError, Problem, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
#: Matched in linear time, however many digits somebody gives.
_NUMBER = r"(?:\d+(?:\.\d+)?|\.\d+)"
_DURATION = re.compile(rf"(?:(?P<h>{_NUMBER})h)?(?:(?P<m>{_NUMBER})m)?(?:(?P<s>{_NUMBER})s)?", re.ASCII)
_BARE_SECONDS = re.compile(_NUMBER, re.ASCII)
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0}
_LONGEST = 7 * 24 * 3600.0
_LONGEST_VERSION = 255
_MOST_SERVICES = 500


def _parse_helm_ids(text: str) -> tuple[str, ...]:
    ids = [part.strip().lower() for part in re.split(r"[,\n]", text) if part.strip()]
    malformed = [part for part in ids if not _UUID.fullmatch(part)]
    if malformed:
        seen = ", ".join(quoted(part) for part in malformed[:3])
        raise ValueError(f"{seen} is not a UUID such as 4f3c2b1a-0d9e-4c8b-a7f6-5e4d3c2b1a09")
    if len(ids) > _MOST_SERVICES:
        raise ValueError(f"{len(ids)} ids are more than the {_MOST_SERVICES} that one step takes")
    return tuple(dict.fromkeys(ids))


def _parse_token(text: str) -> SecretStr:
    if re.search(r"\s", text):
        raise ValueError("contains white space; store the token without a line break or blanks around it")
    if not (text.isascii() and text.isprintable()):
        raise ValueError("contains characters that no token has; store it again, as Qovery showed it")
    return SecretStr(text)


def _parse_version(text: str) -> str:
    if not text.isprintable() or " " in text or len(text) > _LONGEST_VERSION:
        raise ValueError(
            f"{quoted(text)} is not a version or commit: at most {_LONGEST_VERSION} characters, no white space"
        )
    return text


def _parse_duration(text: str) -> float:
    """Read a duration in seconds: `90`, `45s`, `30m`, `1h30m`, decimals allowed."""
    match = _DURATION.fullmatch(f"{text}s" if _BARE_SECONDS.fullmatch(text) else text)
    if not match:
        raise ValueError(f"{quoted(text)} is not a duration such as 90 (seconds), 45s, 30m or 1h30m")
    seconds = sum(float(match[unit] or 0) * factor for unit, factor in _SECONDS.items())
    if not 0 < seconds <= _LONGEST:
        raise ValueError(f"{quoted(text)} is out of range; allowed is more than 0 and at most 168h")
    return seconds


def _parse_interval(text: str) -> float | None:
    """Read the seconds between two looks; `None` stands for `auto`."""
    if text == "auto":
        return None
    seconds = _parse_duration(text)
    if not 0.1 <= seconds <= 3600.0:  # noqa: PLR2004
        raise ValueError(f"{quoted(text)} is out of range; allowed is auto, or 0.1s to 1h")
    return seconds


def _parse_switch(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise ValueError(f"{quoted(text)} is neither true nor false")
    return text.lower() == "true"


def _one_of(*choices: str) -> BeforeValidator:
    def choose(text: str) -> str:
        if text not in choices:
            raise ValueError(f"{quoted(text)} is not allowed; allowed is {' or '.join(choices)}")
        return text

    return BeforeValidator(choose)


_Version = Annotated[str, BeforeValidator(_parse_version)]
_Duration = Annotated[float, BeforeValidator(_parse_duration)]
_Switch = Annotated[bool, BeforeValidator(_parse_switch)]


class Inputs(BaseModel):
    """What the step was asked to do. Durations are seconds; `None` means that the input was left out."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    helm_id: Annotated[tuple[str, ...], BeforeValidator(_parse_helm_ids)]
    token: Annotated[SecretStr, BeforeValidator(_parse_token)]
    chart_version: _Version | None = None
    git_commit_id: _Version | None = None
    values_override_git_commit_id: _Version | None = None
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
            raise InputsError([*_problems(error), *conflicts]) from None
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


def _given(names: Mapping[str, Any], environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name in names:
        text = environment.get(f"INPUT_{name.upper()}", "")
        if text.strip(" \t\r\n,"):
            # White space in a token is told, not removed: the secret itself is wrong, and would be masked wrongly.
            yield name, text if name == "token" else text.strip()


def _conflicts(given: Mapping[str, str]) -> Iterator[Problem]:
    if "chart_version" in given and "git_commit_id" in given:
        message = (
            "cannot be combined with git_commit_id: a chart comes from a repository (version) or from git (commit)"
        )
        yield Problem(input="chart_version", message=f"{quoted(given['chart_version'])} {message}")


def _problems(error: ValidationError) -> Iterator[Problem]:
    for detail in error.errors(include_url=False, include_input=False):
        name = str(detail["loc"][0])
        is_missing = detail["type"] == "missing"
        message = "is required and was not given" if is_missing else str(detail["ctx"]["error"])
        yield Problem(input=name, message=message)
