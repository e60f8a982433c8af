from __future__ import annotations

import os

import pytest

from tests.world.comparison.action_runner import ActionRunner
from tests.world.prism.server import missing


@pytest.fixture(scope="session")
def runner() -> ActionRunner:
    return ActionRunner()


@pytest.fixture(scope="session")
def prism_is_there() -> None:
    """Fail in CI, and skip elsewhere, if Prism is missing."""
    reason = missing()
    if reason and os.environ.get("CI"):
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)
