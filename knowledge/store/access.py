"""THE access rule: who may read what. Nothing else in the project decides it.

A reader satisfies an audience when every one of its clauses holds one of the reader's tokens.
Roles grant nothing here; only the operator of the machine (the CLI) reads everything.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    String,
    bindparam,
    cast,
    func,
    insert,
    null,
    select,
    true,
    union_all,
)

from knowledge.errors import InvalidInput, NotFound
from knowledge.store.among import gathered
from knowledge.store.identity_tables import claimed_groups
from knowledge.store.tables import (
    audience_tokens,
    audiences,
    documents,
    group_members,
    people,
    person_emails,
)
from knowledge.types import Audience, Principal

# Longer ones would not fit into an index row of PostgreSQL.
_MAX_CANONICAL = 500
# Made once: every request asks it. The groups, of the directory and of the provider with which they
# sign in, and the records that are part of the person.
_HELD = union_all(
    *(
        select(table.c.slug, cast(null(), BigInteger).label("part")).where(
            table.c.person_id == bindparam("person_id")
        )
        for table in (group_members, claimed_groups)
    ),
    select(cast(null(), String), people.c.id).where(people.c.merged_into == bindparam("person_id")),
)


@lru_cache(maxsize=1024)
def readable_by(principal: Principal) -> ColumnElement[bool]:
    """The condition on ``documents`` that every query on behalf of an asker must carry. Nobody
    reads what is archived.

    Kept by principal only to save building it: it is evaluated by the database every time.
    """
    there = documents.c.archived_at.is_(None)
    if principal.operator:
        return there
    return there & documents.c.audience_id.in_(_satisfied(principal))


def within(audience_id: ColumnElement[Any], principal: Principal) -> ColumnElement[bool]:
    """The same rule for an audience that stands elsewhere; nobody is in an unknown one."""
    return true() if principal.operator else audience_id.in_(_satisfied(principal))


def sees_directory(principal: Principal) -> bool:
    """Whether the directory of colleagues, with their addresses, is open to the asker."""
    return principal.signed_in or principal.operator


def allowed_audiences(connection: Connection, principal: Principal) -> frozenset[int] | None:
    """The asker's scope: ids of the audiences they satisfy. None for the operator: all."""
    if principal.operator:
        return None
    return frozenset(connection.execute(_scope(principal)).scalar_one())


@lru_cache(maxsize=1024)
def _satisfied(principal: Principal) -> Select[tuple[int]]:
    held = (
        select(
            audience_tokens.c.audience_id.label("id"),
            func.count(audience_tokens.c.clause.distinct()).label("held"),
        )
        .where(audience_tokens.c.token.in_(sorted(principal.tokens)))
        .group_by(audience_tokens.c.audience_id)
        .subquery()
    )
    return select(audiences.c.id).join(
        held, (held.c.id == audiences.c.id) & (held.c.held == audiences.c.clauses)
    )


@lru_cache(maxsize=1024)
def _scope(principal: Principal) -> Select[list[int]]:
    return select(gathered(_satisfied(principal).subquery().c.id))


def admits(audience: Audience, principal: Principal) -> bool:
    """The same rule for an audience that is not stored yet."""
    return principal.operator or all(
        principal.tokens.intersection(clause) for clause in audience.clauses
    )


def interned(connection: Connection, audience: Audience) -> int | None:
    """The id of an audience, if it has one."""
    return connection.execute(
        select(audiences.c.id).where(audiences.c.canonical == _canonical(audience))
    ).scalar()


def _canonical(audience: Audience) -> str:
    canonical = " & ".join(" | ".join(clause) for clause in audience.clauses)
    if len(canonical) > _MAX_CANONICAL:
        return f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"
    return canonical


def intern(connection: Connection, audience: Audience) -> int:
    """The id of an audience, stored once."""
    found = interned(connection, audience)
    if found is not None:
        return found
    canonical = _canonical(audience)
    key = connection.execute(
        insert(audiences).values(canonical=canonical, clauses=len(audience.clauses))
    ).inserted_primary_key
    assert key is not None
    rows = [
        {"audience_id": key[0], "clause": number, "token": token}
        for number, clause in enumerate(audience.clauses)
        for token in clause
    ]
    connection.execute(insert(audience_tokens), rows)
    return int(key[0])


def audience_of(connection: Connection, audience_id: int) -> Audience:
    """The audience behind an id. Raises NotFound."""
    rows = connection.execute(
        select(audience_tokens.c.clause, audience_tokens.c.token).where(
            audience_tokens.c.audience_id == audience_id
        )
    ).all()
    if not rows:
        raise NotFound("no such audience")
    clauses: dict[int, list[str]] = {}
    for clause, token in rows:
        clauses.setdefault(clause, []).append(token)
    return Audience.of(*clauses.values())


def principal_for(connection: Connection, email: str) -> Principal:
    """A signed-in colleague with their groups. Raises InvalidInput for an unknown address."""
    person_id = connection.execute(
        select(person_emails.c.person_id).where(person_emails.c.email == email.strip().lower())
    ).scalar()
    if person_id is None:
        raise InvalidInput(f"nobody with the address {email} is known; try: whoknows person import")
    return principal_of(connection, person_id)


def principal_of(connection: Connection, person_id: int | None) -> Principal:
    """A signed-in colleague with their groups of now; None is signed in as nobody in particular."""
    if person_id is None:
        return Principal(signed_in=True)
    held = connection.execute(_HELD, {"person_id": person_id}).all()
    return Principal(
        person_id=person_id,
        groups=frozenset(slug for slug, _ in held if slug is not None),
        signed_in=True,
        parts=frozenset(part for _, part in held if part is not None),
    )
