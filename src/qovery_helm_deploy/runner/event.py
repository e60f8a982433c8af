"""What the event that started the workflow says about secrets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_DEPENDABOT = "dependabot[bot]"
#: GitHub gives these events no secrets if the pull request comes from a fork.
_PULL_REQUEST_EVENTS = {"pull_request", "pull_request_review", "pull_request_review_comment"}


def why_no_secrets(environment: Mapping[str, str]) -> str | None:
    """Return why GitHub gave this workflow run no secrets and what to do about it, or None if it gave them."""
    if environment.get("GITHUB_ACTOR") == _DEPENDABOT:
        return (
            "is empty: GitHub gives no Actions secrets to runs that Dependabot starts. Store the token as a Dependabot"
            " secret as well, or skip the job with `if: github.actor != 'dependabot[bot]'`"
        )
    if environment.get("GITHUB_EVENT_NAME") in _PULL_REQUEST_EVENTS and _is_from_fork(environment):
        return (
            "is empty: GitHub gives no secrets to pull requests from forks. Deploy after the merge, on `push`, or skip"
            " the job with `if: github.event.pull_request.head.repo.full_name == github.repository`"
        )
    return None


def _is_from_fork(environment: Mapping[str, str]) -> bool:
    """Return whether the pull request comes from another repository; GitHub shows a deleted one as null."""
    try:
        event = json.loads(Path(environment.get("GITHUB_EVENT_PATH", "")).read_text(encoding="utf-8"))
        repository = event["pull_request"]["head"]["repo"]
        if repository is None:
            return True
        # A repository that is a fork may have pull requests of its own, which do get its secrets.
        is_own = repository.get("full_name") == environment.get("GITHUB_REPOSITORY", "")
        return not is_own and ("full_name" in repository or repository.get("fork") is True)
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return False
