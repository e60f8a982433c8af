from __future__ import annotations

import gzip
import json
import random
import socket
import ssl
from typing import TYPE_CHECKING

import httpx
import pytest

from qovery_helm_deploy.deployment.asked import Asked
from qovery_helm_deploy.deployment.service import Service
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
from qovery_sandbox import HELM_ID, STAGING_ID, When
from qovery_sandbox.connection import Drop
from qovery_sandbox.faults import (
    Answer,
    CutOff,
    Dripping,
    Dropped,
    Hang,
    Huge,
    Late,
    Truncated,
    WrongTypes,
    empty_body,
    html_page,
    json_error,
    redirect,
)
from tests.unit.scripted import ORIGIN, TOKEN, Reply, talk, talk_to_sandbox

if TYPE_CHECKING:
    from qovery_helm_deploy.qovery.client import Client
    from qovery_sandbox.faults import Fault

MIB = 1024 * 1024
BACKEND_404 = Answer(404, "default backend - 404", "text/plain")
#: Whoever stops reading an answer leaves httpx's own generators to the garbage collector, of which trio warns.
stops_reading = pytest.mark.filterwarnings("ignore:Async generator:ResourceWarning")


async def deploy(client: Client) -> str | None:
    return await client.deploy_service(HELM_ID, Asked())


async def service(client: Client) -> object:
    return await client.service(HELM_ID)


async def logs(client: Client) -> object:
    return await client.logs(STAGING_ID, execution_id="e")


def reply(status: int, body: object = None, **headers: str) -> Reply:
    content = b"" if body is None else json.dumps(body).encode()
    return Reply(status=status, body=content, headers={name.replace("_", "-"): text for name, text in headers.items()})


@stops_reading
@pytest.mark.parametrize(
    ("fault", "told"),
    [
        pytest.param(html_page(200), "Something before Qovery answered 200 OK (text/html", id="a page in place of it"),
        pytest.param(html_page(502), "before Qovery answered 502 Bad Gateway (text/html", id="a proxy's error page"),
        pytest.param(BACKEND_404, "before Qovery answered 404 Not Found (text/plain", id="a load balancer's 404"),
        pytest.param(Answer(403, '{"code": "Forbidden"}'), "before Qovery answered 403", id="a gateway's JSON"),
        pytest.param(empty_body(), "cannot be read as JSON (application/json, 0 bytes)", id="an empty one"),
        pytest.param(Truncated(), "cannot be read as JSON", id="half of it"),
        pytest.param(Answer(200, b'{"helms": "\xff"}'), "cannot be read as JSON", id="bytes that are no text"),
        pytest.param(Answer(200, "[" * 100_000), "cannot be read as JSON", id="one nested too deeply"),
        pytest.param(Answer(200, '{"helms": ' + "1" * 5000 + "}"), "cannot be read as JSON", id="an absurd number"),
        pytest.param(WrongTypes(), "is not as specified", id="other types in it"),
        pytest.param(Answer(200, "null"), "is not as specified", id="nothing in it"),
        pytest.param(Huge(2 * MIB), "is larger than 1 MiB", id="an enormous one"),
        pytest.param(Dripping(is_endless=True), "did not answer within 30 s", id="one that never finishes"),
        pytest.param(Hang(), "did not answer within 30 s", id="none at all"),
        pytest.param(Late(after=31.0), "did not answer within 30 s", id="one that comes too late"),
        pytest.param(CutOff(), "The connection to Qovery broke off: peer closed connection", id="one cut off"),
        pytest.param(CutOff(Drop.RESET), "The connection to Qovery broke off: ReadError.", id="one reset"),
        pytest.param(
            json_error(500, message="oops"), "answered 500 Internal Server Error: oops", id="an error of Qovery"
        ),
        pytest.param(json_error(408), "Qovery answered 408 Request Timeout", id="a time-out of Qovery's"),
        pytest.param(Answer(599), "before Qovery answered 599", id="an error that nobody knows"),
    ],
)
def test_a_reading_outlives_a_broken_answer_and_says_what_it_was(fault: Fault, told: str) -> None:
    went = talk_to_sandbox(service, fault)
    assert isinstance(went.value, Service)
    assert [failures for failures, _ in went.troubles] == [1]
    assert told in went.troubles[0][1]
    assert went.took < 33.0


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        pytest.param(Dropped(Drop.REFUSED), "No connection to api.qovery.test: All connection", id="refused"),
        pytest.param(Dropped(Drop.UNRESOLVED), "The name of api.qovery.test cannot be resolved.", id="without a name"),
        pytest.param(Dropped(Drop.UNTRUSTED), "The certificate of api.qovery.test is not trusted: ", id="not trusted"),
        pytest.param(Dropped(Drop.UNREACHABLE), "No connection to api.qovery.test within the time", id="unreachable"),
    ],
)
def test_no_connection_is_told_in_words_and_nothing_was_sent(fault: Fault, told: str) -> None:
    went = talk_to_sandbox(deploy, fault)
    assert isinstance(went.error, UnreachableError)
    assert told in str(went.error)


