from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from qovery_helm_deploy.deployment.execution import Execution, Identity, QueuedRequest, ServiceResult
from qovery_helm_deploy.deployment.log_entry import LogEntry
from qovery_helm_deploy.deployment.service import Environment, Service, Source
from qovery_helm_deploy.deployment.status import EnvironmentStatuses, State, Status, Step
from qovery_helm_deploy.errors import NoAnswerError
from qovery_helm_deploy.qovery import logs, services, states
from tests.unit.examples import SERVICE

if TYPE_CHECKING:
    from collections.abc import Callable

#: Values of every type of JSON that are never what a field is specified to be.
ODD = [None, True, 7, -1.5, "text", "", [], [1], {}, {"x": 1}]


def read_status(**fields: object) -> Status | None:
    """Read one service's status out of an environment's."""
    statuses = states.read_statuses({"helms": [{"id": SERVICE, **fields}]})
    return statuses.services.get(SERVICE)


def test_reads_statuses_of_an_environment() -> None:
    full = {
        "id": SERVICE.upper(),
        "state": "DEPLOYING",
        "service_deployment_status": "UP_TO_DATE",
        "deployment_request_id": "r-1",
        "deployment_requests_count": 2,
        "execution_id": "e-1",
        "steps": {
            "total_duration_sec": 7,
            "details": [{"step_name": "BUILD", "status": "SUCCESS", "duration_sec": 5}, {"step_name": "DEPLOYMENT"}],
        },
        "message": "something new",
    }
    environment = {"last_deployment_id": "e-1", "triggered_by": "alice", "origin": "CLI"}
    status = Status(
        state=State.DEPLOYING,
        request_id="r-1",
        execution_id="e-1",
        queued_requests=2,
        service_deployment_status="UP_TO_DATE",
        steps=(Step(name="BUILD", status="SUCCESS", duration=5.0), Step(name="DEPLOYMENT")),
        total_duration=7.0,
    )
    answer = {"environment": environment, "helms": [full, {"id": "broken"}, "text"], "containers": 5}
    assert states.read_statuses(answer) == EnvironmentStatuses(
        services={SERVICE: status}, last_execution_id="e-1", by=Identity(user="alice", origin="CLI")
    )


@pytest.mark.parametrize("kind", ["applications", "containers", "databases", "jobs", "terraforms", "agentic_workflows"])
def test_reads_statuses_of_every_kind_of_service(kind: str) -> None:
    """An execution may deploy any of them."""
    others = [{"id": "other", "state": "DEPLOYED"}, None, {}]
    statuses = states.read_statuses({"helms": [{"id": SERVICE, "state": "DEPLOYED"}], kind: others})
    assert list(statuses.services) == [SERVICE, "other"]


@pytest.mark.parametrize(("given", "read"), [("DEPLOYING", State.DEPLOYING), ("", None), (None, None)])
def test_reads_state_of_the_newest_execution(given: str | None, read: State | None) -> None:
    assert states.read_statuses({"environment": {"last_deployment_state": given}, "helms": []}).last_state is read


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_environment_of_another_type_is_ignored(odd: object) -> None:
    expected = EnvironmentStatuses(services={})
    assert states.read_statuses({"environment": odd, "helms": []}) == expected


@pytest.mark.parametrize("odd", ODD, ids=repr)
@pytest.mark.parametrize(
    "name",
    ["service_deployment_status", "deployment_request_id", "deployment_requests_count", "execution_id", "steps"],
)
def test_optional_fields_may_have_any_type(name: str, odd: object) -> None:
    status = read_status(**{"state": "DEPLOYED", name: odd})
    assert status
    assert status.state is State.DEPLOYED


def test_empty_ids_are_none() -> None:
    status = read_status(state="READY", deployment_request_id="", execution_id="")
    assert status == Status(state=State.READY)


def test_unreadable_steps_are_left_out() -> None:
    details = [{"step_name": 1}, "text", {"step_name": "BUILD", "duration_sec": "long"}]
    readable = read_status(state="READY", steps={"details": details})
    assert readable == Status(state=State.READY, steps=(Step(name="BUILD"),))
    assert read_status(state="READY", steps={"details": "none"}) == Status(state=State.READY)


@pytest.mark.parametrize(
    ("answer", "request_id"),
    [
        pytest.param({"deployment_request_id": "r-1", "id": "s"}, "r-1", id="id"),
        pytest.param({"deployment_request_id": ""}, None, id="empty"),
        pytest.param({"deployment_request_id": 5}, None, id="wrong type"),
        pytest.param({"id": "s"}, None, id="missing"),
    ],
)
def test_reads_id_of_accepted_request(answer: object, request_id: str | None) -> None:
    assert states.read_accepted_id(answer) == request_id


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(
            {"deployment_request_id": "r-1", "status": "DEPLOYING"}, (State.DEPLOYING, "r-1"), id="state and id"
        ),
        pytest.param({"status": "TELEPORTED"}, (State("TELEPORTED"), None), id="unknown state"),
        pytest.param({"deployment_request_id": "r-1"}, (None, "r-1"), id="no state"),
        pytest.param({"status": None}, (None, None), id="null"),
        pytest.param({}, (None, None), id="empty"),
    ],
)
def test_reads_state_of_one_request(answer: object, expected: tuple[State | None, str | None]) -> None:
    assert states.read_request_state(answer) == expected


