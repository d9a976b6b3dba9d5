"""Which document somebody means who types its title, its number, or the address of its page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from sqlalchemy import Connection

from knowledge.errors import InvalidInput
from knowledge.limits import storable
from knowledge.store import documents, suggest
from knowledge.store.database import Database
from knowledge.types import Document, Principal
from knowledge.words import words

_ADDRESS = re.compile(r"(?:\S*/documents/)?([0-9]{1,19})/?(?:[?#]\S*)?", re.ASCII)
_MAX_ID = 2**63 - 1
_MAX_TITLE = 2000
# Of those whose title begins so; a title that is typed as it is written is found among any number.
_LOOKED_AT = 60


def meant(database: Database, typed: str, principal: Principal, at: str = "") -> int:
    """The id of the one document that the asker may read and is meant. A title is typed whole; case
    counts only where two differ in nothing else. Raises InvalidInput, ``at`` where it was typed,
    the same for unknown and forbidden."""
    with database.read() as connection:
        found = _found(connection, typed, principal)
    shown = " ".join(typed.split())[:100]
    if not found:
        raise InvalidInput(
            f"no document that you can read is called {shown!r}; choose one that is suggested, or "
            "give the address of its page",
            at,
        )
    if len(found) > 1:
        raise InvalidInput(
            f"several documents are called {shown!r}; give the address of the page of one", at
        )
    return found[0]


def names_of(connection: Connection, some: Sequence[Document], principal: Principal) -> list[str]:
    """What to type for documents that the asker may read: a title, where it means that one alone,
    and else the address of the page."""
    titles = {one.title for one in some}
    same = Counter(title for _, title in suggest.titled(connection, titles, principal))
    return [
        one.title
        if same[one.title] == 1 and not _ADDRESS.fullmatch(one.title.strip())
        else f"/documents/{one.id}"
        for one in some
    ]


def _found(connection: Connection, typed: str, principal: Principal) -> list[int]:
    told = typed.strip()
    number = _ADDRESS.fullmatch(told)
    if number and 1 <= int(number[1]) <= _MAX_ID:
        key = int(number[1])
        if documents.visible(connection, [key], principal):
            return [key]
    if not told or len(told) > _MAX_TITLE or not storable(told):
        return []
    same = [key for key, _ in suggest.titled(connection, [told], principal)]
    if same or not words(told):
        return same
    ids = suggest.document_ids(connection, words(told), principal, _LOOKED_AT)
    held = documents.load(connection, ids, principal)
    return [key for key in ids if key in held and _key(held[key].title) == _key(told)]


def _key(title: str) -> str:
    return " ".join(title.split()).casefold()
