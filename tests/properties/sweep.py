"""``make sweep``: draws new episodes for some minutes, goes on after a bad one, and shows how each came about.

``make prove`` stops at the first and makes it smaller; this one tells how many kinds of them there are.
"""

from __future__ import annotations

import os
import random
import sys
import time
import traceback
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import cycle
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from qovery_helm_deploy.run.following import Follower
from tests.properties import episodes, test_truth, usual

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hypothesis import strategies as st

    from qovery_helm_deploy.deployment.evidence import Look
    from qovery_helm_deploy.deployment.ownership import Judgement
    from tests.deployments.case import Case
    from tests.properties.episodes import Episode


_AT_A_TIME = 100
#: What is drawn, and the property that it is held against.
_DRAWN: Sequence[tuple[Callable[[], st.SearchStrategy[Episode]], Any]] = (
    (episodes.episodes, test_truth.test_whatever_happens_green_is_true_there_is_one_deployment_at_most_and_an_end),
    (episodes.benign_episodes, test_truth.test_when_nothing_interferes_the_outcome_is_the_truth_in_every_dialect),
    (usual.usual_episodes, test_truth.test_what_happens_every_day_is_told_as_it_was),
    (episodes.rival_episodes, test_truth.test_the_success_of_another_deployment_is_never_taken_for_ours),
    (episodes.overtaken_episodes, test_truth.test_the_success_of_another_deployment_is_never_taken_for_ours),
    (episodes.crowded_episodes, test_truth.test_of_several_services_each_is_told_its_own_truth),
    (episodes.crowded_rival_episodes, test_truth.test_of_several_services_each_is_told_its_own_truth),
    (
        episodes.interrupted_episodes,
        test_truth.test_an_interruption_ends_the_step_in_seconds_and_cancels_only_what_is_ours,
    ),
)


def main() -> int:
    minutes = float(os.environ["MINUTES"])
    processes = os.cpu_count() or 1
    with ProcessPoolExecutor(processes) as pool:
        seeds = [random.SystemRandom().getrandbits(32) for _ in range(processes)]
        swept = [*pool.map(partial(_sweep, seconds=60 * minutes), seeds)]
    bad = [story for _, stories in swept for story in stories]
    sys.stdout.writelines(f"{story}\n\n" for story in bad)
    sys.stdout.write(f"{sum(count for count, _ in swept)} episodes, {len(bad)} of them bad\n")
    return 1 if bad else 0


def _sweep(first_seed: int, *, seconds: float) -> tuple[int, list[str]]:
    """Draw for so long; returns how many episodes, and the stories of the bad ones."""
    end, count = time.monotonic() + seconds, 0
    bad: list[str] = []
    for number, (draw, test) in enumerate(cycle(_DRAWN), start=first_seed):
        for episode in _drawn(draw(), number=number):
            if time.monotonic() > end:
                return count, bad
            count += 1
            try:
                test.hypothesis.inner_test(episode)
            except Exception:  # noqa: BLE001 - whatever it is, it is told, and the next one drawn
                bad.append(f"{traceback.format_exc(limit=-1)}\n{story_of(episode)}")
    return count, bad


def _drawn(strategy: st.SearchStrategy[Episode], *, number: int) -> list[Episode]:
    drawn: list[Episode] = []

    @seed(number)
    @settings(
        max_examples=_AT_A_TIME,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=[*HealthCheck],
    )
    @given(strategy)
    def take(episode: Episode) -> None:
        drawn.append(episode)

    take()
    return drawn


def story_of(episode: Episode) -> str:
    """Run an episode again, and tell what was seen at each look, what was made of it, and what had happened."""
    lines: list[str] = [repr(episode)]
    take_in: Callable[[Follower, Look], Judgement] = Follower._take_in  # noqa: SLF001 - to look over its shoulder

    def told(follower: Follower, look: Look) -> Judgement:
        judgement = take_in(follower, look)
        if look.queue is not None or look.history is not None or judgement.standing.is_final:
            lines.append(_line(follower, look, judgement))
        return judgement

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Follower, "_take_in", told)
        case = episode.run()
    return "\n".join([*lines, *_ends(case)])


def _line(follower: Follower, look: Look, judgement: Judgement) -> str:
    queue = [queued.id[-4:] for queued in look.queue or ()]
    history = [(known.id[-3:], known.state.value, known.by.triggered_by) for known in look.history or ()]
    status = look.status
    return (
        f"{follower.claim.known_id} {look.at:7.2f} {status.state.value} {status.execution_id} {status.request_id}"
        f" queue {queue} history {history} -> {judgement.standing.name} {follower.claim.execution_id}"
    )


def _ends(case: Case) -> list[str]:
    told = [f"{each.service_id} {each.request_id}: {each.verdict.outcome.value}" for each in case.reports]
    true = [f"in truth {case.ends_of(each.service_id)}" for each in case.reports]
    entries = [repr(entry) for entry in case.entries if entry.accepted_at >= 0]
    return [*map(", ".join, zip(told, true, strict=True)), *entries]


if __name__ == "__main__":
    sys.exit(main())
