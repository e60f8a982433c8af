"""Fixed ids of the sandbox, and a generator of reproducible ids."""

from __future__ import annotations

import random
import uuid

ORGANIZATION_ID = "5f1d2a60-7c3e-4b8a-9d21-0e6f4c7b1a01"
PROJECT_ID = "5f1d2a60-7c3e-4b8a-9d21-0e6f4c7b1a02"
CLUSTER_ID = "5f1d2a60-7c3e-4b8a-9d21-0e6f4c7b1a03"
STAGING_ID = "5f1d2a60-7c3e-4b8a-9d21-0e6f4c7b1a11"
PRODUCTION_ID = "5f1d2a60-7c3e-4b8a-9d21-0e6f4c7b1a12"
HELM_ID = "5f1d2a60-7c3e-4b8a-9d21-0e6f4c7b1a21"
GIT_HELM_ID = "5f1d2a60-7c3e-4b8a-9d21-0e6f4c7b1a22"
PRODUCTION_HELM_ID = "5f1d2a60-7c3e-4b8a-9d21-0e6f4c7b1a23"

TOKEN = "sandbox-token"  # noqa: S105 - a sandbox has nothing to protect
CI_USER = "ci-token"
COLLEAGUE = "alice@example.com"

_MILLISECONDS = 1000
_TIME_BITS, _RANDOM_BITS = 80, 62
_VERSION_7 = 0x7 << 76
_VARIANT = 0x2 << 62


def is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


class IdGenerator:
    """Generates ids from a seed. The same seed and the same calls give the same ids."""

    def __init__(self, *, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - reproducible on purpose
        self._count = 0

    def next_request_id(self, *, timestamp: float) -> str:
        """Return a version 7 UUID. Qovery's console sorts request ids by time. `timestamp` is Unix time."""
        self._count = (self._count + 1) % 0x1000
        milliseconds = int(timestamp * _MILLISECONDS)
        tail = self._random.getrandbits(_RANDOM_BITS)
        return str(uuid.UUID(int=milliseconds << _TIME_BITS | _VERSION_7 | self._count << 64 | _VARIANT | tail))

    def next_execution_id(self) -> str:
        """Return a random UUID, for the dialect without execution numbers."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def next_commit_id(self) -> str:
        return f"{self._random.getrandbits(160):040x}"
