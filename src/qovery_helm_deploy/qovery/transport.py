"""Carries calls to Qovery: authentication, retries, the rate budget, limits of size and time, errors in words."""

from __future__ import annotations

import base64
import binascii
import json
import math
from typing import TYPE_CHECKING, TypeVar

import anyio
import httpx

from qovery_helm_deploy.durations import human_duration
from qovery_helm_deploy.errors import (
    ConflictError,
    ForbiddenError,
    NoAnswerError,
    NotFoundError,
    QoveryError,
    RateLimitedError,
    RedirectedError,
    RefusedError,
    UnauthorizedError,
    UnreachableError,
)
from qovery_helm_deploy.qovery.answer import MIB, Answer, read_body
from qovery_helm_deploy.qovery.budget import RateBudget, retry_after, until_reset
from qovery_helm_deploy.qovery.transport_errors import PROXY, in_words
from qovery_helm_deploy.shortening import shortened

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator, Mapping

    from pydantic import SecretStr

#: Seconds that one call may take, whatever its answer drips.
LONGEST_CALL = 30.0
#: Seconds for which trouble that retrying does not help is retried all the same: name servers can be away for seconds.
_LASTING_FOR, _LASTING_DELAY = 10.0, 2.0
_FIRST_DELAY = 1.0
_LONGEST_DELAY = 30.0
_HURRIED_DELAY = 0.5
#: Calls under way at once; what waits for its turn does not use up the time that a call may take.
_MOST_AT_ONCE = 8
#: Seconds to wait after a 429 without a time.
_UNTOLD_BLOCK = 60.0
_LONGEST_MESSAGE = 1000
_NO_REDIRECT = "The action follows no redirect, because that would send the token elsewhere."
_POLICY_TOKEN = "sk-qov-"  # noqa: S105 - what such tokens begin with
_POLICY_HINT = (
    "Check that the token was not revoked and has not expired, and that its policy allows this call with these ids."
    " docs/how-to/least-privilege-token.md has a policy to copy."
)
_REFUSALS: Mapping[int, type[RefusedError]] = {
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
}

T = TypeVar("T")


def authorization(token: str) -> tuple[str, str]:
    """Return the authorization scheme for a token and the kind of the token.

    A JWT has three segments, the first of which is a JSON object in base64. Any other token is an API token.
    """
    head = token.split(".", maxsplit=1)[0] if token.count(".") == 2 else ""  # noqa: PLR2004
    try:
        header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (ValueError, binascii.Error):
        header = None
    if isinstance(header, dict):
        return "Bearer", "JWT"
    return "Token", "policy token" if token.startswith(_POLICY_TOKEN) else "API token"


