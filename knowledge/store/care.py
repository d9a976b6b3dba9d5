"""Queries about who looks after documents, and when they are looked at again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select, update

from knowledge.store.access import readable_by
from knowledge.store.care_tables import care
from knowledge.store.people import records
from knowledge.store.tables import contributions, documents, people
from knowledge.types import Kind, Principal, Role

_MAKING = tuple(role.value for role in (Role.AUTHOR, Role.HOST, Role.ANSWERER, Role.EDITOR))
# No month is shorter, so nothing that is due is passed over; the calendar decides afterwards.
_MONTH = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided of a document's care, if anything was."""

    owner_id: int | None = None
    review_at: datetime | None = None
    every_months: int | None = None


def get(connection: Connection, document_id: int) -> Decided:
    """Of one document."""
    query = select(care.c.owner_id, care.c.review_at, care.c.every_months)
    row = connection.execute(query.where(care.c.document_id == document_id)).first()
    return Decided() if row is None else Decided(*row)


def own(connection: Connection, document_id: int, owner_id: int | None) -> None:
    """Give a document to somebody; None: back to its main author."""
    _put(connection, document_id, owner_id=owner_id)


def review(
    connection: Connection, document_id: int, at: datetime | None, every_months: int | None
) -> None:
    """Say until when it is to be looked at again; None: nothing is decided."""
    _put(connection, document_id, review_at=at, every_months=every_months)


def _put(connection: Connection, document_id: int, **values: object) -> None:
    same = care.c.document_id == document_id
    if not connection.execute(update(care).where(same).values(**values)).rowcount:
        connection.execute(insert(care).values(document_id=document_id, **values))
    nothing = [care.c[name].is_(None) for name in ("owner_id", "review_at", "every_months")]
    connection.execute(delete(care).where(same, *nothing))


def to_review(
    connection: Connection,
    principal: Principal,
    until: datetime,
    months: Mapping[Kind, int],
    person_id: int | None = None,
) -> list[int]:
    """Ids of what the asker may read and whose review is due by then, or nearly; of what may be
    somebody's own, or of all. ``months``: as an installation says of each kind."""
    said = func.coalesce(documents.c.updated_at, documents.c.created_at)
    due: list[ColumnElement[bool]] = [care.c.review_at <= until]
    due += [
        and_(
            care.c.review_at.is_(None),
            documents.c.kind == kind.value,
            said <= until - number * _MONTH,
        )
        for kind, number in months.items()
    ]
    query = (
        select(documents.c.id)
        .outerjoin(care, care.c.document_id == documents.c.id)
        .where(readable_by(principal), or_(*due))
        .order_by(documents.c.id)
    )
    if person_id is not None:
        query = query.where(_theirs(person_id))
    return list(connection.execute(query).scalars())


def owned(connection: Connection, principal: Principal, person_id: int) -> list[int]:
    """Ids of what the asker may read and what may be somebody's own."""
    query = (
        select(documents.c.id)
        .outerjoin(care, care.c.document_id == documents.c.id)
        .where(readable_by(principal), _theirs(person_id))
        .order_by(documents.c.id)
    )
    return list(connection.execute(query).scalars())


def _theirs(person_id: int) -> ColumnElement[bool]:
    # Also what was passed on: it is its main author's again when that owner reads it no more.
    made = select(contributions.c.document_id).where(
        contributions.c.person_id.in_(records(person_id)), contributions.c.role.in_(_MAKING)
    )
    return care.c.owner_id.in_(records(person_id)) | documents.c.id.in_(made)


def there(connection: Connection, ids: Collection[int]) -> set[int]:
    """Those of people who have not left: whose account is not closed."""
    query = select(people.c.id).where(people.c.id.in_(sorted(ids)), people.c.disabled_at.is_(None))
    return set(connection.execute(query).scalars())
