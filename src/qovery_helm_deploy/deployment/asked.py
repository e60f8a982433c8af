"""What the step asks Qovery to deploy."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qovery_helm_deploy.deployment.execution import ServiceResult

#: The fewest digits to which git abbreviates a commit.
_SHORT_COMMIT = 7
#: What YAML makes of a number: `1.10` becomes `1.1`, and `1.0` becomes `1`.
_NUMBER = re.compile(r"[0-9]+(\.[0-9]*[1-9])?")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The versions to deploy; `None` leaves the choice to Qovery.

    With `only_differences` (Qovery's `forceEvent=DIFF`), Qovery may run no deployment at all.
    """

    chart_version: str | None = None
    git_commit_id: str | None = None
    values_override_git_commit_id: str | None = None
    only_differences: bool = False

    def of(self, name: str) -> str:
        """Return what is deployed in words: a name and its versions."""
        has_versions = self.chart_version or self.git_commit_id or self.values_override_git_commit_id
        return f"{name}: {self}" if has_versions else f"{name} with {self}"

    def __str__(self) -> str:
        """Return the versions in words."""
        parts = (
            ("chart", self.chart_version),
            ("commit", self.git_commit_id),
            ("values from commit", self.values_override_git_commit_id),
        )
        what = ", ".join(f"{name} {value}" for name, value in parts if value) or "the versions set in Qovery"
        return f"{what}, with force_event DIFF" if self.only_differences else what

    @property
    def quoting_hint(self) -> str:
        """Advice for a chart version that Qovery does not find, if YAML may have shortened it, else an empty text."""
        version = self.chart_version or ""
        if not _NUMBER.fullmatch(version):
            return ""
        written = f"{version}0" if "." in version else f"{version}.0"
        return f"If you wrote {written} without quotes, YAML made it {version}: put it in quotes."

    def is_met_by(self, result: ServiceResult) -> bool:
        """Return whether history shows these versions, or no versions."""
        is_version = _is_same_version(result.chart_version, self.chart_version)
        return is_version and _is_same_commit(result.git_commit_id, self.git_commit_id)

    def is_shown_by(self, result: ServiceResult) -> bool:
        """Return whether history shows every version asked for."""
        is_version_shown = self.chart_version is None or result.chart_version is not None
        is_commit_shown = self.git_commit_id is None or result.git_commit_id is not None
        return is_version_shown and is_commit_shown and self.is_met_by(result)


def _is_same_version(seen: str | None, asked: str | None) -> bool:
    """Compare chart versions."""
    return seen is None or asked is None or _normalized(seen) == _normalized(asked)


def _normalized(version: str) -> str:
    """Remove what charts and registries change in a version.

    Some charts put a `v` before it. A tag of an OCI registry cannot contain `+`, so Helm writes `_`.
    """
    return version.removeprefix("v").replace("+", "_")


def _is_same_commit(seen: str | None, asked: str | None) -> bool:
    """Compare commits, of which either may be abbreviated."""
    if seen is None or asked is None:
        return True
    short, long = sorted((seen.lower(), asked.lower()), key=len)
    return short == long or (len(short) >= _SHORT_COMMIT and long.startswith(short))