@pytest.mark.parametrize(
    ("read", "answer", "problem"),
    [
        pytest.param(states.read_statuses, {}, "helms: Field required", id="no statuses"),
        pytest.param(states.read_statuses, [], "the whole: ", id="statuses are a list"),
        pytest.param(states.read_request_state, {"status": ""}, "status: String should", id="empty state"),
        pytest.param(states.read_request_state, {"status": 5}, "status: ", id="state of wrong type"),
        pytest.param(states.read_request_state, [], "the whole: ", id="request state is a list"),
        pytest.param(states.read_accepted_id, None, "the whole: ", id="acceptance is null"),
        pytest.param(states.read_queue, {}, "results: Field required", id="queue without results"),
        pytest.param(states.read_queue, {"results": [{}]}, "results.0.identifier", id="request without an id"),
        pytest.param(states.read_history, {"results": "none"}, "results: ", id="history of wrong type"),
        pytest.param(states.read_history, {"results": [None]}, "results.0", id="execution is null"),
        pytest.param(states.read_history, {"results": [{"status": "x"}]}, "results.0", id="execution without an id"),
        pytest.param(services.read_service, {"id": "s"}, "name: Field required", id="service without a name"),
        pytest.param(services.read_environment, None, "the whole: ", id="environment is null"),
        pytest.param(services.read_default_link, {}, "results: Field required", id="links without results"),
    ],
)
def test_rejects_answers_without_required_fields(
    read: Callable[[object], object], answer: object, problem: str
) -> None:
    with pytest.raises(NoAnswerError, match="Qovery's answer is not as specified: ") as caught:
        read(answer)
    assert problem in str(caught.value)


def test_error_does_not_quote_the_answer() -> None:
    with pytest.raises(NoAnswerError) as caught:
        services.read_environment({"id": ["s3cr3t" * 100]})
    assert "s3cr3t" not in str(caught.value)


def service(service_id: str, **fields: object) -> dict[str, object]:
    return {"identifier": {"service_id": service_id}, **fields}


def test_reads_a_queue_in_its_order() -> None:
    full = {
        "identifier": {"deployment_request_id": "r-2"},
        "auditing_data": {"triggered_by": "alice", "origin": "CLI"},
        "trigger_action": "DEPLOY",
        "stages": [{"services": [service("A"), 5]}, {"services": [service("b")]}, {"services": "none"}, 5],
    }
    odd = {"identifier": {"deployment_request_id": "r-1"}, "auditing_data": 5, "trigger_action": 5, "stages": 5}
    alice = QueuedRequest(id="r-2", by=Identity(user="alice", origin="CLI"), services=frozenset("ab"), action="DEPLOY")
    assert states.read_queue({"results": [full, odd]}) == (alice, QueuedRequest(id="r-1"))


def test_reads_a_history_in_its_order() -> None:
    details = {
        "commit": {"git_commit_id": "abc", "commit_page_url": "https://git.test/abc"},
        "repository": {"chart_version": "1.2"},
    }
    stages = [
        {"services": [service("A", status="DEPLOYED", details=details, total_duration="PT1M"), service("b")]},
        {"services": [{"status": "DEPLOYED"}, service("c", details={"commit": 1}, total_duration="long")]},
    ]
    full = {
        "identifier": {"execution_id": "e-2"},
        "status": "DEPLOYED",
        "auditing_data": {"triggered_by": "ci", "origin": "API"},
        "trigger_action": "DEPLOY",
        "stages": stages,
        "total_duration": "PT1M30S",
    }
    odd = {"identifier": {"execution_id": "e-1"}, "status": "NEW", "auditing_data": 5, "total_duration": "-PT1S"}
    result = ServiceResult(
        state=State.DEPLOYED,
        chart_version="1.2",
        git_commit_id="abc",
        commit_url="https://git.test/abc",
        duration=60.0,
    )
    unknown = ServiceResult(state=State("UNKNOWN"))
    assert states.read_history({"results": [full, odd]}) == (
        Execution(
            id="e-2",
            state=State.DEPLOYED,
            is_over=True,
            by=Identity(user="ci", origin="API"),
            services={"a": result, "b": unknown, "c": unknown},
            action="DEPLOY",
            duration=90.0,
        ),
        Execution(id="e-1", state=State("NEW"), is_over=False),
    )


