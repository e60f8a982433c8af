"""The addresses of the documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qovery_helm_deploy.deployment.verdict import Outcome

_OUTCOMES = "https://github.com/qovery-helm-deploy/qovery-helm-deploy/blob/v1/docs/outcomes.md"


def page_of(outcome: Outcome) -> str:
    """Return the address of the section about an outcome."""
    return f"{_OUTCOMES}#{outcome.value}"