@pytest.mark.parametrize(
    ("cause", "told"),
    [
        pytest.param(
            ssl.SSLCertVerificationError(1, "Hostname mismatch, certificate is not valid for 'api.qovery.test'."),
            "is not trusted: Hostname mismatch, certificate is not valid for 'api.qovery.test'.",
            id="another's certificate",
        ),
        pytest.param(
            ssl.SSLError("WRONG_VERSION_NUMBER"), "TLS with api.qovery.test could not be established", id="no TLS"
        ),
        pytest.param(socket.gaierror(-2, "x"), "The name of api.qovery.test cannot be resolved.", id="no such name"),
        pytest.param(OSError("no route"), "No connection to api.qovery.test: All attempts failed.", id="no route"),
    ],
)
def test_the_cause_of_no_connection_is_found_however_deep(cause: Exception, told: str) -> None:
    error = httpx.ConnectError("All attempts failed")
    error.__context__ = RuntimeError()
    error.__context__.__cause__ = cause
    assert told in str(talk(deploy, error).error)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        pytest.param(
            httpx.ProxyError("407 Proxy Authentication Required"),
            "The proxy p.corp:3128 refused a connection to api.qovery.test: 407 Proxy Authentication Required.",
            id="refuses",
        ),
        pytest.param(
            httpx.ConnectError("All attempts failed"),
            "No connection to the proxy p.corp:3128: All attempts failed.",
            id="is down",
        ),
        pytest.param(
            httpx.ConnectTimeout(""), "No connection to the proxy p.corp:3128 within the time allowed.", id="is silent"
        ),
    ],
)
def test_names_the_proxy_in_trouble(error: Exception, told: str) -> None:
    went = talk(deploy, error, proxy="p.corp:3128")
    assert isinstance(went.error, UnreachableError)
    assert str(went.error) == told


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (400, RefusedError),
        (401, UnauthorizedError),
        (403, ForbiddenError),
        (404, NotFoundError),
        (409, ConflictError),
    ],
)
def test_a_refusal_is_told_with_qoverys_own_words(code: int, kind: type[RefusedError]) -> None:
    for story in (deploy, service):
        went = talk(story, reply(code, {"error": "Bad", "message": "not today"}))
        assert type(went.error) is kind
        assert str(went.error).startswith(f"Qovery answered {code} {httpx.codes.get_reason_phrase(code)}: not today")


