"""What rules an execution out: who asked for it, through what, when, and with which versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qovery_helm_deploy.deployment.evidence import Identity

if TYPE_CHECKING:
    from qovery_helm_deploy.deployment.evidence import Asked, Execution

#: Origins, after `OrganizationEventOrigin` of Qovery's API specification, that a request of this action never has.
_OTHER_ORIGINS = frozenset({"CLI", "CONSOLE", "GIT", "QOVERY_INTERNAL", "SKILL", "TERRAFORM_PROVIDER"})
#: The origin that calls like ours are told to have.
OUR_ORIGIN = "API"
_OTHER_ACTIONS = frozenset({"DELETE", "RESTART", "STOP"})
#: The least digits by which git abbreviates a commit.
_SHORT_COMMIT = 7


def contradicts(execution: Execution, *, asked: Asked, identity: Identity | None) -> bool:
    """Whether history tells something of an execution that our request's cannot have."""
    is_other_action = execution.action in _OTHER_ACTIONS
    return is_other_action or has_other_versions(execution, asked) or not is_compatible(execution.by, identity)


def is_compatible(by: Identity, ours: Identity | None) -> bool:
    """Whether this may be us; `ours` is known once our request was seen in the queue."""
    if ours is None or ours.origin is None:
        return by.origin not in _OTHER_ORIGINS and may_be_of(by, ours or Identity())
    return may_be_of(by, ours)


def may_be_of(by: Identity, somebody: Identity) -> bool:
    """Whether two are the same, as far as both are told."""
    return not _differ(by.origin, somebody.origin) and not _differ(by.triggered_by, somebody.triggered_by)


def has_other_versions(execution: Execution, asked: Asked) -> bool:
    is_other_version = _differ(_plain(execution.chart_version), _plain(asked.chart_version))
    is_other_commit = _differ(execution.git_commit_id, asked.git_commit_id)
    return is_other_version or (is_other_commit and not _abbreviates(execution.git_commit_id, asked.git_commit_id))


def has_told_versions(execution: Execution, asked: Asked) -> bool:
    """Whether history tells that an execution has the versions asked for, where any were."""
    is_told = not asked.chart_version or execution.chart_version is not None
    is_commit_told = not asked.git_commit_id or execution.git_commit_id is not None
    return is_told and is_commit_told and not has_other_versions(execution, asked)


def is_told_as_asked(execution: Execution, asked: Asked) -> bool:
    """Whether history tells of what came through the API, with the versions asked for, and some were."""
    is_asked = asked.chart_version is not None or asked.git_commit_id is not None
    return is_asked and execution.by.origin == OUR_ORIGIN and has_told_versions(execution, asked)


def _differ(seen: str | None, expected: str | None) -> bool:
    return seen is not None and expected is not None and seen != expected


def _plain(version: str | None) -> str | None:
    """Leave out the `v` that some charts put before their version and others do not."""
    return version.removeprefix("v") if version else None


def _abbreviates(seen: str | None, asked: str | None) -> bool:
    short, long = sorted(((seen or "").lower(), (asked or "").lower()), key=len)
    return len(short) >= _SHORT_COMMIT and long.startswith(short)
