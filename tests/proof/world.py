"""A small world: one Qovery environment, its queue and its executions, simulated without chance.

Times are seconds; Qovery accepts our deployment request at 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Our own service, and another one of the same environment.
OURS, ANOTHER = "S", "T"
#: The request id of our own deployment request.
OWN = "R"


@dataclass(frozen=True, kw_only=True)
class Request:
    """A deployment request. `pickup` is the time between leaving the queue and the beginning of the execution."""

    id: str
    user: str = "me"
    origin: str = "API"
    services: frozenset[str] = frozenset({OURS})
    arrives: float = 0.0
    duration: float = 2.0
    end: str = "DEPLOYED"
    pickup: float = 0.0
    removed_at: float = math.inf


class Merging(Enum):
    """Whether Qovery merges waiting requests of one user, and which of the two remains."""

    NONE = auto()
    INTO_OLDER = auto()
    INTO_NEWER = auto()


class QueueRules(NamedTuple):
    """How this world's Qovery treats its queue; `dispatch` is the least time that a request waits."""

    merging: Merging = Merging.NONE
    merges_across_services: bool = False
    dispatch: float = 0.0


class Fate(Enum):
    """Why an entry left the queue."""

    WAITING = auto()
    MERGED = auto()
    REMOVED = auto()
    STARTED = auto()


@dataclass(kw_only=True)
class Entry:
    """A request in the queue, with the requests merged into it, and the execution it became.

    `services` are the entry's services from each time on. `place` is the arrival of the first request in it.
    """

    request: Request
    services: list[tuple[float, frozenset[str]]]
    members: list[Request]
    place: float
    fate: Fate = Fate.WAITING
    left_at: float = math.inf
    merged_into: Entry | None = None
    began_at: float = math.inf
    ended_at: float = math.inf
    ends: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.request.id

    @property
    def survivor(self) -> Entry:
        """The entry that this one became part of, over all mergers."""
        return self.merged_into.survivor if self.merged_into else self

    @property
    def fingerprint(self) -> object:
        """What distinguishes this entry from others."""
        who = self.request.id, self.request.user, self.request.origin, self.request.arrives
        when = self.fate, self.left_at, self.began_at, self.ended_at
        return who, when, tuple(self.services), tuple(sorted(self.ends.items())), self.survivor.id

    @property
    def end(self) -> str:
        """The end of the whole execution."""
        ends = set(self.ends.values())
        return next((end for end in ("DEPLOYMENT_ERROR", "CANCELED") if end in ends), "DEPLOYED")

    def services_at(self, time: float) -> frozenset[str]:
        return [services for since, services in self.services if since <= time][-1]

    def is_listed_at(self, time: float) -> bool:
        return self.request.arrives <= time < self.left_at

    def is_pending_at(self, time: float) -> bool:
        """Return whether this entry waits, or left the queue and has not begun."""
        until = self.began_at if self.fate is Fate.STARTED else self.left_at
        return self.request.arrives <= time < until


@dataclass(kw_only=True)
class World:
    """Everything that happened.

    `entries` are in order of arrival, `executions` in order of beginning. `holders` are the entries that each request
    became when it came, by its id.
    """

    requests: dict[str, Request]
    entries: list[Entry] = field(default_factory=list)
    executions: list[Entry] = field(default_factory=list)
    holders: dict[str, Entry] = field(default_factory=dict)

    @property
    def fingerprint(self) -> object:
        """What distinguishes this world from others, as far as it can ever show."""
        return self.holders[OWN].id, tuple(entry.fingerprint for entry in self.entries)

    @property
    def own(self) -> Entry:
        """The entry that our own request ended up in."""
        return self.holders[OWN].survivor

    @property
    def result(self) -> str:
        """What became of our service by our request: the end of its deployment, or `REMOVED`."""
        return self.own.ends[OURS] if self.own.fate is Fate.STARTED else "REMOVED"


def simulate(requests: Iterable[Request], rules: QueueRules) -> World:
    """Return what happens to the requests."""
    world = World(requests={request.id: request for request in requests})
    queue: list[Entry] = []
    free_at = -math.inf
    arrivals = [(request.arrives, 1, request) for request in requests]
    removals = [(request.removed_at, 0, request) for request in requests if request.removed_at < math.inf]
    for time, is_arrival, request in sorted([*arrivals, *removals], key=lambda event: event[:2]):
        free_at = _start(queue, world, rules, free_at=free_at, until=time)
        if is_arrival:
            _arrive(queue, world, rules, request)
        else:
            _remove(queue, request)
    _start(queue, world, rules, free_at=free_at, until=math.inf)
    return world


def _start(queue: list[Entry], world: World, rules: QueueRules, *, free_at: float, until: float) -> float:
    """Start executions up to a time, and return when the environment is free for the next one."""
    while queue:
        entry = queue[0]
        leaves_at = max(free_at, entry.place + rules.dispatch)
        if leaves_at > until:
            break
        del queue[0]
        entry.fate, entry.left_at = Fate.STARTED, leaves_at
        entry.began_at = leaves_at + entry.request.pickup
        entry.ended_at = free_at = entry.began_at + entry.request.duration
        for member in (entry.request, *reversed(entry.members)):
            for service in member.services:
                entry.ends.setdefault(service, member.end)
        world.executions.append(entry)
    return free_at


def _arrive(queue: list[Entry], world: World, rules: QueueRules, request: Request) -> None:
    partner = next((entry for entry in queue if _may_merge(entry, request, rules)), None)
    if partner and rules.merging is Merging.INTO_OLDER:
        partner.members.append(request)
        partner.services.append((request.arrives, partner.services[-1][1] | request.services))
        world.holders[request.id] = partner
        return
    entry = Entry(
        request=request, services=[(request.arrives, request.services)], members=[request], place=request.arrives
    )
    world.entries.append(entry)
    world.holders[request.id] = entry
    if not partner:
        queue.append(entry)
        return
    queue[queue.index(partner)] = entry
    partner.fate, partner.left_at, partner.merged_into = Fate.MERGED, request.arrives, entry
    entry.place = partner.place
    entry.members = [*partner.members, request]
    entry.services = [(request.arrives, partner.services[-1][1] | request.services)]


def _may_merge(entry: Entry, request: Request, rules: QueueRules) -> bool:
    is_for_same = request.services == entry.services[-1][1] or rules.merges_across_services
    return rules.merging is not Merging.NONE and entry.request.user == request.user and is_for_same


def _remove(queue: list[Entry], request: Request) -> None:
    entry = next((entry for entry in queue if entry.id == request.id), None)
    if entry:
        queue.remove(entry)
        entry.fate, entry.left_at = Fate.REMOVED, request.removed_at
