from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from qovery_helm_deploy.deployment.evidence import Execution, Identity, QueuedRequest
from qovery_helm_deploy.deployment.log_entry import LogEntry
from qovery_helm_deploy.deployment.service import Environment, Service, Source
from qovery_helm_deploy.deployment.status import State, Status, Step
from qovery_helm_deploy.errors import NoAnswerError
from qovery_helm_deploy.qovery import logs, places, states
from tests.unit.examples import SERVICE

if TYPE_CHECKING:
    from collections.abc import Callable

NOON = datetime(2026, 8, 3, 12, tzinfo=UTC)
#: Values of every type of JSON that are never what a field is specified to be.
ODD = [None, True, 7, -1.5, "text", "", [], [1], {}, {"x": 1}]


def read_status(answer: object) -> Status:
    return states.read_status(answer, service_id=SERVICE)


def test_a_status_is_read() -> None:
    status = read_status(
        {
            "id": SERVICE.upper(),
            "state": "DEPLOYING",
            "service_deployment_status": "UP_TO_DATE",
            "last_deployment_date": "2026-08-03T14:00:00+02:00",
            "deployment_request_id": "r-1",
            "execution_id": "e-1",
            "steps": {
                "total_duration_sec": 7,
                "details": [
                    {"step_name": "BUILD", "status": "SUCCESS", "duration_sec": 5},
                    {"step_name": "DEPLOYMENT"},
                ],
            },
            "message": "something new",
        }
    )
    steps = (Step(name="BUILD", status="SUCCESS", duration=5.0), Step(name="DEPLOYMENT"))
    assert status == Status(
        state=State.DEPLOYING,
        request_id="r-1",
        execution_id="e-1",
        last_deployment_date=NOON,
        service_deployment_status="UP_TO_DATE",
        steps=steps,
        total_duration=7.0,
    )
    assert status.current_step == "DEPLOYMENT"


@pytest.mark.parametrize("odd", ODD, ids=repr)
@pytest.mark.parametrize(
    "name",
    ["service_deployment_status", "last_deployment_date", "deployment_request_id", "execution_id", "steps"],
)
def test_what_does_not_decide_may_be_of_any_type(name: str, odd: object) -> None:
    assert read_status({"state": "DEPLOYED", name: odd}).state is State.DEPLOYED


def test_empty_ids_are_none() -> None:
    status = read_status({"state": "READY", "deployment_request_id": "", "execution_id": ""})
    assert (status.request_id, status.execution_id) == (None, None)


def test_a_date_without_a_zone_is_in_utc() -> None:
    status = read_status({"state": "READY", "last_deployment_date": "2026-08-03T12:00:00"})
    assert status.last_deployment_date == NOON


def test_steps_that_cannot_be_read_are_left_out() -> None:
    details = [{"step_name": 1}, "text", {"step_name": "BUILD", "duration_sec": "long"}]
    assert read_status({"state": "READY", "steps": {"details": details}}).steps == (Step(name="BUILD"),)
    assert read_status({"state": "READY", "steps": {"details": "none"}}).steps == ()


def test_a_state_that_is_new_is_kept_as_it_is_and_ends_nothing() -> None:
    state = read_status({"state": "TELEPORTED"}).state
    assert (state.value, state.is_known, state.is_terminal, state.is_busy) == ("TELEPORTED", False, False, False)


def test_the_status_of_another_service_counts_as_no_answer() -> None:
    with pytest.raises(NoAnswerError, match="answered with the status of other, not of 4f3c2b1a"):
        read_status({"id": "other", "state": "DEPLOYED"})


@pytest.mark.parametrize(
    ("read", "answer", "told"),
    [
        pytest.param(read_status, {}, "state: Field required", id="a status without a state"),
        pytest.param(read_status, {"state": ""}, "state: String should have at least", id="a state without a name"),
        pytest.param(read_status, {"state": ["DEPLOYED"]}, "state: ", id="a state of another type"),
        pytest.param(read_status, [], "the whole: ", id="a list for a status"),
        pytest.param(states.read_queue, {}, "results: Field required", id="a queue without results"),
        pytest.param(states.read_queue, {"results": [{}]}, "results.0.identifier", id="a request without an id"),
        pytest.param(states.read_history, {"results": "none"}, "results: ", id="a history of another type"),
        pytest.param(states.read_history, {"results": [None]}, "results.0", id="a run that is none"),
        pytest.param(places.read_service, {"id": "s"}, "name: Field required", id="a service without a name"),
        pytest.param(places.read_environment, None, "the whole: ", id="nothing for an environment"),
        pytest.param(places.read_default_link, {}, "results: Field required", id="links without results"),
    ],
)
def test_an_answer_without_what_decides_counts_as_none(
    read: Callable[[object], object], answer: object, told: str
) -> None:
    with pytest.raises(NoAnswerError, match="Qovery's answer is not as specified: ") as caught:
        read(answer)
    assert told in str(caught.value)


