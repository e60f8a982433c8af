"""An entry of Qovery's deployment log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qovery_helm_deploy.shortening import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

#: A cause stands in an annotation of 4,096 characters, with other texts.
_LONGEST_CAUSE = 2000


@dataclass(frozen=True, kw_only=True)
class LogEntry:
    """One entry; `transmitter_id` is the service it is about. The texts are Qovery's or the cluster's own."""

    timestamp: str = ""
    transmitter_id: str | None = None
    step: str | None = None
    message: str | None = None
    error: str | None = None
    hint: str | None = None
    link: str | None = None
    underlying_error: str | None = None

    @property
    def is_error(self) -> bool:
        return self.error is not None or self.underlying_error is not None

    @property
    def cause(self) -> str:
        """The error and its underlying error, shortened; empty if the entry has no words."""
        texts = (self.error, self.underlying_error) if self.error or self.underlying_error else (self.message,)
        words = dict.fromkeys((text or "").strip().rstrip(". ") for text in texts)
        sentence = ". ".join(text for text in words if text)
        if not sentence:
            return ""
        return f"{shortened(sentence, _LONGEST_CAUSE)}."

    @property
    def lines(self) -> Iterator[str]:
        """The entry as lines for a reader."""
        if self.message or self.error:
            yield from (self.error or self.message or "").splitlines()
        if self.underlying_error and self.underlying_error != self.error:
            yield from self.underlying_error.splitlines()
        if self.hint:
            yield f"Hint: {self.hint}"
        if self.link:
            yield f"See: {self.link}"