SPRING = {"status": 403, "error": "Forbidden", "message": "no role", "path": "/", "timestamp": "-"}
PROBLEM = {"type": "about:blank", "title": "Forbidden", "status": 403, "detail": "no role", "instance": "/"}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        pytest.param(SPRING, ": no role.", id="an error body"),
        pytest.param(PROBLEM, ": no role.", id="a problem"),
        pytest.param({"message": "No. "}, ": No.", id="a message alone"),
        pytest.param({"status": 403, "error": "Forbidden"}, ".", id="nothing but the status"),
        pytest.param({"status": 403, "message": {"x": 1}}, ".", id="a message that is no text"),
    ],
)
def test_quotes_qoverys_refusal(body: object, told: str) -> None:
    for story in (deploy, service):
        went = talk(story, reply(403, body))
        assert (type(went.error), str(went.error)) == (ForbiddenError, f"Qovery answered 403 Forbidden{told}")
        assert went.took == 0.0


@pytest.mark.parametrize("code", [400, 401, 403, 404, 405, 409, 502])
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"default backend - 404", id="a text"),
        pytest.param(b"<h1>blocked</h1>", id="a page"),
        pytest.param(b'{"code": "Forbidden"}', id="a gateway's JSON"),
        pytest.param(b'{"status": 200, "message": "fine"}', id="another status"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"[" * 100_000, id="nested too deeply"),
    ],
)
def test_other_errors_are_trouble_on_the_way(code: int, body: bytes) -> None:
    went = talk(deploy, Reply(status=code, body=body))
    assert type(went.error) is NoAnswerError
    assert str(went.error).startswith(f"Something before Qovery answered {code} ")
    assert "helm_id" not in went.error.hint
    assert ("check the token" in went.error.hint) is (code in {401, 403})


@pytest.mark.parametrize(
    ("code", "kind"),
    [(400, NoAnswerError), (401, UnauthorizedError), (403, NoAnswerError), (404, NoAnswerError), (409, ConflictError)],
)
def test_refusals_without_a_body(code: int, kind: type[QoveryError]) -> None:
    assert type(talk(deploy, Reply(status=code, body=b"")).error) is kind


def test_qoverys_words_are_bounded() -> None:
    told = str(talk(deploy, reply(400, {"status": 400, "message": f"{'x' * 10_000} the cause"})).error)
    assert len(told) < 1100
    assert told.endswith("x the cause.")


def test_an_id_that_no_address_can_hold_is_no_answer() -> None:
    async def read(client: Client) -> object:
        return await client.logs(STAGING_ID, execution_id="e" * 100_000)

    went = talk(read, Reply(body=b"[]"))
    assert "cannot be part of an address" in str(went.error)
    assert not went.requests


@pytest.mark.parametrize("echo", [TOKEN, TOKEN.encode().hex(), f"Authorization: Token {TOKEN}"])
def test_a_token_that_qovery_echoes_is_taken_out(echo: str) -> None:
    error = talk(deploy, reply(401, {"status": 401, "message": f"{echo} is not valid"})).error
    assert "*** is not valid" in str(error)
    assert TOKEN not in f"{error} {error!r}"


def compressed(body: bytes, encoding: str = "gzip", *, status: int = 200) -> Reply:
    return Reply(status=status, body=body, headers={"content-encoding": encoding})


def test_what_a_proxy_has_compressed_is_read_all_the_same() -> None:
    answer = compressed(gzip.compress(b'{"deployment_request_id": "r-1"}'), status=202)
    assert talk(deploy, answer).value == "r-1"


@stops_reading
@pytest.mark.parametrize(
    ("answer", "told"),
    [
        pytest.param(compressed(gzip.compress(b" " * 10 * MIB)), "is larger than 1 MiB", id="far too much"),
        pytest.param(compressed(gzip.compress(b"{}")[:9]), "before Qovery answered 200", id="the beginning of it"),
        pytest.param(compressed(b"{}"), "cannot be inflated", id="what is not compressed"),
        pytest.param(compressed(b"{}", "br"), "is compressed as br", id="another way of compressing"),
        pytest.param(compressed(b"{}", "deflate, gzip"), "is compressed as deflate, gzip", id="two of them"),
    ],
)
def test_what_cannot_be_inflated_within_limits_is_no_answer(answer: Reply, told: str) -> None:
    assert told in str(talk(service, answer).error)


