"""What each job downloads before the step can start: ``python -m release.size`` measures the archive in ``dist/``."""

from __future__ import annotations

import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Self

#: The most that an archive may have, in bytes.
LIMIT = 10_000_000

_DIST = Path(__file__).resolve().parents[1] / "dist"


@dataclass(frozen=True, kw_only=True)
class Size:
    """The size of an archive, `compressed` and `unpacked`, in bytes."""

    compressed: int
    unpacked: int
    files: int

    @classmethod
    def of(cls, archive: Path) -> Self:
        with tarfile.open(archive) as packed:
            sizes = [member.size for member in packed if member.isfile()]
        return cls(compressed=archive.stat().st_size, unpacked=sum(sizes), files=len(sizes))

    def __str__(self) -> str:
        return f"{self.compressed / 1e6:.1f} MB compressed, {self.unpacked / 1e6:.1f} MB in {self.files} files unpacked"


if __name__ == "__main__":
    for each in sorted(_DIST.glob("*.tar.gz")):
        sys.stdout.write(f"{each.name}: {Size.of(each)}\n")
