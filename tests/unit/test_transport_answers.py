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
    ("fault", "message"),
    [
        pytest.param(html_page(200), "runner and Qovery answered 200 OK (text/html", id="HTML page"),
        pytest.param(html_page(502), "runner and Qovery answered 502 Bad Gateway (text/html", id="proxy's error page"),
        pytest.param(BACKEND_404, "runner and Qovery answered 404 Not Found (text/plain", id="load balancer's 404"),
        pytest.param(Answer(403, '{"code": "Forbidden"}'), "runner and Qovery answered 403", id="a gateway's JSON"),
        pytest.param(empty_body(), "cannot be read as JSON (application/json, 0 bytes)", id="empty"),
        pytest.param(Truncated(), "cannot be read as JSON", id="truncated"),
        pytest.param(Answer(200, b'{"helms": "\xff"}'), "cannot be read as JSON", id="not UTF-8"),
        pytest.param(Answer(200, "[" * 100_000), "cannot be read as JSON", id="nested too deeply"),
        pytest.param(Answer(200, '{"helms": ' + "1" * 5000 + "}"), "cannot be read as JSON", id="number too long"),
        pytest.param(WrongTypes(), "is not as specified", id="wrong types"),
        pytest.param(Answer(200, "null"), "is not as specified", id="null"),
        pytest.param(Huge(2 * MIB), "is larger than 1 MiB", id="too large"),
        pytest.param(Dripping(is_endless=True), "did not answer within 30 s", id="endless"),
        pytest.param(Hang(), "did not answer within 30 s", id="no answer"),
        pytest.param(Late(after=31.0), "did not answer within 30 s", id="too late"),
        pytest.param(CutOff(), "The connection to Qovery broke off: peer closed connection", id="cut off"),
        pytest.param(CutOff(Drop.RESET), "The connection to Qovery broke off: ReadError.", id="reset"),
        pytest.param(json_error(500, message="oops"), "answered 500 Internal Server Error: oops", id="Qovery's error"),
        pytest.param(json_error(408), "Qovery answered 408 Request Timeout", id="Qovery's timeout"),
        pytest.param(Answer(599), "runner and Qovery answered 599", id="unknown status code"),
    ],
)
def test_retries_reads_after_broken_answers(fault: Fault, message: str) -> None:
    went = talk_to_sandbox(service, fault)
    assert isinstance(went.value, Service)
    assert [failures for failures, _ in went.troubles] == [1]
    assert message in went.troubles[0][1]
    assert went.took < 33.0


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        pytest.param(Dropped(Drop.REFUSED), "No connection to api.qovery.test: All connection", id="refused"),
        pytest.param(Dropped(Drop.UNRESOLVED), "The name of api.qovery.test cannot be resolved.", id="unknown host"),
        pytest.param(
            Dropped(Drop.UNTRUSTED), "The certificate of api.qovery.test is not trusted: ", id="untrusted certificate"
        ),
        pytest.param(Dropped(Drop.UNREACHABLE), "No connection to api.qovery.test within the time", id="unreachable"),
    ],
)
def test_describes_a_failed_connection(fault: Fault, message: str) -> None:
    went = talk_to_sandbox(deploy, fault)
    assert isinstance(went.error, UnreachableError)
    assert message in str(went.error)


@pytest.mark.parametrize(
    ("cause", "message"),
    [
        pytest.param(
            ssl.SSLCertVerificationError(1, "Hostname mismatch, certificate is not valid for 'api.qovery.test'."),
            "is not trusted: Hostname mismatch, certificate is not valid for 'api.qovery.test'.",
            id="wrong host",
        ),
        pytest.param(
            ssl.SSLError("WRONG_VERSION_NUMBER"), "TLS with api.qovery.test could not be established", id="no TLS"
        ),
        pytest.param(socket.gaierror(-2, "x"), "The name of api.qovery.test cannot be resolved.", id="unknown host"),
        pytest.param(OSError("no route"), "No connection to api.qovery.test: All attempts failed.", id="no route"),
    ],
)
def test_finds_the_cause_of_a_failed_connection(cause: Exception, message: str) -> None:
    error = httpx.ConnectError("All attempts failed")
    error.__context__ = RuntimeError()
    error.__context__.__cause__ = cause
    assert message in str(talk(deploy, error).error)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        pytest.param(
            httpx.ProxyError("407 Proxy Authentication Required"),
            "The proxy p.corp:3128 refused a connection to api.qovery.test: 407 Proxy Authentication Required.",
            id="refused",
        ),
        pytest.param(
            httpx.ConnectError("All attempts failed"),
            "No connection to the proxy p.corp:3128: All attempts failed.",
            id="unreachable",
        ),
        pytest.param(
            httpx.ConnectTimeout(""), "No connection to the proxy p.corp:3128 within the time allowed.", id="timeout"
        ),
    ],
)
def test_names_the_failing_proxy(error: Exception, message: str) -> None:
    went = talk(deploy, error, proxy="p.corp:3128")
    assert isinstance(went.error, UnreachableError)
    assert str(went.error) == message


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
def test_raises_refusals_with_qoverys_message(code: int, kind: type[RefusedError]) -> None:
    for call in (deploy, service):
        went = talk(call, reply(code, {"error": "Bad", "message": "not today"}))
        assert type(went.error) is kind
        assert str(went.error).startswith(f"Qovery answered {code} {httpx.codes.get_reason_phrase(code)}: not today")


