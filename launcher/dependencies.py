"""Finds the package's locked dependencies for this very Python."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bundle import bundled, fits
from interruption import Interruption


@contextmanager
def dependencies(
    action: Path, environment: Mapping[str, str], interruption: Interruption, *, is_chosen: bool
) -> Iterator[Sequence[Path]]:
    """Give the directories to import them from: the release's own, kept by an earlier run, or else installed now.

    Rather than install, another Python of this machine starts in place of this one if the release's own fit that,
    unless this one was so chosen.
    """
    requirements = action / "launcher" / "requirements.txt"
    locked = requirements.read_bytes()
    if directories := bundled(action / "bundle", locked):
        yield directories
        return

    # What a release carries needs none of this.
    from places import kept_places, key_of  # noqa: PLC0415

    key = key_of(locked)
    places = kept_places(environment, key)
    for place in places:
        if place.is_complete():
            yield [place.directory]
            return

    if not is_chosen and not fits(action / "bundle"):
        from other_python import find, hand_over  # noqa: PLC0415

        if python := find(str(action / "bundle"), only_bundled=True):
            raise SystemExit(hand_over(python))

    # Only the first run on a machine pays for importing what an installation takes.
    from installation import Installation  # noqa: PLC0415

    with Installation(requirements, environment, interruption).into(places, key) as directory:
        yield [directory]
