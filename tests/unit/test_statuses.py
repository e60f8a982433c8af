from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, cast

import trio

from qovery_helm_deploy.deployment.evidence import Identity, QueuedRequest
from qovery_helm_deploy.deployment.status import State, Status
from qovery_helm_deploy.errors import NotFoundError
from qovery_helm_deploy.run.statuses import Statuses

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

    from qovery_helm_deploy.qovery.client import Client

ENVIRONMENT = "environment"
OURS = QueuedRequest(id="r-ours", by=Identity())
SIBLING = QueuedRequest(id="r-sibling", by=Identity())
RUNNING, AT_REST = Status(state=State.DEPLOYING, execution_id="e-1"), Status(state=State.DEPLOYED, execution_id="e-0")


@dataclass
class Asked:
    """A client that tells what it is given, and notes which services' queues were asked for."""

    by_service: dict[str, Status] = field(default_factory=dict)
    environment_queues: list[Mapping[str, tuple[QueuedRequest, ...]]] = field(default_factory=list)
    is_opaque: bool = False
    queues_asked: list[str] = field(default_factory=list)
    server_time: datetime | None = None

    @property
    def transport(self) -> Asked:
        return self

    async def status(self, service_id: str) -> Status:
        return self.by_service[service_id]

    async def statuses(self, _environment_id: str) -> Mapping[str, Status]:
        if self.is_opaque:
            raise NotFoundError("There is no such environment.", status=404)
        return dict(self.by_service)

    async def queue(self, service_id: str) -> tuple[QueuedRequest, ...]:
        self.queues_asked.append(service_id)
        return ()

    async def environment_queue(self, _environment_id: str) -> Mapping[str, tuple[QueuedRequest, ...]]:
        return self.environment_queues.pop(0)


def ask(asked: Asked, story: Callable[[Statuses], Awaitable[None]]) -> None:
    async def main() -> None:
        statuses = Statuses(cast("Client", asked))
        for service_id in ("ours", "sibling"):
            statuses.follow(service_id, environment_id=ENVIRONMENT)
        await story(statuses)

    trio.run(main)


def beside(asked: Asked, *, then: Callable[[Statuses], None] = lambda _: None) -> list[tuple[frozenset[str], bool]]:
    """Tell what is seen beside our service before its sibling was read, and after that and something else."""
    seen = []

    async def story(statuses: Statuses) -> None:
        for service_id in ("ours", "sibling", "ours"):
            reading = await statuses.read(service_id, environment_id=ENVIRONMENT, since=trio.current_time())
            if service_id == "ours":
                seen.append((reading.beside, reading.is_another_running))
            else:
                then(statuses)

    ask(asked, story)
    return seen


def test_what_an_environment_tells_shows_what_runs_beside() -> None:
    asked = Asked(by_service={"ours": AT_REST, "sibling": RUNNING})
    assert beside(asked) == [(frozenset({"e-1"}), True)] * 2


def test_what_is_not_running_is_not_beside() -> None:
    assert beside(Asked(by_service={"ours": RUNNING, "sibling": AT_REST})) == [(frozenset(), False)] * 2


def test_where_the_environment_tells_nothing_a_sibling_s_own_status_shows_that_it_runs() -> None:
    asked = Asked(by_service={"ours": AT_REST, "sibling": RUNNING}, is_opaque=True)
    # When it ran is not known so exactly that anything may be concluded for what began since.
    assert beside(asked) == [(frozenset(), False), (frozenset(), True)]


def test_what_the_environment_told_counts_until_it_is_told_otherwise() -> None:
    asked = Asked(by_service={"ours": AT_REST, "sibling": RUNNING})
    assert beside(asked, then=lambda _: setattr(asked, "is_opaque", True))[-1] == (frozenset(), True)


def test_one_that_is_not_followed_any_more_is_not_beside() -> None:
    asked = Asked(by_service={"ours": AT_REST, "sibling": RUNNING})
    unfollowed = partial(Statuses.unfollow, service_id="sibling", environment_id=ENVIRONMENT)
    assert beside(asked, then=unfollowed)[-1] == (frozenset(), False)


def queues(*told: Mapping[str, tuple[QueuedRequest, ...]]) -> list[bool]:
    """Tell after each answer for the whole environment whether it was believed, our request being the one in it."""
    asked, believed = Asked(environment_queues=[*told]), []

    async def story(statuses: Statuses) -> None:
        statuses.requested |= {OURS.id, SIBLING.id}
        for _ in told:
            asked.queues_asked.clear()
            await trio.sleep(0.01)
            since, ids = trio.current_time(), {OURS.id, None}
            await statuses.queue("ours", environment_id=ENVIRONMENT, since=since, request_ids=ids)
            believed.append(not asked.queues_asked)

    ask(asked, story)
    return believed


def test_a_queue_for_all_that_lists_ours_is_believed() -> None:
    assert queues({"ours": (OURS,)}) == [True]


def test_a_queue_for_all_that_never_listed_ours_is_not_believed() -> None:
    assert queues({"sibling": (SIBLING,)}, {"sibling": (SIBLING,)}) == [False, False]


def test_a_queue_for_all_that_lists_ours_no_more_is_believed_if_it_lists_another_of_the_step_s() -> None:
    assert queues({"ours": (OURS,), "sibling": (SIBLING,)}, {"sibling": (SIBLING,)}) == [True, True]


def test_a_queue_for_all_that_lists_nothing_any_more_is_not_believed() -> None:
    assert queues({"ours": (OURS,), "sibling": (SIBLING,)}, {}) == [True, False]