def test_an_answer_that_cannot_be_read_is_not_told_in_full() -> None:
    with pytest.raises(NoAnswerError) as caught:
        places.read_environment({"id": ["s3cr3t" * 100]})
    assert "s3cr3t" not in str(caught.value)


def test_a_queue_is_read_in_its_order() -> None:
    results = [
        {"identifier": {"deployment_request_id": "r-2"}, "auditing_data": {"triggered_by": "alice", "origin": "CLI"}},
        {"identifier": {"deployment_request_id": "r-1"}, "auditing_data": 5},
    ]
    alice = QueuedRequest(id="r-2", by=Identity(triggered_by="alice", origin="CLI"))
    assert states.read_queue({"results": results}) == (alice, QueuedRequest(id="r-1", by=Identity()))


def test_a_history_is_read_in_its_order() -> None:
    full = {
        "identifier": {"execution_id": "e-2"},
        "status": "DEPLOYED",
        "auditing_data": {"triggered_by": "ci", "origin": "API", "created_at": "2026-08-03T12:00:00Z"},
        "status_details": {"action": "DEPLOY"},
        "details": {"commit": {"git_commit_id": "abc"}, "repository": {"chart_version": "1.2"}},
        "total_duration": "PT1M30S",
    }
    bare = {"identifier": {}, "status": "CANCELED"}
    odd = {"identifier": {"execution_id": "e-0"}, "status": "NEW", "details": {"commit": 1}, "total_duration": "long"}
    told, *rest = states.read_history({"results": [full, bare, odd]})
    assert told == Execution(
        id="e-2",
        state=State.DEPLOYED,
        by=Identity(triggered_by="ci", origin="API"),
        action="DEPLOY",
        created_at=NOON,
        chart_version="1.2",
        git_commit_id="abc",
        duration=timedelta(seconds=90).total_seconds(),
    )
    assert [(run.id, run.state.value, run.duration) for run in rest] == [
        ("created at None", "CANCELED", None),
        ("e-0", "NEW", None),
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param({"git": {"url": "x"}}, Source.GIT, id="a git repository"),
        pytest.param({"repository": {"chart_name": "x"}, "git": None}, Source.REPOSITORY, id="a chart repository"),
        pytest.param({"git": {"a": 1}, "repository": {"b": 1}}, Source.UNKNOWN, id="both"),
        pytest.param({}, Source.UNKNOWN, id="neither"),
        pytest.param("git", Source.UNKNOWN, id="something else"),
    ],
)
def test_a_service_is_read_with_the_source_of_its_chart(source: object, expected: Source) -> None:
    answer = {"id": "s", "name": "api", "environment": {"id": "e"}, "source": source, "auto_deploy": True}
    assert places.read_service(answer) == Service(
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
        ({"file": {"git": {"git_repository": {}}}}, True),
        ({"file": {"git": None}}, False),
        ({"file": None}, False),
        (None, False),
        ("file", False),
    ],
)
def test_values_of_a_repository_are_recognised(override: object, expected: bool) -> None:  # noqa: FBT001
    answer = {"id": "s", "name": "api", "environment": {"id": "e"}, "values_override": override}
    assert places.read_service(answer).has_values_repository is expected


def test_an_environment_is_read() -> None:
    answer = {"id": "e", "name": "staging", "project": {"id": "p"}, "organization": {"id": "o"}}
    expected = Environment(id="e", name="staging", project_id="p", organization_id="o", cluster_id="")
    assert places.read_environment(answer) == expected
    assert places.read_environment({**answer, "cluster_id": "c"}) == replace(expected, cluster_id="c")


@pytest.mark.parametrize(
    ("links", "url"),
    [
        pytest.param([{"url": "https://a"}, {"url": "https://b", "is_default": True}], "https://b", id="the default"),
        pytest.param([{"url": "https://a", "is_default": False}], None, id="none by default"),
        pytest.param([{"is_default": True}, 5, {"url": 5, "is_default": True}], None, id="none that can be read"),
        pytest.param("none", None, id="none at all"),
    ],
)
def test_the_default_link_is_found(links: object, url: str | None) -> None:
    assert places.read_default_link({"results": links}) == url


def test_a_log_is_read() -> None:
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
def test_a_log_of_another_type_is_empty(odd: object) -> None:
    assert logs.read_log(odd) == ()
