"""Histories that earlier engines judged wrongly, each in three dialects."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from qovery_helm_deploy.deployment.judgement import judge
from qovery_helm_deploy.deployment.standing import Standing
from tests.proof.check import decision_on
from tests.proof.observations import OBSERVED_AT, AcceptedId, Answers, Dialect, Lag, Observations, View, id_in_answer
from tests.proof.recording import Naming, record_before, record_with
from tests.proof.world import ANOTHER, OWN, Merging, QueueRules, Request, World, simulate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qovery_helm_deploy.deployment.record import Record

_DIALECTS = (
    Answers(Dialect.REQUEST, follows_merger=True, shows_removal=True),
    Answers(Dialect.ENVIRONMENT),
    Answers(Dialect.REFUSED),
)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A history. `decisions` are the correct ones; None means no decision."""

    requests: tuple[Request, ...]
    rules: QueueRules = field(default_factory=QueueRules)
    accepted_id: AcceptedId = AcceptedId.OWN
    queue: Lag | float = Lag.NONE
    naming: Naming = field(default_factory=Naming)
    decisions: frozenset[str | None] = frozenset({"DEPLOYED"})

    @property
    def world(self) -> World:
        return simulate([*self.requests], self.rules)

    def records(self, answers: Answers, *, is_answer_lost: bool = False) -> Iterator[tuple[float, Record]]:
        """Yield the record at each observation after the baseline."""
        world = self.world
        view = View(self.accepted_id, answers, self.queue)
        baseline, *observations = Observations(world).of(view)
        record = record_before(
            self.naming, baseline, id_in_answer(world, self.accepted_id), is_answer_lost=is_answer_lost
        )
        for at, observation in zip(OBSERVED_AT[1:], observations, strict=True):
            record = record_with(record, self.naming, observation, at=at)
            yield at, record


_NOT_GREEN = frozenset({None, "UNDECIDED", "REMOVED", "DEPLOYMENT_ERROR"})
_LONG = Request(id="A", user="other", arrives=-8.0, duration=24.0)

_CASES = {
    "another request came 50 ms before": Case(
        requests=(Request(id=OWN, removed_at=9.0), Request(id="A", arrives=-0.05, pickup=0.05, duration=8.0)),
        rules=QueueRules(dispatch=2.0),
        decisions=_NOT_GREEN,
    ),
    "another request came after the removal": Case(
        requests=(Request(id=OWN, removed_at=3.0), _LONG, Request(id="B", arrives=4.0)),
        decisions=_NOT_GREEN,
    ),
    "both executions begin at once": Case(
        requests=(Request(id=OWN), Request(id="A", user="other", arrives=0.05, end="DEPLOYMENT_ERROR")),
    ),
    "the queue still lists a request that began": Case(
        requests=(
            Request(id=OWN),
            Request(id="A", user="other", arrives=-20.0, duration=19.0),
            Request(id="B", arrives=-3.0, duration=0.95, end="DEPLOYMENT_ERROR"),
        ),
        queue=2.0,
    ),
    "merged, behind another execution": Case(
        requests=(Request(id=OWN), _LONG, Request(id="B", arrives=-4.0)),
        rules=QueueRules(Merging.INTO_OLDER),
        # Nothing but an answer about our own request shows the merger.
        decisions=frozenset({"DEPLOYED", "UNDECIDED"}),
    ),
    "merged, behind another execution, survivor's id in the answer": Case(
        requests=(Request(id=OWN), _LONG, Request(id="B", arrives=-4.0)),
        rules=QueueRules(Merging.INTO_OLDER),
        accepted_id=AcceptedId.SURVIVOR,
    ),
    "merged across services": Case(
        requests=(Request(id=OWN), _LONG, Request(id="B", arrives=-4.0, services=frozenset({ANOTHER}))),
        rules=QueueRules(Merging.INTO_OLDER, merges_across_services=True),
        accepted_id=AcceptedId.SURVIVOR,
    ),
    "another request during our call": Case(
        requests=(Request(id=OWN, end="DEPLOYMENT_ERROR"), Request(id="A", arrives=-0.1)),
        accepted_id=AcceptedId.NONE,
        queue=2.0,
        naming=Naming(origins=False),
        decisions=_NOT_GREEN,
    ),
    "a longer request during our call": Case(
        requests=(Request(id=OWN, end="DEPLOYMENT_ERROR"), Request(id="A", arrives=-0.1, duration=12.0)),
        accepted_id=AcceptedId.NONE,
        queue=2.0,
        naming=Naming(origins=False),
        decisions=_NOT_GREEN,
    ),
}


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in _CASES.items()])
@pytest.mark.parametrize("answers", _DIALECTS, ids=lambda answers: answers.dialect.name.lower())
def test_decides_right(case: Case, answers: Answers) -> None:
    decisions = ((at, decision_on(record, at=at)) for at, record in case.records(answers))
    at, decision = next(((at, decision) for at, decision in decisions if decision), (0.0, None))
    assert decision in case.decisions
    assert decision != "DEPLOYED" or at >= case.world.own.ended_at


def test_keeps_merged_request_after_lost_answer() -> None:
    case = Case(
        requests=(Request(id=OWN), _LONG, Request(id="B", arrives=-4.0, origin="CONSOLE")),
        rules=QueueRules(Merging.INTO_OLDER),
        accepted_id=AcceptedId.NONE,
    )
    records = case.records(Answers(Dialect.REFUSED), is_answer_lost=True)
    standings = {judge(record, at=at).standing for at, record in records if at < case.world.own.ended_at}
    assert standings.isdisjoint({Standing.NOT_ACCEPTED, Standing.REMOVED})
