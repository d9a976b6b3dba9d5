"""What a Notion page's properties say about it: people, times and tags, by their names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from knowledge.readers._frontmatter import moment
from knowledge.readers._nobody import is_nobody
from knowledge.types import Contributor, Role

_AUTHORS = frozenset("created by|author|authors|owner|written by|page owner".split("|"))
_EDITORS = frozenset(
    "last edited by|last updated by|edited by|editor|editors|contributors|contributor".split("|")
)
_TAGS = frozenset(
    "tags|tag|topic|topics|category|categories|label|labels|keywords|status".split("|")
)
_CREATED = frozenset("created|created time|created at|date created|creation date".split("|"))
_UPDATED = frozenset(
    "last edited|last edited time|last updated|last updated time|updated|updated at|edited"
    "|last modified".split("|")
)
KNOWN = _AUTHORS | _EDITORS | _TAGS | _CREATED | _UPDATED
"""Names that are properties wherever a page begins with them."""

_ZONE = re.compile(r"\s*\((?:GMT|UTC)?([+-]\d{1,2})?(?::?(\d\d))?[^)]{0,12}\)$")
_FORMATS = (
    *("%B %d, %Y %I:%M %p", "%B %d, %Y %H:%M", "%B %d, %Y", "%b %d, %Y %I:%M %p", "%b %d, %Y"),
    *("%Y/%m/%d %I:%M %p", "%Y/%m/%d %H:%M", "%Y/%m/%d", "%d %B %Y %H:%M", "%d %B %Y"),
)


@dataclass(frozen=True, slots=True)
class Property:
    """One property: its name, its value as text, and of what kind it is where that is known."""

    name: str
    value: str
    values: tuple[str, ...] = ()
    kind: str = ""


@dataclass(frozen=True, slots=True)
class About:
    """What all of a page's properties say together."""

    contributors: tuple[Contributor, ...]
    tags: tuple[str, ...]
    created_at: datetime | None
    updated_at: datetime | None


def about(properties: Iterable[Property]) -> About:
    """People, tags and times."""
    people: dict[str, Contributor] = {}
    tags: list[str] = []
    created = updated = None
    for one in properties:
        name = one.name.strip().lower()
        values = one.values or tuple(part.strip() for part in one.value.split(","))
        values = tuple(value for value in values if value)
        named = [value for value in values if not is_nobody(value)]
        if name in _AUTHORS or one.kind == "created_by":
            for value in named:
                people[value] = Contributor(value, Role.AUTHOR)
        elif name in _EDITORS or one.kind == "last_edited_by":
            for value in named:
                people.setdefault(value, Contributor(value, Role.EDITOR))
        elif name in _TAGS:
            tags += [value for value in values if len(value) <= 100]
        elif name in _CREATED or one.kind == "created_time":
            created = created or time(one.value)
        elif name in _UPDATED or one.kind == "last_edited_time":
            updated = updated or time(one.value)
    return About(tuple(people.values()), tuple(dict.fromkeys(tags)), created, updated or created)


def time(text: str) -> datetime | None:
    """A time as Notion writes it, in English; the first of two. UTC where no zone is told."""
    written = " ".join(text.replace("@", "").split("\u2192")[0].split())
    zone = UTC
    if found := _ZONE.search(written):
        written = written[: found.start()]
        hours, minutes = int(found[1] or 0), int(found[2] or 0)
        if abs(hours) < 15:
            sign = -1 if hours < 0 else 1
            zone = timezone(timedelta(hours=hours, minutes=sign * min(minutes, 59)))
    for format in _FORMATS:
        try:
            return datetime.strptime(written, format).replace(tzinfo=zone).astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    return moment(written)
