"""The phases of a deployment, as observed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qovery_helm_deploy.deployment.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qovery_helm_deploy.deployment.status import State


_STARTING = "starting"


@dataclass(frozen=True, kw_only=True)
class Phase:
    """A time in which the standing and the state did not change; in seconds since the acceptance."""

    name: str
    began_at: float
    ended_at: float
    is_running: bool = False


def extended(phases: Sequence[Phase], standing: Standing, state: State | None, *, at: float) -> tuple[Phase, ...]:
    """Add an observation: it ends the last phase, and begins another if the standing or the state changed."""
    so_far = [*phases[:-1], replace(phases[-1], ended_at=at)] if phases else []
    name = _name_of(standing, state)
    if name == _STARTING and so_far:
        return tuple(so_far)  # While the standing is unclear, the last phase lasts.
    if name and not (so_far and so_far[-1].name == name):
        is_running = standing is Standing.RUNNING
        so_far.append(Phase(name=name, began_at=at, ended_at=at, is_running=is_running))
    return tuple(so_far)


def _name_of(standing: Standing, state: State | None) -> str:
    match standing:
        case Standing.QUEUED:
            return "queued"
        case Standing.RUNNING:
            return state.in_words if state else "running"
        case Standing.UNCLEAR | Standing.STARTING:
            return _STARTING
        case _:
            return ""
