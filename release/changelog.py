"""Reads what a release is to say of itself from CHANGELOG.md."""

from __future__ import annotations

import re

_HEADING = re.compile(r"^## \[(?P<name>[^\]]+)\](?: - (?P<date>\d{4}-\d{2}-\d{2}))?$", re.MULTILINE)


class ChangelogError(Exception):
    """The changelog does not say what a release needs."""


def notes_for(changelog: str, version: str, *, is_tagged: bool) -> str:
    """Return the section of a version; before it is tagged, that of what is unreleased serves too.

    Raises `ChangelogError` where there is none, it is empty or, once tagged, has no date.
    """
    sections = _sections(changelog)
    heading, body = sections.get(version, (None, ""))
    if heading is None and not is_tagged:
        heading, body = sections.get("Unreleased", (None, ""))
    if heading is None:
        raise ChangelogError(f"CHANGELOG.md has no section for {version}: rename that of what is unreleased.")
    if is_tagged and not heading["date"]:
        raise ChangelogError(f"CHANGELOG.md tells no date of {version}, as in `## [{version}] - 2026-01-31`.")
    if not body.strip():
        raise ChangelogError(f"CHANGELOG.md says nothing about {version}.")
    return f"{body.strip()}\n"


def _sections(changelog: str) -> dict[str, tuple[re.Match[str], str]]:
    headings = list(_HEADING.finditer(changelog))
    ends = [*(heading.start() for heading in headings), len(changelog)][1:]
    return {
        heading["name"]: (heading, changelog[heading.end() : end]) for heading, end in zip(headings, ends, strict=True)
    }
