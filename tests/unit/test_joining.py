from __future__ import annotations

import math

import pytest

from qovery_helm_deploy.deployment.asked import Asked
from qovery_helm_deploy.deployment.execution import Execution, Identity, QueuedRequest, ServiceResult
from qovery_helm_deploy.deployment.joining import find_joinable
from qovery_helm_deploy.deployment.observations import Call, OwnRequest
from qovery_helm_deploy.deployment.record import Record
from qovery_helm_deploy.deployment.status import State

ASKED = Asked(chart_version="2.0")
BEFORE, AT = Call(0.0, 1.0), 2.0
API, CONSOLE = Identity(user="ci", origin="API"), Identity(user="alice", origin="CONSOLE")


def queued(name: str = "r-1", *, by: Identity = API, services: str = "s") -> QueuedRequest:
    return QueuedRequest(id=name, by=by, services=frozenset(services), action="DEPLOY")


def running(
    name: str = "e-1",
    *,
    by: Identity = API,
    services: str = "s",
    version: str | None = "2.0",
    state: State = State.DEPLOYING,
) -> Execution:
    results = {service: ServiceResult(state=state, chart_version=version) for service in services}
    return Execution(id=name, state=state, is_over=state is State.DEPLOYED, by=by, services=results, action="DEPLOY")


def find(*seen: QueuedRequest | Execution, services: str = "s", asked: Asked = ASKED) -> OwnRequest | None:
    record = Record.of(OwnRequest(services=frozenset(services), asked=asked))
    record = record.with_queue(BEFORE, [each for each in seen if isinstance(each, QueuedRequest)])
    record = record.with_history(BEFORE, [each for each in seen if isinstance(each, Execution)])
    return find_joinable(record, asked, at=AT)


@pytest.mark.parametrize(
    ("seen", "services", "request_id", "execution_id"),
    [
        pytest.param([queued()], "s", "r-1", None, id="queued"),
        pytest.param([running()], "s", None, "e-1", id="running"),
        pytest.param([queued(services="st")], "s", "r-1", None, id="queued with another service"),
        pytest.param([running(services="st")], "st", None, "e-1", id="running with both services"),
        pytest.param([queued(by=CONSOLE), running(by=CONSOLE), queued("r-2")], "s", "r-2", None, id="others beside it"),
        pytest.param([running(version="1.0"), queued()], "s", "r-1", None, id="queued behind another version"),
    ],
)
def test_finds_the_earlier_deployment(
    seen: list[QueuedRequest | Execution], services: str, request_id: str | None, execution_id: str | None
) -> None:
    expected = OwnRequest(
        services=frozenset(services),
        asked=ASKED,
        call=Call(-math.inf, AT),
        id=request_id,
        execution_id=execution_id,
    )
    assert find(*seen, services=services) == expected


@pytest.mark.parametrize(
    ("seen", "services"),
    [
        pytest.param([], "s", id="nothing"),
        pytest.param([queued(), queued("r-2")], "s", id="two queued"),
        pytest.param([queued(), running()], "s", id="one queued, one running"),
        pytest.param([queued(by=CONSOLE)], "s", id="queued by hand"),
        pytest.param([running(by=CONSOLE)], "s", id="running by hand"),
        pytest.param([queued(by=Identity())], "s", id="origin not shown"),
        pytest.param([queued(services="t")], "s", id="queued, another service"),
        pytest.param([running(services="t")], "s", id="running, another service"),
        pytest.param([running()], "st", id="running, one of two services"),
        pytest.param([running(version="1.0")], "s", id="running, another version"),
        pytest.param([running(version=None)], "s", id="running, version not shown"),
        pytest.param([running(state=State.DEPLOYED)], "s", id="over"),
    ],
)
def test_joins_nothing_uncertain(seen: list[QueuedRequest | Execution], services: str) -> None:
    assert find(*seen, services=services) is None
