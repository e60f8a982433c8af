"""Who may call: tokens and the scheme each has to come with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from qovery_sandbox.identity import CI_USER, TOKEN


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What a token stands for: the user named in `triggered_by`, and whether it may do more than read."""

    value: str
    user: str = CI_USER
    scheme: Literal["Token", "Bearer"] = "Token"
    role: Literal["admin", "viewer"] = "admin"


@dataclass(kw_only=True)
class Access:
    """The tokens in force: API tokens come as `Token`, JWTs as `Bearer`, as Qovery's documentation says."""

    grants: dict[str, Grant] = field(default_factory=lambda: {TOKEN: Grant(value=TOKEN)})

    def allow(self, grant: Grant) -> None:
        self.grants[grant.value] = grant

    def revoke(self, value: str) -> None:
        self.grants.pop(value, None)

    def find(self, authorization: str | None) -> Grant | None:
        """Find the grant for an `Authorization` header; none when the token or its scheme is wrong."""
        scheme, _, value = (authorization or "").partition(" ")
        grant = self.grants.get(value)
        return grant if grant and grant.scheme == scheme else None
