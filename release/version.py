"""The version: it stands in the package alone, and everything else takes it from there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path

_PLACE = "src/qovery_helm_deploy/__init__.py"
_VERSION = re.compile(r'^__version__ = "(?P<number>(?P<major>0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2})"$', re.MULTILINE)


class VersionError(Exception):
    """There is no version that can be released."""


@dataclass(frozen=True, kw_only=True)
class Version:
    """A version after Semantic Versioning, without pre-releases: users pin the major tag, and get every one."""

    number: str
    major: str

    @classmethod
    def of(cls, root: Path) -> Self:
        match = _VERSION.search((root / _PLACE).read_text(encoding="utf-8"))
        if match is None:
            raise VersionError(f'{_PLACE} has no line such as __version__ = "1.2.3".')
        return cls(number=match["number"], major=match["major"])

    @property
    def tag(self) -> str:
        return f"v{self.number}"

    @property
    def major_tag(self) -> str:
        return f"v{self.major}"
