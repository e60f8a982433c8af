"""Reads the body of an answer: bounded, inflated where a proxy compressed it, as JSON."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from qovery_helm_deploy.errors import NoAnswerError, QoveryError
from qovery_helm_deploy.qovery.budget import retry_after

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MIB = 1024 * 1024
#: The members of both forms of Qovery's error bodies.
_ERROR_MEMBERS = {"status", "error", "message", "path", "timestamp", "type", "title", "detail", "instance"}
#: Refusals that are Qovery's without a body, too: proxies answer 407 instead of 401, and never 409.
_BARE = {401, 409}
_DENIED = {401, 403}
_OR_ELSE = "If there is none, check the token."
_IN_BETWEEN = "Check `api_url`, and any proxy, firewall or load balancer on the way."


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer; `trouble` says why its body did not arrive, or cannot be used."""

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
            if "json" not in self._content_type:
                raise self.as_interposed() from None
            words = f"Qovery's answer cannot be read as JSON ({self._content_type}, {len(self.body)} bytes)."
            raise NoAnswerError(words) from None

    @property
    def reason(self) -> str:
        """The status in numbers and words."""
        return f"{self.status} {httpx.codes.get_reason_phrase(self.status)}".strip()

    def error_message(self) -> str | None:
        """Return the message of Qovery's error body, or None if the answer is not Qovery's."""
        if self.status in _BARE and not self.body and not self.trouble:
            return ""
        try:
            body = self.json()
        except QoveryError:
            return None
        if not isinstance(body, dict) or not _ERROR_MEMBERS & body.keys():
            return None
        if isinstance(body.get("status"), int) and body["status"] != self.status:
            return None
        texts = (body.get(name) for name in ("message", "detail", "error", "title"))
        return next((text for text in texts if text and isinstance(text, str)), "")

    def as_interposed(self) -> NoAnswerError:
        """Return the error that something between the runner and Qovery gave this answer."""
        return NoAnswerError(
            f"Something between the runner and Qovery answered {self.reason} ({self._content_type}).",
            hint=f"{_IN_BETWEEN} {_OR_ELSE}" if self.status in _DENIED else _IN_BETWEEN,
            retry_after=retry_after(self.headers),
        )

    @property
    def _content_type(self) -> str:
        return self.headers.get("content-type", "no content type")[:80]


async def read_body(response: httpx.Response, *, limit: int) -> bytes:
    """Read at most `limit` bytes. Raises `NoAnswerError` for more, and for what cannot be decompressed."""
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
            raise NoAnswerError(f"Qovery's answer cannot be decompressed: {error}.") from error

    return inflate
