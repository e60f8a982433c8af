"""Reads the body of an answer: bounded, inflated where a proxy compressed it, as JSON."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qovery_helm_deploy.errors import NoAnswerError, QoveryError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import httpx

MIB = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back; `trouble` says why the body did not, or cannot be used. The status counts all the same."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    trouble: QoveryError | None = None

    def json(self) -> object:
        """Read the body. Raises `QoveryError` where there is none that can be read."""
        if self.trouble:
            raise self.trouble
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            kind = self.headers.get("content-type", "no content type")[:80]
            raise NoAnswerError(f"Qovery's answer cannot be read as JSON ({kind}, {len(self.body)} bytes).") from None

    def error_message(self) -> str | None:
        """Return what an error says of itself: its fields after Qovery's specification, never a proxy's page."""
        try:
            fields = self.json()
        except QoveryError:
            return None
        told = fields.get("message") or fields.get("error") if isinstance(fields, dict) else None
        return told if isinstance(told, str) else None


async def read_body(response: httpx.Response, *, limit: int) -> bytes:
    """Read at most `limit` bytes. Raises `NoAnswerError` for more, and for what cannot be inflated."""
    inflate = _inflation(response.headers.get("content-encoding", "identity").lower())
    body = bytearray()
    async for part in response.aiter_raw():
        # Compressed, a small answer could grow beyond any limit: it is inflated no further than that.
        body += inflate(part, limit + 1 - len(body)) if inflate else part
        if len(body) > limit:
            raise NoAnswerError(f"Qovery's answer is larger than {limit // MIB} MiB.")
    return bytes(body)


def _inflation(encoding: str) -> Callable[[bytes, int], bytes] | None:
    """Return what inflates an answer; a proxy may compress it although none was asked for."""
    if encoding in {"identity", ""}:
        return None
    if encoding not in {"gzip", "x-gzip"}:
        raise NoAnswerError(f"Qovery's answer is compressed as {encoding[:40]}, which was not asked for.")
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)

    def inflate(part: bytes, longest: int) -> bytes:
        try:
            return inflater.decompress(part, longest)
        except zlib.error as error:
            raise NoAnswerError(f"Qovery's answer cannot be inflated: {error}.") from error

    return inflate
