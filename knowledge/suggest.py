"""What the letters typed so far may become: titles, colleagues and tags that begin so."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from knowledge.store import documents, suggest
from knowledge.store.database import Database
from knowledge.types import Document, Principal
from knowledge.words import begin, words

_LOOKED_AT = 60


class Suggested(StrEnum):
    """What is suggested."""

    DOCUMENT = "document"
    PERSON = "person"
    TAG = "tag"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """``id`` is the document's or person's; a tag has none."""

    kind: Suggested
    text: str
    id: int | None = None


def suggestions(
    database: Database, text: str, principal: Principal, limit: int
) -> list[Suggestion]:
    """At most ``limit``, documents first, then people and tags; all from what the asker may read,
    people also from the directory. Every word of ``text`` begins a word of each suggestion."""
    wanted = words(text)
    if not wanted:
        return []
    with database.read() as connection:
        ids = suggest.document_ids(connection, wanted, principal, _LOOKED_AT)
        loaded = documents.load(connection, ids, principal)
        signed_in = principal.signed_in or principal.operator
        listed = suggest.listed_people(connection, wanted, limit) if signed_in else []
    found = [loaded[key] for key in ids if key in loaded]
    return _mixed(
        [Suggestion(Suggested.DOCUMENT, d.title, d.id) for d in found if begin(d.title, wanted)],
        _people(found, listed, wanted),
        _tags(found, wanted),
        limit,
    )


def _people(
    found: list[Document], listed: list[tuple[int, str]], wanted: tuple[str, ...]
) -> list[Suggestion]:
    names = dict(listed)
    for document in found:
        for made in document.contributions:
            if made.person_id not in names and begin(made.name, wanted):
                names[made.person_id] = made.name
    return [Suggestion(Suggested.PERSON, name, key) for key, name in names.items()]


def _tags(found: list[Document], wanted: tuple[str, ...]) -> list[Suggestion]:
    counts = Counter(tag for document in found for tag in document.tags if begin(tag, wanted))
    ordered = sorted(counts, key=lambda tag: (-counts[tag], tag))
    return [Suggestion(Suggested.TAG, tag) for tag in ordered]


def _mixed(
    titles: list[Suggestion], people: list[Suggestion], tags: list[Suggestion], limit: int
) -> list[Suggestion]:
    """Half for titles, and a fair part for the rest; what one kind leaves the others may fill."""
    fair_people, fair_tags = limit // 3, limit // 6
    rest = limit - min(len(people), fair_people) - min(len(tags), fair_tags)
    shown = titles[:rest]
    left = limit - len(shown)
    named = people[: max(left - min(len(tags), fair_tags), fair_people)]
    return [*shown, *named, *tags[: left - len(named)]][:limit]
