"""Whom a source's restrictions mean here: groups and accounts become an audience.

Nothing is ever readable by more people than in its source. A group is ours of exactly the same
name; an account is a colleague to whom the directory gives its address, or its handle in that
source. What documents say of people opens nothing. Who cannot be told is left out, and where that
leaves nobody, the importer alone reads.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from knowledge import people
from knowledge.store import people as store
from knowledge.types import EVERYONE, PUBLIC, Audience, Grantee

NOBODY = "person:0"
"""A token that nobody holds: ids of people begin at 1."""
_MOST = 500


@dataclass(frozen=True, slots=True)
class Mapped:
    """``unmapped`` names who was left out, as the source calls them."""

    audience: Audience
    unmapped: tuple[str, ...] = ()


def resolve(
    connection: Connection,
    source: str,
    restrictions: Iterable[tuple[Grantee, ...]],
    importer: str = NOBODY,
) -> Mapped:
    """The audience that clauses of a source mean. ``importer`` is the token of who brings it in."""
    clauses: list[list[str]] = []
    unmapped: list[str] = []
    for clause in restrictions:
        tokens = []
        for grantee in clause[:_MOST]:
            token = _token(connection, source, grantee)
            if token is None:
                unmapped.append(named(grantee))
            else:
                tokens.append(token)
        unmapped += map(named, clause[_MOST:])
        clauses.append(tokens or [importer])
    return Mapped(Audience.of(*clauses), tuple(dict.fromkeys(unmapped)))


def joined(rights: Audience, other: Audience) -> Audience:
    """Readers of both. What is open to all adds nothing, so it is not written down."""
    clauses = [
        clause
        for clause in (*rights.clauses, *other.clauses)
        if EVERYONE not in clause and PUBLIC not in clause
    ]
    if clauses:
        return Audience.of(*clauses)
    # One of the two may be open to the world, but the other is for whoever is signed in.
    public = all(PUBLIC in clause for clause in (*rights.clauses, *other.clauses))
    return Audience.of(PUBLIC if public else EVERYONE)


def named(grantee: Grantee) -> str:
    """A grantee in words, as the source calls them."""
    if grantee.group is not None:
        return f"group {grantee.group}"
    return grantee.email or grantee.handle or "everyone with an account"


def _token(connection: Connection, source: str, grantee: Grantee) -> str | None:
    if grantee.group is not None:
        try:
            return Audience.of(f"group:{grantee.group}").clauses[0][0]
        except ValueError:
            return None
    if grantee.email is None and grantee.handle is None:
        return EVERYONE
    email = people.clean_email(grantee.email)
    found = store.vouched(connection, email, source, grantee.handle)
    return f"person:{found}" if found else None