class Transport:
    """One connection to Qovery with one token and one budget, shared by everything a step does.

    `on_trouble` gets each failed read with the number of failures in a row. `redact` takes the token out of what Qovery
    echoes. Once it `is_hurried`, it waits for nothing but answers: the runner is about to kill the step.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        token: SecretStr,
        budget: RateBudget,
        random: random.Random,
        on_trouble: Callable[[int, QoveryError], None],
        redact: Callable[[str], str],
    ) -> None:
        self._http = http
        self._scheme, self.token_kind = authorization(token.get_secret_value())
        self._headers = {
            "Authorization": f"{self._scheme} {token.get_secret_value()}",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
        }
        self._turns = anyio.Semaphore(_MOST_AT_ONCE)
        self._random = random
        self._on_trouble = on_trouble
        self._redact = redact
        self.budget = budget
        self.is_hurried = False
        self._failures = 0

    async def read(
        self,
        path: str,
        into: Callable[[object], T],
        *,
        params: Mapping[str, str] | None = None,
        seconds: float,
        limit: int = MIB,
    ) -> T:
        """GET, and read the answer's JSON `into` something; retry trouble for so many seconds.

        Raises `RefusedError` at once if Qovery refuses, `UnreachableError` after ten seconds of what retrying does not
        help, and any other `QoveryError` when the time is over.
        """
        give_up_at = anyio.current_time() + seconds
        lasting_until = math.inf
        for delay in self._delays():
            try:
                await self.rest(until=give_up_at)
                within = min(LONGEST_CALL, give_up_at - anyio.current_time())
                answer = await self._exchange("GET", path, params=params, limit=limit, within=within)
                content = into(answer.json())
            except QoveryError as error:
                self._failures += 1
                self._on_trouble(self._failures, error)
                now = anyio.current_time()
                is_lasting = isinstance(error, UnreachableError) and error.is_lasting
                lasting_until = min(lasting_until, now + _LASTING_FOR) if is_lasting else math.inf
                least = min(delay, _LASTING_DELAY) if is_lasting else delay
                pause = max(least, error.retry_after or 0.0, self.budget.pause(now=now))
                if isinstance(error, RefusedError) or now + pause > min(give_up_at, lasting_until):
                    raise
                await anyio.sleep(min(pause, _HURRIED_DELAY) if self.is_hurried else pause)
            else:
                self._failures = 0
                return content
        raise AssertionError  # the delays never end

    async def send(
        self,
        path: str,
        into: Callable[[object], T],
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, object],
    ) -> T | None:
        """POST once. Returns what the answer says, or `None` where a 202 says nothing that can be read.

        It is sent even while the limit is used up: `rest` before what can wait. Raises `NoAnswerError` when it may have
        been accepted, and any other `QoveryError` when it was not.
        """
        answer = await self._exchange("POST", path, params=params, body=body)
        try:
            return into(answer.json())
        except NoAnswerError:
            if answer.status == httpx.codes.ACCEPTED:
                return None
            raise

    async def rest(self, *, until: float = float("inf")) -> None:
        """Wait for as long as Qovery's limit lets nobody ask. Raises `RateLimitedError` if that is beyond `until`."""
        now = anyio.current_time()
        wait = 0.0 if self.is_hurried else self.budget.pause(now=now)
        if now + wait > until:
            raise RateLimitedError(f"Qovery's rate limit is used up; it resets in {human_duration(wait)}.")
        await anyio.sleep(wait)

    async def _exchange(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None,
        body: Mapping[str, object] | None = None,
        limit: int = MIB,
        within: float = LONGEST_CALL,
    ) -> Answer:
        try:
            request = self._http.build_request(method, path, params=params, json=body, headers=self._headers)
        except (httpx.InvalidURL, UnicodeError) as error:
            raise NoAnswerError("Qovery sent an id that cannot be part of an address.") from error
        async with self._turns:
            answer = await self._fetch(request, limit=limit, within=within)
        self.budget.learn(answer.headers, now=anyio.current_time())
        self._refuse_all_but_success(answer, call=f"{method} {path}")
        return answer

    async def _fetch(self, request: httpx.Request, *, limit: int, within: float) -> Answer:
        self.budget.count(now=anyio.current_time())
        response: httpx.Response | None = None
        body, trouble = b"", None
        try:
            with anyio.fail_after(within):
                response = await self._http.send(request, stream=True)
                try:
                    body = await read_body(response, limit=limit)
                finally:
                    await response.aclose()
        except (NoAnswerError, TimeoutError, httpx.HTTPError) as error:
            trouble = _translated(error, request=request, within=within)
            if response is None:
                raise trouble from error
        return Answer(status=response.status_code, headers=response.headers, body=body, trouble=trouble)

    def _refuse_all_but_success(self, answer: Answer, *, call: str) -> None:
        if httpx.codes.is_success(answer.status):
            return
        words = answer.error_message()
        reason = shortened(self._redact(words or ""), _LONGEST_MESSAGE).rstrip(". ")
        detail = "" if reason in answer.reason else f": {reason}"
        message = f"Qovery answered {answer.reason}{detail}."
        if answer.status == httpx.codes.TOO_MANY_REQUESTS:
            waits = (retry_after(answer.headers), until_reset(answer.headers), _UNTOLD_BLOCK)
            self.budget.block(next(wait for wait in waits if wait is not None), now=anyio.current_time())
            raise RateLimitedError(message)
        if httpx.codes.is_redirect(answer.status):
            redirected = f"Something between the runner and Qovery answered {answer.reason}. {_NO_REDIRECT}"
            raise RedirectedError(redirected, status=answer.status)
        if words is None:
            raise answer.as_interposed()
        if answer.status >= httpx.codes.INTERNAL_SERVER_ERROR or answer.status == httpx.codes.REQUEST_TIMEOUT:
            raise NoAnswerError(message, retry_after=retry_after(answer.headers))
        hint = None
        if answer.status == httpx.codes.UNAUTHORIZED:
            kind = f"The call was `{call}`, with the authorization scheme `{self._scheme}` ({self.token_kind})."
            message = f"{message} {kind}"
            hint = _POLICY_HINT if self.token_kind == "policy token" else None  # noqa: S105 - a kind
        raise _REFUSALS.get(answer.status, RefusedError)(message, status=answer.status, call=call, hint=hint)

    def _delays(self) -> Iterator[float]:
        """Yield jittered, exponentially growing seconds between two tries."""
        delay = _FIRST_DELAY
        while True:
            yield delay * self._random.uniform(0.5, 1.0)
            delay = min(2 * delay, _LONGEST_DELAY)


def _translated(
    error: NoAnswerError | TimeoutError | httpx.HTTPError, *, request: httpx.Request, within: float
) -> QoveryError:
    if isinstance(error, NoAnswerError):
        return error
    if isinstance(error, TimeoutError):
        return NoAnswerError(f"Qovery did not answer within {within:.0f} s.")
    return in_words(error, host=request.url.host, proxy=request.extensions.get(PROXY))
