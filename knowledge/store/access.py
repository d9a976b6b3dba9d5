"""THE access rule: who may read what. Nothing else in the project decides it.

A reader satisfies an audience when every one of its clauses holds one of the reader's tokens.
Roles grant nothing here; only the operator of the machine (the CLI) reads everything.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    func,
    insert,
    select,
    true,
)

from knowledge.errors import InvalidInput, NotFound
from knowledge.store.among import gathered
from knowledge.store.tables import (
    audience_tokens,
    audiences,
    documents,
    group_members,
    person_emails,
)
from knowledge.types import Audience, Principal

# Longer ones would not fit into an index row of PostgreSQL.
_MAX_CANONICAL = 500
# Made once: every request asks it.
_GROUPS = select(group_members.c.slug).where(group_members.c.person_id == bindparam("person_id"))


@lru_cache(maxsize=1024)
def readable_by(principal: Principal) -> ColumnElement[bool]:
    """The condition on ``documents`` that every query on behalf of an asker must carry.

    Kept by principal only to save building it: it is evaluated by the database every time.
    """
    if principal.operator:
        return true()
    return documents.c.audience_id.in_(_satisfied(principal))


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


def intern(connection: Connection, audience: Audience) -> int:
    """The id of an audience, stored once."""
    canonical = " & ".join(" | ".join(clause) for clause in audience.clauses)
    if len(canonical) > _MAX_CANONICAL:
        canonical = f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"
    found = connection.execute(
        select(audiences.c.id).where(audiences.c.canonical == canonical)
    ).scalar()
    if found is not None:
        return int(found)
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
    groups = connection.execute(_GROUPS, {"person_id": person_id}).scalars()
    return Principal(person_id=person_id, groups=frozenset(groups), signed_in=True)