SPRING = {"status": 403, "error": "Forbidden", "message": "no role", "path": "/", "timestamp": "-"}
PROBLEM = {"type": "about:blank", "title": "Forbidden", "status": 403, "detail": "no role", "instance": "/"}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param(SPRING, ": no role.", id="Spring's error body"),
        pytest.param(PROBLEM, ": no role.", id="problem details"),
        pytest.param({"message": "No. "}, ": No.", id="only a message"),
        pytest.param({"status": 403, "error": "Forbidden"}, ".", id="only a status"),
        pytest.param({"status": 403, "message": {"x": 1}}, ".", id="message of wrong type"),
    ],
)
def test_quotes_qoverys_message(body: object, message: str) -> None:
    for call in (deploy, service):
        went = talk(call, reply(403, body))
        assert (type(went.error), str(went.error)) == (ForbiddenError, f"Qovery answered 403 Forbidden{message}")
        assert went.took == 0.0


@pytest.mark.parametrize("code", [400, 401, 403, 404, 405, 409, 502])
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"default backend - 404", id="plain text"),
        pytest.param(b"<h1>blocked</h1>", id="HTML page"),
        pytest.param(b'{"code": "Forbidden"}', id="a gateway's JSON"),
        pytest.param(b'{"status": 200, "message": "fine"}', id="other status"),
        pytest.param(b"[]", id="list"),
        pytest.param(b"[" * 100_000, id="nested too deeply"),
    ],
)
def test_foreign_errors_are_no_answer(code: int, body: bytes) -> None:
    went = talk(deploy, Reply(status=code, body=body))
    assert type(went.error) is NoAnswerError
    assert str(went.error).startswith(f"Something between the runner and Qovery answered {code} ")
    assert "helm_id" not in went.error.hint
    assert ("check the token" in went.error.hint) is (code in {401, 403})


@pytest.mark.parametrize(
    ("code", "kind"),
    [(400, NoAnswerError), (401, UnauthorizedError), (403, NoAnswerError), (404, NoAnswerError), (409, ConflictError)],
)
def test_refusals_without_a_body(code: int, kind: type[QoveryError]) -> None:
    assert type(talk(deploy, Reply(status=code, body=b"")).error) is kind


def test_qoverys_message_is_bounded() -> None:
    message = str(talk(deploy, reply(400, {"status": 400, "message": f"{'x' * 10_000} the cause"})).error)
    assert len(message) < 1100
    assert message.endswith("x the cause.")


def test_id_too_long_for_an_address() -> None:
    async def read(client: Client) -> object:
        return await client.logs(STAGING_ID, execution_id="e" * 100_000)

    went = talk(read, Reply(body=b"[]"))
    assert "cannot be part of an address" in str(went.error)
    assert not went.requests


@pytest.mark.parametrize("echo", [TOKEN, TOKEN.encode().hex(), f"Authorization: Token {TOKEN}"])
def test_redacts_a_token_in_an_answer(echo: str) -> None:
    error = talk(deploy, reply(401, {"status": 401, "message": f"{echo} is not valid"})).error
    assert "*** is not valid" in str(error)
    assert TOKEN not in f"{error} {error!r}"


def compressed(body: bytes, encoding: str = "gzip", *, status: int = 200) -> Reply:
    return Reply(status=status, body=body, headers={"content-encoding": encoding})


def test_reads_compressed_answers() -> None:
    answer = compressed(gzip.compress(b'{"deployment_request_id": "r-1"}'), status=202)
    assert talk(deploy, answer).value == "r-1"


