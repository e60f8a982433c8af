"""Judges every history of some scopes at each observation, and compares it with the truth and an ideal judge."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

from qovery_helm_deploy.deployment.judgement import judge
from qovery_helm_deploy.deployment.standing import Standing
from tests.proof.coincidences import coincidences_of
from tests.proof.observations import OBSERVED_AT, AcceptedId, Observation, Observations, View, id_in_answer
from tests.proof.recording import record_before, record_with
from tests.proof.world import OURS, OWN, QueueRules, Request, World, simulate

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Sequence

    from qovery_helm_deploy.deployment.record import Record
    from tests.proof.observations import Dialect
    from tests.proof.recording import Naming
    from tests.proof.scope import Scope


class Decide(Protocol):
    """Returns the end of our service or another final result; None as long as there is neither."""

    def __call__(self, record: Record, *, at: float) -> str | None: ...


#: The engine promises correct results for histories with at most this many coincidences.
PROMISED = 1
DEPLOYED = "DEPLOYED"
UNDECIDED = Standing.UNDECIDED.name


class Source(NamedTuple):
    """The values that a history was made from."""

    requests: Sequence[Request]
    rules: QueueRules
    view: View

    @property
    def coincidences(self) -> list[str]:
        return coincidences_of(simulate(self.requests, self.rules), self.view)


@dataclass(eq=False, slots=True, kw_only=True)
class History:
    """A distinct history: its observations, its true result, and the decisions of the engine and the ideal judge."""

    seen: tuple[int, ...]
    result: str
    coincidences: int
    source: Source
    ideal_at: float | None = None
    decided_at: float | None = None
    decision: str | None = None

    @property
    def dialect(self) -> Dialect:
        return self.source.view.answers.dialect

    @property
    def is_false_green(self) -> bool:
        return self.decision == DEPLOYED != self.result

    @property
    def is_false_red(self) -> bool:
        return self.result == DEPLOYED and self.decision not in {None, DEPLOYED, UNDECIDED}

    @property
    def is_wrong(self) -> bool:
        """Return whether the decision differs from the true result."""
        return self.decision not in {None, UNDECIDED, self.result}

    @property
    def is_missed(self) -> bool:
        """Return whether only the ideal judge decides."""
        return self.ideal_at is not None and self.decision in {None, UNDECIDED}

    @property
    def delay(self) -> float | None:
        """Seconds from the ideal judge's decision to the engine's correct one; None unless both decided so."""
        if self.ideal_at is None or self.decided_at is None or self.decision != self.result:
            return None
        return self.decided_at - self.ideal_at


@dataclass(eq=False)
class Histories:
    """The distinct histories of some scopes, by the request id in the answer to our POST.

    Histories with the same dialect, observations and result count once; `enumerated` counts all.
    """

    by_id: dict[str | None, dict[Hashable, History]] = field(default_factory=lambda: defaultdict(dict))
    observations: list[Observation] = field(default_factory=list)
    enumerated: int = 0
    _numbers: dict[Observation, int] = field(default_factory=dict)

    @classmethod
    def of(cls, scopes: Iterable[Scope]) -> Histories:
        histories = cls()
        for scope in scopes:
            worlds: set[Hashable] = set()
            for requests, rules in scope.worlds():
                world = simulate(requests, rules)
                if world.fingerprint not in worlds:
                    worlds.add(world.fingerprint)
                    histories._add(world, [Source(requests, rules, view) for view in scope.views()])
        return histories

    def __iter__(self) -> Iterator[History]:
        for histories in self.by_id.values():
            yield from histories.values()

    def _add(self, world: World, sources: Iterable[Source]) -> None:
        observations, result = Observations(world), world.result
        is_merged = world.holders[OWN].id != OWN
        for source in sources:
            view = source.view
            if view.accepted_id is AcceptedId.SURVIVOR and not is_merged:
                continue
            seen = tuple(self._number(observation) for observation in observations.of(view))
            coincidences = len(coincidences_of(world, view))
            key = seen, result, coincidences, view.answers.dialect
            history = History(seen=seen, result=result, coincidences=coincidences, source=source)
            self.by_id[id_in_answer(world, view.accepted_id)].setdefault(key, history)
            self.enumerated += 1

    def _number(self, observation: Observation) -> int:
        number = self._numbers.setdefault(observation, len(self.observations))
        if number == len(self.observations):
            self.observations.append(observation)
        return number


def decision_on(record: Record, *, at: float) -> str | None:
    """Return the end of our service or the final standing; None as long as there is neither."""
    judgement = judge(record, at=at)
    if not judgement.standing.is_final:
        return None
    if judgement.standing is not Standing.ENDED:
        return judgement.standing.name
    return str(judgement.services[OURS].state)


def judge_all(histories: Histories, naming: Naming, *, decide: Decide = decision_on) -> int:
    """Set what the engine and the ideal judge decide on each history, and return the number of judgements.

    Common beginnings of histories are judged once.
    """
    for history in histories:
        history.ideal_at = history.decided_at = history.decision = None
    walk = _Walk(histories.observations, naming, decide)
    for request_id, group in histories.by_id.items():
        for number, alike in _by_observation(group.values(), 0):
            record = record_before(naming, histories.observations[number], request_id)
            walk.judge_from(record, alike, 1)
    return walk.judgements


class _Walk:
    def __init__(self, observations: Sequence[Observation], naming: Naming, decide: Decide) -> None:
        self._observations = observations
        self._naming = naming
        self._decide = decide
        self.judgements = 0

    def judge_from(self, record: Record | None, histories: Sequence[History], index: int) -> None:
        """Judge histories with the same beginning from an observation on; without a record, the engine has decided."""
        if index == len(OBSERVED_AT):
            return
        for number, alike in _by_observation(histories, index):
            at = OBSERVED_AT[index]
            if alike[0].ideal_at is None:
                _judge_ideally(alike, at)
            open_record = self._judged(record, self._observations[number], alike, at) if record else None
            if open_record or alike[0].ideal_at is None:
                self.judge_from(open_record, alike, index + 1)

    def _judged(
        self, record: Record, observation: Observation, histories: Sequence[History], at: float
    ) -> Record | None:
        """Let the engine judge, and return the record if it has not decided."""
        record = record_with(record, self._naming, observation, at=at)
        self.judgements += 1
        decision = self._decide(record, at=at)
        if decision is None:
            return record
        for history in histories:
            history.decided_at, history.decision = at, decision
        return None


def _judge_ideally(histories: Sequence[History], at: float) -> None:
    """Decide if all histories with the same observations so far and few coincidences have the same result."""
    fewest = min(history.coincidences for history in histories)
    results = {history.result for history in histories if history.coincidences <= fewest + 1}
    if len(results) == 1:
        for history in histories:
            history.ideal_at = at


def _by_observation(histories: Iterable[History], index: int) -> Iterable[tuple[int, list[History]]]:
    groups: dict[int, list[History]] = {}
    for history in histories:
        groups.setdefault(history.seen[index], []).append(history)
    return groups.items()
