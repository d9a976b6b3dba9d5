"""Who can read a document, and why: for whoever reads it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection

from knowledge.store import access, documents, people, profiles
from knowledge.store.database import Database
from knowledge.types import EVERYONE, PUBLIC, Person, Principal


class Kind(StrEnum):
    """What lets somebody read."""

    PUBLIC = "public"
    EVERYONE = "everyone"
    GROUP = "group"
    PERSON = "person"


class Why(StrEnum):
    """Where a condition comes from: its source has the restriction, or it was said here."""

    SOURCE = "source"
    HERE = "here"


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who meets a condition. ``group`` is a group's name; ``person`` is None for somebody
    whom the asker may not see. ``you``: the asker meets it by this."""

    kind: Kind
    group: str | None
    person: Person | None
    you: bool


@dataclass(frozen=True, slots=True)
class Condition:
    """A reader has to be one of these."""

    any_of: tuple[Reader, ...]
    why: Why


def conditions(database: Database, document_id: int, principal: Principal) -> tuple[Condition, ...]:
    """All that a reader of a document has to meet. Raises NotFound, also for who may not read it.

    To whoever reads a document nothing of it is hidden, so neither is whom it is for: but people
    are named only to those who see them.
    """
    with database.read() as connection:
        documents.get(connection, document_id, principal)
        row = documents.audiences_of(connection, document_id)
        told = None if row.rights_id is None else access.audience_of(connection, row.rights_id)
        rights = () if told is None else told.clauses
        return tuple(
            Condition(
                tuple(_reader(connection, token, principal) for token in clause),
                Why.SOURCE if clause in rights else Why.HERE,
            )
            for clause in access.audience_of(connection, row.audience_id).clauses
        )


def _reader(connection: Connection, token: str, principal: Principal) -> Reader:
    you = token in principal.tokens
    if token in (PUBLIC, EVERYONE):
        return Reader(Kind(token), None, None, you)
    kind, _, name = token.partition(":")
    if kind == Kind.GROUP:
        return Reader(Kind.GROUP, name, None, you)
    whole = people.whole(connection, int(name))
    return Reader(Kind.PERSON, None, profiles.maybe(connection, whole, principal), you)