def read_execution(**fields: object) -> Any:  # noqa: ANN401
    entry = {"identifier": {"execution_id": "e"}, "status": "DEPLOYED", **fields}
    (execution,) = states.read_history({"results": [entry]})
    return execution


@pytest.mark.parametrize(
    ("state", "action_status", "is_over"),
    [
        pytest.param("DEPLOYED", None, True, id="terminal"),
        pytest.param("DEPLOYED", "SUCCESS", True, id="terminal, action over"),
        *(pytest.param("DEPLOYED", name, False, id=name) for name in ("ONGOING", "CANCELING")),
        pytest.param("DEPLOYING", "SUCCESS", False, id="in progress"),
        pytest.param("READY", "SUCCESS", True, id="nothing was part of it"),
        pytest.param("READY", None, False, id="not deployed yet"),
        pytest.param("TELEPORTED", None, False, id="unknown"),
    ],
)
def test_execution_is_over_when_action_is(*, state: str, action_status: str | None, is_over: bool) -> None:
    assert read_execution(status=state, action_status=action_status).is_over is is_over


@pytest.mark.parametrize(("action_status", "is_listed"), [("QUEUED", False), (None, False), ("ONGOING", True)])
def test_history_leaves_out_queued_requests(action_status: str | None, *, is_listed: bool) -> None:
    entry = {"identifier": {"execution_id": "e-1"}, "status": "DEPLOYMENT_QUEUED", "action_status": action_status}
    assert bool(states.read_history({"results": [entry]})) is is_listed


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param({"git": {"url": "x"}}, Source.GIT, id="git repository"),
        pytest.param({"repository": {"chart_name": "x"}, "git": None}, Source.REPOSITORY, id="chart repository"),
        pytest.param({"git": {"a": 1}, "repository": {"b": 1}}, Source.UNKNOWN, id="both"),
        pytest.param({}, Source.UNKNOWN, id="neither"),
        pytest.param("git", Source.UNKNOWN, id="wrong type"),
    ],
)
def test_reads_a_service(source: object, expected: Source) -> None:
    answer = {"id": "s", "name": "api", "environment": {"id": "e"}, "source": source, "auto_deploy": True}
    assert services.read_service(answer) == Service(
        id="s",
        name="api",
        environment_id="e",
        source=expected,
        has_values_repository=False,
        is_deployed_on_push=True,
    )


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        pytest.param({"file": {"git": {"git_repository": {}}}}, True, id="git repository"),
        pytest.param({"file": {"git": None}}, False, id="no git"),
        pytest.param({"file": None}, False, id="no file"),
        pytest.param(None, False, id="null"),
        pytest.param("file", False, id="wrong type"),
    ],
)
def test_recognizes_a_values_repository(override: object, expected: bool) -> None:  # noqa: FBT001
    answer = {"id": "s", "name": "api", "environment": {"id": "e"}, "values_override": override}
    assert services.read_service(answer).has_values_repository is expected


def test_reads_an_environment() -> None:
    answer = {"id": "e", "name": "staging", "project": {"id": "p"}, "organization": {"id": "o"}}
    expected = Environment(id="e", name="staging", project_id="p", organization_id="o", cluster_id="")
    assert services.read_environment(answer) == expected
    assert services.read_environment({**answer, "cluster_id": "c"}) == replace(expected, cluster_id="c")


@pytest.mark.parametrize(
    ("links", "url"),
    [
        pytest.param([{"url": "https://a"}, {"url": "https://b", "is_default": True}], "https://b", id="default"),
        pytest.param([{"url": "https://a", "is_default": False}], None, id="no default"),
        pytest.param([{"is_default": True}, 5, {"url": 5, "is_default": True}], None, id="malformed links"),
        pytest.param("none", None, id="wrong type of list"),
    ],
)
def test_reads_the_default_link(links: object, url: str | None) -> None:
    assert services.read_default_link({"results": links}) == url


def test_reads_a_log() -> None:
    full = {
        "timestamp": "t",
        "details": {"transmitter": {"id": "s"}, "stage": {"step": "Deploy"}},
        "message": {"safe_message": "m"},
        "error": {"user_log_message": "u", "hint_message": "h", "link": "l", "underlying_error": {"message": "c"}},
    }
    read = LogEntry(
        timestamp="t",
        transmitter_id="s",
        step="Deploy",
        message="m",
        error="u",
        hint="h",
        link="l",
        underlying_error="c",
    )
    odd = {"timestamp": 5, "details": [], "message": "m", "error": {"underlying_error": "c"}}
    assert logs.read_log([full, {}, odd, "text"]) == (read, LogEntry(), LogEntry())


@pytest.mark.parametrize("odd", [odd for odd in ODD if not isinstance(odd, list)], ids=repr)
def test_malformed_log_is_empty(odd: object) -> None:
    assert logs.read_log(odd) == ()
