"""Which calls go wrong: rules that pick calls and say what befalls them."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from starlette.types import ASGIApp, Receive, Scope, Send


class Fault(Protocol):
    """Stands between the caller and `app`, which answers properly when it is let."""

    async def __call__(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send, /) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call about to be served; `number` counts those with this method and path template from 1."""

    method: str
    path: str
    number: int
    at: float
    random: random.Random = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class When:
    """Picks calls; everything given has to apply. `path` is a template, `since` and `until` are world seconds."""

    method: str | None = None
    path: str | None = None
    nth: Container[int] | None = None
    since: float = 0.0
    until: float = float("inf")
    probability: float = 1.0

    def __call__(self, call: Call) -> bool:
        return (
            self.method in {None, call.method}
            and self.path in {None, call.path}
            and (self.nth is None or call.number in self.nth)
            and self.since <= call.at < self.until
            and (self.probability >= 1 or call.random.random() < self.probability)
        )


@dataclass(frozen=True)
class Rule:
    """What befalls the calls that `when` picks, by `When` or any other function of a call."""

    when: Callable[[Call], bool]
    fault: Fault


@dataclass(kw_only=True)
class Faults:
    """Rules in order, the first one nearest to the caller; a call may be picked by several."""

    rules: list[Rule] = field(default_factory=list)
    seed: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 - repeatability is the point
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(self, when: Callable[[Call], bool], fault: Fault) -> None:
        self.rules.append(Rule(when, fault))

    def strike(self, *, method: str, path: str, at: float) -> list[Fault]:
        """Count a call and tell what befalls it."""
        self._counts[method, path] += 1
        call = Call(method=method, path=path, number=self._counts[method, path], at=at, random=self._random)
        return [rule.fault for rule in self.rules if rule.when(call)]
