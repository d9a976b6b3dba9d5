"""Queries about what was searched for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from knowledge.asked import AskedQuery, Search, Verdict
from knowledge.store.identity_tables import pseudonym_keys
from knowledge.store.tables import feedback, queries

_REJECTING = (Verdict.NOT_HELPFUL, Verdict.OUTDATED, Verdict.WRONG_PERSON)


def add(connection: Connection, given: Iterable[tuple[AskedQuery, str | None]]) -> None:
    """Keep what was searched for, and the pseudonym of who asked, if one did."""
    rows = [asdict(one) | {"asker": asker} for one, asker in given]
    if rows:
        connection.execute(insert(queries), rows)


def exists(connection: Connection, query_id: str) -> bool:
    """Whether a search of this id is kept."""
    found = connection.execute(select(queries.c.id).where(queries.c.id == query_id)).first()
    return found is not None


def forget_before(connection: Connection, at: datetime) -> None:
    """Delete what was searched for before a time."""
    connection.execute(delete(queries).where(queries.c.at < at))


def key(connection: Connection, period: str, new: str) -> str:
    """The key of a period: ``new`` when it has none yet."""
    query = select(pseudonym_keys.c.key).where(pseudonym_keys.c.period == period)
    found = connection.execute(query).scalar()
    if found is None:
        connection.execute(insert(pseudonym_keys).values(period=period, key=new))
    return found or new


def keys(connection: Connection) -> list[str]:
    """The keys that are not thrown away yet."""
    return list(connection.execute(select(pseudonym_keys.c.key)).scalars())


def forget_keys(connection: Connection, period: str) -> None:
    """Throw away the keys of every other period."""
    connection.execute(delete(pseudonym_keys).where(pseudonym_keys.c.period != period))


def asked(
    connection: Connection, since: datetime | None = None
) -> Iterator[tuple[str, str, int, bool, datetime]]:
    """What people searched for, streamed: text, asker, answers, confident, at."""
    columns = (queries.c.text, queries.c.asker, queries.c.answers, queries.c.confident)
    query = select(*columns, queries.c.at).where(queries.c.asker.is_not(None))
    if since is not None:
        query = query.where(queries.c.at >= since)
    for row in connection.execution_options(yield_per=1000).execute(query):
        yield row.text, row.asker, row.answers, row.confident, row.at


def searches(connection: Connection) -> list[Search]:
    """What people searched for and what came of it, the oldest first."""
    said = select(feedback.c.query_id).where(feedback.c.verdict.in_(_REJECTING))
    columns = (queries.c.text, queries.c.asker, queries.c.answers, queries.c.confident)
    query = select(*columns, queries.c.id.in_(said).label("rejected"), queries.c.at)
    query = query.where(queries.c.asker.is_not(None)).order_by(queries.c.at, queries.c.id)
    return [
        Search(
            row.text,
            row.asker,
            row.answers > 0 and row.confident,
            bool(row.rejected),
            row.at,
            row.answers == 0,
        )
        for row in connection.execute(query)
    ]


def first_asked(connection: Connection) -> datetime | None:
    """When the first search of a person was that is still kept."""
    query = select(queries.c.at).where(queries.c.asker.is_not(None)).order_by(queries.c.at)
    return connection.execute(query.limit(1)).scalar()


def any_asked(connection: Connection, since: datetime, until: datetime) -> bool:
    """Whether a person searched in a time."""
    during = (queries.c.at >= since) & (queries.c.at < until)
    query = select(queries.c.id).where(queries.c.asker.is_not(None), during).limit(1)
    return connection.execute(query).first() is not None


def be_asked_by(connection: Connection, before: Collection[str], now: str | None) -> None:
    """Whatever was asked under one of some pseudonyms was asked under another, or by nobody."""
    theirs = queries.c.asker.in_(sorted(before))
    connection.execute(update(queries).where(theirs).values(asker=now))


def forget_asked(connection: Connection, before: datetime) -> None:
    """Delete what people searched for before a time, of whom nobody knows any more who it was."""
    theirs = queries.c.asker.is_not(None) & (queries.c.at < before)
    connection.execute(delete(queries).where(theirs))