@stops_reading
@pytest.mark.parametrize(
    ("answer", "message"),
    [
        pytest.param(compressed(gzip.compress(b" " * 10 * MIB)), "is larger than 1 MiB", id="too large"),
        pytest.param(compressed(gzip.compress(b"{}")[:9]), "runner and Qovery answered 200", id="truncated"),
        pytest.param(compressed(b"{}"), "cannot be decompressed", id="not compressed"),
        pytest.param(compressed(b"{}", "br"), "is compressed as br", id="unsupported encoding"),
        pytest.param(compressed(b"{}", "deflate, gzip"), "is compressed as deflate, gzip", id="two encodings"),
    ],
)
def test_rejects_answers_that_cannot_be_decompressed(answer: Reply, message: str) -> None:
    assert message in str(talk(service, answer).error)


UNUSABLE = [
    pytest.param(b"{", {}, id="cut off"),
    pytest.param(b" " * 2 * MIB, {}, id="too large"),
    pytest.param(b"?", {"content-encoding": "br"}, id="compressed"),
]


@stops_reading
@pytest.mark.parametrize(("body", "headers"), UNUSABLE)
def test_202_and_429_count_without_a_body(body: bytes, headers: dict[str, str]) -> None:
    assert type(talk(deploy, Reply(status=429, body=body, headers=headers)).error) is RateLimitedError
    accepted = talk(deploy, Reply(status=202, body=body, headers=headers))
    assert (accepted.value, accepted.error) == (None, None)


@stops_reading
def test_accepted_although_the_body_never_arrives() -> None:
    went = talk_to_sandbox(deploy, Dripping(interval=1, is_endless=True))
    assert (went.value, went.error) == (None, None)
    assert went.took == pytest.approx(30, abs=1)


def test_reads_answers_with_identity_encoding() -> None:
    answer = reply(202, {"deployment_request_id": "r-1"}, content_encoding="identity")
    assert talk(deploy, answer).value == "r-1"


@stops_reading
@pytest.mark.parametrize(
    ("size", "is_read"),
    [
        pytest.param(16 * MIB - 2, True, id="up to 16 MiB"),
        pytest.param(16 * MIB + 1, False, id="larger"),
    ],
)
def test_logs_have_a_larger_limit(size: int, is_read: bool) -> None:  # noqa: FBT001
    path = "/environment/{environmentId}/logs"
    went = talk_to_sandbox(logs, Answer(200, b"[" + b" " * (size - 2) + b"]"), when=When(path=path))
    assert (went.value == ()) is is_read
    assert ("larger than 16 MiB" in str(went.error)) is not is_read


@pytest.mark.parametrize(
    "location", ["https://evil.test/take", "//evil.test/", "http://api.qovery.test/", "/elsewhere"]
)
@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_the_token_never_follows_a_redirect(location: str, code: int) -> None:
    for call in (service, deploy):
        went = talk_to_sandbox(call, redirect(location, code), when=When())
        assert isinstance(went.error, RedirectedError)
        assert {str(request.url.copy_with(path="/")) for request in went.requests} == {f"{ORIGIN}/"}
        assert "evil" not in str(went.error)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(reply(202, {"deployment_request_id": "r-1"}), "r-1", id="readable acceptance"),
        pytest.param(reply(202), None, id="acceptance without a body"),
        pytest.param(reply(202, ["?"]), None, id="unreadable acceptance"),
        pytest.param(reply(200, ["?"]), NoAnswerError, id="success other than 202"),
        pytest.param(reply(503), NoAnswerError, id="503"),
        pytest.param(reply(408), NoAnswerError, id="408"),
        pytest.param(httpx.ReadError("reset"), NoAnswerError, id="connection reset"),
        pytest.param(httpx.WriteTimeout("late"), NoAnswerError, id="request sent in part"),
        pytest.param(reply(429), RateLimitedError, id="rate limit"),
    ],
)
def test_sends_a_request_only_once(answer: Reply | Exception, expected: str | type[QoveryError] | None) -> None:
    went = talk(deploy, answer)
    assert len(went.requests) == 1
    assert (type(went.error) if went.error else went.value) == expected


def test_random_bytes_raise_no_other_error() -> None:
    rng = random.Random(7)  # noqa: S311
    for _ in range(100):
        body = rng.randbytes(rng.randrange(40))
        went = talk(deploy, Reply(status=rng.choice([200, 202, 204, 302, 400, 418, 500]), body=body))
        assert went.value is None
