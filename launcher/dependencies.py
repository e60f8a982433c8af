"""Finds the package's locked dependencies for this very Python."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from interruption import Interruption
from places import kept_places, key_of


@contextmanager
def dependencies(requirements: Path, environment: Mapping[str, str], interruption: Interruption) -> Iterator[Path]:
    """Give the directory to import them from: kept by an earlier run, or else installed now."""
    key = key_of(requirements.read_bytes())
    places = kept_places(environment, key)
    for place in places:
        if place.is_complete():
            yield place.directory
            return

    # Only the first run on a machine pays for importing what an installation takes.
    from installation import Installation  # noqa: PLC0415

    with Installation(requirements, environment, interruption).into(places, key) as directory:
        yield directory
