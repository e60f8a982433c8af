from __future__ import annotations

import os

import pytest

from tests.world.comparison.ours import Ours
from tests.world.prism.server import missing


@pytest.fixture(scope="session")
def ours() -> Ours:
    return Ours()


@pytest.fixture(scope="session")
def prism_is_there() -> None:
    """Go no further without Prism: in CI that is a failure, elsewhere the tests are left out and say why."""
    reason = missing()
    if reason and os.environ.get("CI"):
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)
