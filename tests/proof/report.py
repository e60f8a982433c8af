"""The report: numbers of histories and decisions, delays, and the kinds of wrong decisions."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from tests.proof.check import PROMISED, UNDECIDED
from tests.proof.observations import Dialect

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

    from tests.proof.check import History

_HEADER = "dialect       histories   ideal  decided  gave up  delay, median   95 %  worst"


class Figures(NamedTuple):
    """Counts of the histories with few coincidences.

    `ideal` are those that the ideal judge decides; of these, `decided` are those that the engine decides correctly, and
    `gave_up` those that the engine declares undecided. `delays` are sorted.
    """

    histories: int
    ideal: int
    decided: int
    gave_up: int
    delays: Sequence[float]

    @classmethod
    def of(cls, histories: Iterable[History]) -> Figures:
        histories = promised(histories)
        ideal = [history for history in histories if history.ideal_at is not None]
        delays = sorted(history.delay for history in histories if history.delay is not None)
        gave_up = sum(history.decision == UNDECIDED for history in ideal)
        return cls(len(histories), len(ideal), len(delays), gave_up, delays)

    def delay_of(self, share: float) -> float:
        """Return the delay in seconds that this share of the decisions does not exceed."""
        return self.delays[min(int(len(self.delays) * share), len(self.delays) - 1)] if self.delays else 0.0


def promised(histories: Iterable[History]) -> list[History]:
    """Return the histories for which the engine promises its result."""
    return [history for history in histories if history.coincidences <= PROMISED]


def report_on(histories: Iterable[History]) -> Iterator[str]:
    """Yield the lines of the report."""
    histories = promised(histories)
    for coincidences in range(PROMISED + 1):
        alike = [history for history in histories if history.coincidences == coincidences]
        yield f"{_HEADER}    ({coincidences} coincidences)"
        for dialect in Dialect:
            figures = Figures.of(history for history in alike if history.dialect is dialect)
            if figures.histories:
                yield _line(dialect.name.lower().replace("_", " "), figures)
        yield _line("all", Figures.of(alike))
    for title, is_of_kind in _TITLES.items():
        wrong = [history for history in histories if is_of_kind(history)]
        yield f"{title}: {len(wrong)}"


def examples(histories: Iterable[History], *, kinds: int) -> Iterator[str]:
    """Yield the simplest history of each of the most common kinds of wrong, missed and late decisions."""
    histories = promised(histories)
    for title, is_of_kind in _TITLES.items():
        of_title = [history for history in histories if is_of_kind(history)]
        yield from _examples(title, of_title, kinds)


_TITLES: dict[str, Callable[[History], bool]] = {
    "false green": lambda history: history.is_false_green,
    "false red": lambda history: history.is_false_red,
    "otherwise wrong": lambda history: history.is_wrong and not history.is_false_green and not history.is_false_red,
    "missed": lambda history: history.is_missed,
    "late by 15 s or more": lambda history: (history.delay or 0.0) >= 15.0,
}


def _examples(title: str, histories: Sequence[History], kinds: int) -> Iterator[str]:
    counts: Counter[Hashable] = Counter()
    simplest: dict[Hashable, History] = {}
    for history in sorted(histories, key=_complexity):
        kind: Hashable = history.dialect, history.result, history.decision, tuple(history.source.coincidences)
        counts[kind] += 1
        simplest.setdefault(kind, history)
    for kind, count in counts.most_common(kinds):
        yield f"\n{title}, {count} of this kind; the simplest one:"
        yield from description_of(simplest[kind])


def _complexity(history: History) -> tuple[int, int, float]:
    return len(history.source.requests), history.coincidences, history.source.rules.dispatch


def description_of(history: History) -> Iterator[str]:
    """Yield lines that describe a history, in full."""
    requests, rules, view = history.source
    for request in requests:
        removed = f", removed at {request.removed_at:g}" if request.removed_at < 1000 else ""
        yield (
            f"  {request.id} of {request.user} for {'+'.join(sorted(request.services))}: arrives {request.arrives:g}, "
            f"pickup {request.pickup:g}, runs {request.duration:g}, {request.end}{removed}"
        )
    across = " across services" if rules.merges_across_services else ""
    merging = f"{rules.merging.name.lower()}{across}"
    yield f"  merging {merging}, dispatch {rules.dispatch:g}; id in 202: {view.accepted_id.value}"
    after = f", follows merger {view.answers.follows_merger}, shows removal {view.answers.shows_removal}"
    yield f"  answers {view.answers.dialect.value}{after if view.answers.dialect is Dialect.REQUEST else ''}"
    yield f"  lags of queue {view.queue}, history {view.history}, answer {view.answer}"
    yield f"  coincidences: {', '.join(history.source.coincidences) or 'none'}"
    yield f"  truth {history.result}; decided {history.decision} at {history.decided_at}; ideal at {history.ideal_at}"


def _line(name: str, figures: Figures) -> str:
    middle, most, worst = (figures.delay_of(share) for share in (0.5, 0.95, 1.0))
    return (
        f"{name:13}{figures.histories:10}{figures.ideal:8}{figures.decided:9}{figures.gave_up:9}"
        f"{middle:15g}{most:7g}{worst:7g}"
    )