UNUSABLE = [
    pytest.param(b"{", {}, id="cut off"),
    pytest.param(b" " * 2 * MIB, {}, id="enormous"),
    pytest.param(b"?", {"content-encoding": "br"}, id="compressed"),
]


@stops_reading
@pytest.mark.parametrize(("body", "headers"), UNUSABLE)
def test_202_and_429_count_without_a_body(body: bytes, headers: dict[str, str]) -> None:
    assert type(talk(deploy, Reply(status=429, body=body, headers=headers)).error) is RateLimitedError
    accepted = talk(deploy, Reply(status=202, body=body, headers=headers))
    assert (accepted.value, accepted.error) == (None, None)


@stops_reading
def test_an_acceptance_whose_body_never_comes_is_an_acceptance() -> None:
    went = talk_to_sandbox(deploy, Dripping(interval=1, is_endless=True))
    assert (went.value, went.error) == (None, None)
    assert went.took == pytest.approx(30, abs=1)


def test_an_answer_may_say_that_it_is_not_compressed() -> None:
    answer = reply(202, {"deployment_request_id": "r-1"}, content_encoding="identity")
    assert talk(deploy, answer).value == "r-1"


@stops_reading
@pytest.mark.parametrize(
    ("size", "is_read"),
    [
        pytest.param(16 * MIB - 2, True, id="up to 16 MiB"),
        pytest.param(16 * MIB + 1, False, id="and no more"),
    ],
)
def test_a_log_may_be_longer_than_other_answers(size: int, is_read: bool) -> None:  # noqa: FBT001
    path = "/environment/{environmentId}/logs"
    went = talk_to_sandbox(logs, Answer(200, b"[" + b" " * (size - 2) + b"]"), when=When(path=path))
    assert (went.value == ()) is is_read
    assert ("larger than 16 MiB" in str(went.error)) is not is_read


@pytest.mark.parametrize(
    "location", ["https://evil.test/take", "//evil.test/", "http://api.qovery.test/", "/elsewhere"]
)
@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_the_token_never_follows_a_redirect(location: str, code: int) -> None:
    for story in (service, deploy):
        went = talk_to_sandbox(story, redirect(location, code), when=When())
        assert isinstance(went.error, RedirectedError)
        assert {str(request.url.copy_with(path="/")) for request in went.requests} == {f"{ORIGIN}/"}
        assert "evil" not in str(went.error)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(reply(202, {"deployment_request_id": "r-1"}), "r-1", id="an answer that can be read"),
        pytest.param(reply(202), None, id="an acceptance without a word"),
        pytest.param(reply(202, ["?"]), None, id="an acceptance in words that nobody understands"),
        pytest.param(reply(200, ["?"]), NoAnswerError, id="words without an acceptance"),
        pytest.param(reply(503), NoAnswerError, id="an error that may have come after the acceptance"),
        pytest.param(reply(408), NoAnswerError, id="a time-out that may have come after the acceptance"),
        pytest.param(httpx.ReadError("reset"), NoAnswerError, id="a connection that broke off"),
        pytest.param(httpx.WriteTimeout("late"), NoAnswerError, id="a request that went out in part"),
        pytest.param(reply(429), RateLimitedError, id="the rate limit"),
    ],
)
def test_a_request_is_sent_once_and_an_acceptance_recognised(
    answer: Reply | Exception, expected: str | type[QoveryError] | None
) -> None:
    went = talk(deploy, answer)
    assert len(went.requests) == 1
    assert (type(went.error) if went.error else went.value) == expected


def test_no_answer_whatever_its_bytes_breaks_more_than_the_reading() -> None:
    rng = random.Random(7)  # noqa: S311
    for _ in range(100):
        body = rng.randbytes(rng.randrange(40))
        went = talk(deploy, Reply(status=rng.choice([200, 202, 204, 302, 400, 418, 500]), body=body))
        assert went.value is None
