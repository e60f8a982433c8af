"""Finds the coincidences of a history; the engine promises correct results for at most one of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from qovery_helm_deploy.deployment.assumptions import USUAL_START
from tests.proof.observations import Endpoint, id_in_answer
from tests.proof.world import OURS, OWN, Entry, Fate, World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.proof.observations import View


def coincidences_of(world: World, view: View) -> list[str]:
    """Return one text for each coincidence."""
    return [
        *_unseen_requests(world, view),
        *_removals(world, view),
        *_unseen_mergers(world, view),
        *(f"{entry.id} began late" for entry in world.executions if entry.began_at - entry.left_at > USUAL_START),
    ]


def _unseen_requests(world: World, view: View) -> Iterator[str]:
    """Yield requests that became an execution with our service, and that neither the queue nor a 202 showed."""
    baseline = next(iter(view.shown_at(Endpoint.HISTORY)), -math.inf)
    known = {OWN, id_in_answer(world, view.accepted_id)}
    for entry in world.executions:
        is_new = OURS in entry.ends and entry.began_at > baseline
        if is_new and entry.id not in known and not _is_ever_listed(entry, view):
            yield f"{entry.id} was never listed"


def _removals(world: World, view: View) -> Iterator[str]:
    for entry in world.entries:
        if entry.fate is Fate.REMOVED:
            yield f"{entry.id} was removed"
            if entry is world.own and not _is_ever_listed(entry, view):
                yield f"{entry.id} was removed before it was listed"


def _unseen_mergers(world: World, view: View) -> Iterator[str]:
    """Yield mergers that nothing shows, but for those of others' requests that were never listed."""
    holder = world.holders[OWN]
    if holder.id != OWN and id_in_answer(world, view.accepted_id) != holder.id and not _has_grown(holder, view):
        yield f"{OWN} was merged into {holder.id} unseen"
    for entry in world.entries:
        matters = entry is holder or _is_ever_listed(entry, view)
        if matters and entry.merged_into and not _is_merger_shown(entry, entry.merged_into, view):
            yield f"{entry.id} was merged into {entry.merged_into.id} unseen"


def _is_ever_listed(entry: Entry, view: View) -> bool:
    return any(entry.is_listed_at(time) for time in view.shown_at(Endpoint.QUEUE))


def _is_merger_shown(entry: Entry, into: Entry, view: View) -> bool:
    """Return whether the queue listed an entry, and the first time without it the one it was merged into."""
    was_listed = False
    for time in view.shown_at(Endpoint.QUEUE):
        is_listed = entry.is_listed_at(time)
        if was_listed and not is_listed:
            return into.is_listed_at(time)
        was_listed = is_listed
    return False


def _has_grown(entry: Entry, view: View) -> bool:
    """Return whether the queue listed an entry without our service and later with it."""
    services = [entry.services_at(time) for time in view.shown_at(Endpoint.QUEUE) if entry.is_listed_at(time)]
    return bool(services) and OURS not in services[0] and OURS in services[-1]
