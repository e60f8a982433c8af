"""All errors of this action, in one tree.

ActionError
├── InputsError
├── QoveryError
│   ├── RefusedError              Qovery answered: no
│   │   ├── DeniedError           the token may not make the call
│   │   │   ├── UnauthorizedError 401
│   │   │   └── ForbiddenError    403
│   │   ├── NotFoundError         404
│   │   ├── ConflictError         409
│   │   └── RedirectedError       3xx
│   ├── RateLimitedError          429
│   ├── UnreachableError          the request never arrived
│   └── NoAnswerError             it may have arrived, and there is no answer to use
├── RunnerError
└── DefectError
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def quoted(text: str, *, longest: int = 80) -> str:
    """Quote a value for a message, on one line. A longer value is cut in the middle."""
    half = longest // 2
    return repr(text if len(text) <= longest else f"{text[:half]}…{text[-half:]}")


class ActionError(Exception):
    """Something that ends or hinders a deployment; `hint` says what to do about it."""

    hint = "See the log above."

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint or self.hint


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What is wrong with one input; `input` is its name in action.yml."""

    input: str
    message: str


class InputsError(ActionError):
    """The inputs cannot be used; nothing was sent to Qovery."""

    hint = "Nothing was sent to Qovery."

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{problem.input}: {problem.message}" for problem in problems))
        self.problems = tuple(problems)


class QoveryError(ActionError):
    """A call to Qovery failed; `retry_after` is the seconds that Qovery asked to wait, if it did."""

    def __init__(self, message: str, *, hint: str | None = None, retry_after: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class RefusedError(QoveryError):
    """Qovery refused the call and did nothing; `call` is its method and path."""

    hint = "Qovery's answer says why. See also the service's page in the Qovery console."

    def __init__(self, message: str, *, status: int, call: str = "", hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.call = call


class DeniedError(RefusedError):
    """The token may not make this call."""


class UnauthorizedError(DeniedError):
    hint = (
        "Check that the secret behind `token` exists in this repository or environment, and that the token was not"
        " revoked and, if it is a JWT, has not expired."
    )


class ForbiddenError(DeniedError):
    hint = "Give the token a role that may deploy in this environment, or use one that has it."


class NotFoundError(RefusedError):
    hint = (
        "Check that `helm_id` is the id of a helm service, not of an application, container, database or job, and that"
        " the token belongs to the organization of the service."
    )


class ConflictError(RefusedError):
    hint = "Another operation is in progress on the service or its environment. Run the job again once it is over."


class RedirectedError(RefusedError):
    hint = "Check `api_url`, and whether a proxy or login page stands between the runner and Qovery."


class RateLimitedError(QoveryError):
    """Qovery's limit of requests an hour is used up."""

    hint = "The limit counts every request made with this token. Give this workflow a token of its own."


class UnreachableError(QoveryError):
    """The request did not reach Qovery: name resolution, proxy, connection or TLS.

    `is_lasting` says that retrying does not help, unless it is a matter of seconds.
    """

    hint = "Check `api_url`, the runner's network, and HTTPS_PROXY and NO_PROXY in its environment."

    def __init__(self, message: str, *, hint: str | None = None, is_lasting: bool = False) -> None:
        super().__init__(message, hint=hint)
        self.is_lasting = is_lasting


class NoAnswerError(QoveryError):
    """The request may have reached Qovery, but no usable answer came back."""

    hint = "Qovery, or a proxy in front of it, may be in trouble: see Qovery's status page."


class RunnerError(ActionError):
    """The runner's files or environment cannot be used."""

    hint = "The action must run as a step of a GitHub workflow."


class DefectError(ActionError):
    """A defect of this action itself."""

    hint = (
        "Please report it with the lines above. A deployment that the step requested before may continue: open the"
        " service's deployments in the console."
    )

    def __init__(self, cause: Exception) -> None:
        super().__init__(f"A defect in this action caused this error: {type(unwrapped(cause)).__name__}.")


def unwrapped(error: BaseException) -> BaseException:
    """Return the only exception of a group, as task groups raise it; any other exception as it is."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error
