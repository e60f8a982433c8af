"""What the rules allow and exclude in examples that the exhaustive check in tests/proof does not reach."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from qovery_helm_deploy.deployment import rules
from qovery_helm_deploy.deployment.asked import Asked
from qovery_helm_deploy.deployment.assumptions import LATEST_ACCEPTANCE, LONGEST_START
from qovery_helm_deploy.deployment.execution import Identity, ServiceResult
from qovery_helm_deploy.deployment.observations import ALWAYS, Call
from qovery_helm_deploy.deployment.rules import Fate, Kind, StoryRequest
from qovery_helm_deploy.deployment.status import State
from tests.engine.examples import ENVIRONMENT, ME, SERVICE, execution, lost, observed, queued, record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qovery_helm_deploy.deployment.record import Record

ANOTHER = "another"
FIRST, SECOND = f"{ENVIRONMENT}-1", f"{ENVIRONMENT}-2"


def request_in(seen: Record, request_id: str = "own") -> StoryRequest:
    """Return a request of a story, our own by default."""
    listed = seen.requests.get(request_id, seen.own_observed)
    return StoryRequest(id=request_id, seen=listed, is_own=request_id == "own")


def results(*services: str) -> Mapping[str, ServiceResult]:
    return {service: ServiceResult(state=State.DEPLOYED) for service in services}


@pytest.mark.parametrize(
    ("more", "is_possible"),
    [
        pytest.param({"action": None}, True, id="no action named"),
        pytest.param({"action": "UNKNOWN"}, True, id="unknown action"),
        pytest.param({"action": "RESTART"}, False, id="a restart"),
        pytest.param({"services": {}}, True, id="no services named"),
        pytest.param({"services": results(SERVICE, ANOTHER)}, True, id="merged services"),
        pytest.param({"services": results(ANOTHER)}, False, id="other services"),
    ],
)
def test_request_becomes_a_deployment_of_its_services(more: Mapping[str, object], *, is_possible: bool) -> None:
    seen = observed(record(), 4.0, queue=[queued("own")], history=[])
    seen = observed(seen, 10.0, queue=[], history=[execution(FIRST, State.DEPLOYED, **more)])
    assert rules.can_become(seen, request_in(seen), seen.executions[FIRST]) is is_possible


@pytest.mark.parametrize(
    ("action", "is_possible"), [("DEPLOY", True), (None, True), ("UNKNOWN", True), ("RESTART", False)]
)
def test_only_a_deployment_request_becomes_a_deployment(action: str | None, *, is_possible: bool) -> None:
    seen = observed(record(), 4.0, queue=[queued("other", action=action)], history=[])
    seen = observed(seen, 10.0, queue=[], history=[execution(FIRST)])
    assert rules.can_become(seen, request_in(seen, "other"), seen.executions[FIRST]) is is_possible


@pytest.mark.parametrize(
    ("shown", "is_partial", "contains"),
    [
        ({SERVICE, ANOTHER}, False, True),
        ({SERVICE}, False, False),
        ({SERVICE}, True, True),
        ({"worker"}, True, False),
        (set(), False, True),
    ],
    ids=["both", "one", "one, shown by statuses", "none, shown by statuses", "unknown"],
)
def test_execution_contains_the_services_of_its_request(shown: set[str], *, is_partial: bool, contains: bool) -> None:
    """Statuses show an earlier execution of a service until its stage begins."""
    known = execution(FIRST, services=results(*shown), is_partial=is_partial)
    assert rules.contains(known, {SERVICE, ANOTHER}) is contains


@pytest.mark.parametrize(
    ("listings", "is_possible"),
    [
        pytest.param([{ANOTHER}, {ANOTHER, SERVICE}], True, id="another request was merged into it"),
        pytest.param([{}, {SERVICE}], False, id="services listed late"),
    ],
)
def test_execution_contains_what_the_request_began_with(listings: Sequence[set[str]], *, is_possible: bool) -> None:
    seen = observed(record(), 1.0, history=[])
    for at, services in enumerate(listings, 2):
        seen = observed(seen, at, queue=[queued("other", services=frozenset(services))])
    seen = observed(seen, 10.0, queue=[], history=[execution(FIRST, services=results(ANOTHER))])
    assert rules.can_become(seen, request_in(seen, "other"), seen.executions[FIRST]) is is_possible


def test_execution_begins_within_the_longest_start() -> None:
    seen = observed(observed(record(), 1.0, queue=[queued("own")]), 5.0, queue=[])
    seen = observed(observed(seen, 2 * LONGEST_START, history=[]), 3 * LONGEST_START, history=[execution(FIRST)])
    assert not rules.can_become(seen, request_in(seen), seen.executions[FIRST])


def test_joined_request_is_no_earlier_execution() -> None:
    seen = record(history=[execution(FIRST)])
    joined = seen.with_own(replace(seen.own, call=Call(ALWAYS, 0.0)))
    assert not rules.can_become(joined, request_in(joined), joined.executions[FIRST])


@pytest.mark.parametrize(
    ("more", "is_possible"),
    [
        pytest.param({}, True, id="everything named"),
        pytest.param({"by": Identity(), "services": frozenset(), "action": None}, True, id="nothing named"),
        pytest.param({"by": replace(ME, origin="CONSOLE")}, False, id="another origin"),
        pytest.param({"action": "STOP"}, False, id="another action"),
        pytest.param({"services": frozenset({ANOTHER})}, False, id="other services"),
    ],
)
def test_listed_request_may_be_own_after_lost_answer(more: Mapping[str, object], *, is_possible: bool) -> None:
    seen = observed(lost(record()), 2.0, queue=[queued("new", **more)])
    assert rules.may_be_own(seen, seen.requests["new"]) is is_possible


def test_request_after_latest_acceptance_is_not_own() -> None:
    seen = observed(
        observed(lost(record()), 2 * LATEST_ACCEPTANCE, queue=[]), 3 * LATEST_ACCEPTANCE, queue=[queued("new")]
    )
    assert not rules.may_be_own(seen, seen.requests["new"])


def test_request_waits_as_long_as_the_queue_lists_it() -> None:
    seen = observed(record(), 2 * LONGEST_START, queue=[queued("own")], history=[])
    assert rules.may_wait(seen, request_in(seen))


@pytest.mark.parametrize(("at", "is_possible"), [(LONGEST_START / 2, True), (2 * LONGEST_START, False)])
def test_request_waits_for_limited_time_without_queue(at: float, *, is_possible: bool) -> None:
    seen = observed(record(queue=None), at, history=[])
    assert rules.may_wait(seen, request_in(seen)) is is_possible


@pytest.mark.parametrize(("request_id", "is_possible"), [("own", False), ("other", True)])
def test_only_own_request_starts_soon_with_diff(request_id: str, *, is_possible: bool) -> None:
    seen = record(queue=["other"], asked=Asked(only_differences=True))
    seen = observed(seen, 1.0, queue=[queued("own"), queued("other")])
    seen = observed(seen, LONGEST_START / 2, queue=[], history=[])
    seen = observed(seen, LONGEST_START, history=[])
    assert rules.may_start(seen, request_in(seen, request_id)) is is_possible


@pytest.mark.parametrize(
    ("requested", "is_explained"), [(set(), True), ({SERVICE}, True), ({ANOTHER}, False), ({ANOTHER, SERVICE}, True)]
)
def test_execution_deploys_only_requested_services(requested: set[str], *, is_explained: bool) -> None:
    """A request without services is one whose services the queue does not name."""
    seen = observed(record(), 1.0, queue=[queued("other", services=frozenset(requested))], history=[execution(FIRST)])
    story = [(request_in(seen, "other"), Fate(Kind.EXECUTION, FIRST))]
    assert rules.deploys_nothing_else(seen, story) is is_explained


@pytest.mark.parametrize(("service", "has_versions"), [("worker", False), ("not ours", True)])
def test_each_own_service_has_the_version(service: str, *, has_versions: bool) -> None:
    seen = record(asked=Asked(chart_version="2.0.0"))
    seen = seen.with_own(replace(seen.own, services=frozenset({SERVICE, "worker"})))
    versions = {SERVICE: "2.0.0", service: "1.0.0"}
    shown = {key: ServiceResult(state=State.DEPLOYED, chart_version=version) for key, version in versions.items()}
    assert rules.has_versions(seen, execution(FIRST, services=shown)) is has_versions


def test_only_other_deployment_requests_merge() -> None:
    waiting = [queued("own"), queued("deploy"), queued("stop", action="STOP")]
    seen = observed(record(), 4.0, queue=waiting)
    partners = [each.id for each in waiting if rules.may_merge(request_in(seen), request_in(seen, each.id))]
    assert partners == ["deploy"]


def test_requests_merge_only_while_both_wait() -> None:
    seen = observed(observed(record(), 4.0, queue=[queued("own")]), 10.0, queue=[])
    seen = observed(observed(seen, 20.0, queue=[]), 30.0, queue=[queued("later")])
    own, later = request_in(seen), request_in(seen, "later")
    assert not rules.may_merge(own, later)
    assert not rules.may_merge(later, own)


@pytest.mark.parametrize(("first", "second", "is_kept"), [("merged", "other", True), ("other", "merged", False)])
def test_merged_request_keeps_the_place_of_the_earliest(first: str, second: str, *, is_kept: bool) -> None:
    """Our own request came first and the other one next; the one that our own was merged into came last."""
    seen = observed(observed(record(), 4.0, queue=[]), 10.0, queue=[queued("other")])
    seen = observed(observed(seen, 20.0, queue=[queued("other")]), 24.0, queue=[queued("other"), queued("merged")])
    seen = observed(seen, 30.0, queue=[], history=[execution(SECOND), execution(FIRST)])
    fates = {"own": Fate(Kind.MERGED, "merged"), first: Fate(Kind.EXECUTION, FIRST)}
    fates[second] = Fate(Kind.EXECUTION, SECOND)
    assert rules.keeps_order(seen, [(request_in(seen, key), fate) for key, fate in fates.items()]) is is_kept


def test_unseen_request_came_before_every_waiting_one() -> None:
    """Our own request came before the other one, and the queue at 10 s listed nothing else."""
    own, other = queued("own"), queued("other")
    seen = observed(observed(record(), 10.0, queue=[own]), 20.0, queue=[own, other])
    seen = observed(seen, 30.0, history=[])
    seen = observed(seen, 35.0, history=[execution(FIRST, State.DEPLOYING)])
    seen = observed(seen, 40.0, queue=[own, other])
    story = [(request_in(seen, key), Fate(Kind.WAITING)) for key in ("own", "other")]
    assert not rules.may_be_of_nobody_seen(seen, story, seen.executions[FIRST])
