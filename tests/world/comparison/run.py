"""The result of a run: its exit status, and its fate in the ledger of the sandbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qovery_sandbox import HELM_ID

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qovery_sandbox import Entry, World
    from tests.world.comparison.situations import Situation

_DEPARTURES = {"CANCELED": "canceled", "DEPLOYED": "deployed"}


@dataclass(frozen=True, kw_only=True)
class Fate:
    """What became of the deployment that was requested."""

    words: str
    is_as_asked: bool


@dataclass(frozen=True, kw_only=True)
class Run:
    """How a run ended; without an exit status, it had to be stopped. `outcome` is the output of the action."""

    exit_code: int | None
    fate: Fate
    outcome: str = ""

    @property
    def is_true(self) -> bool:
        """Whether the run is green exactly if the requested deployment succeeded."""
        return self.exit_code is not None and (self.exit_code == 0) == self.fate.is_as_asked


def fate_of(world: World, situation: Situation) -> Fate:
    """Return the fate of the request that came over HTTP, from the ledger."""
    requests = world.ledger.via_http()
    if not requests:
        return Fate(words="nothing was requested", is_as_asked=False)
    fate = world.ledger.fate(requests[0].request_id)
    asked = situation.asked
    has_version = asked is None or getattr(fate.deployed[HELM_ID], asked[0]) == asked[1]
    words = [_end(fate) if has_version else f"{_end(fate)}, without the version", *_others(world.ledger.entries())]
    if len(requests) > 1:
        words.append(f"requested {len(requests)} times")
    return Fate(words="; ".join(words), is_as_asked=fate.final_state == "DEPLOYED" and has_version)


def _end(fate: Entry) -> str:
    if fate.final_state is None:
        return "never ended"
    where = "" if fate.began_at is not None else " before it began"
    return f"{_DEPARTURES.get(fate.final_state, fate.final_state)}{where}"


def _others(entries: list[Entry]) -> Iterator[str]:
    for entry in entries:
        if entry.accepted_at >= 0 and not entry.via_http:
            of = "" if entry.service_id == HELM_ID else " of another service"
            yield f"a colleague's deployment{of}: {entry.final_state}"
