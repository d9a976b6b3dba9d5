"""Moving what people decided about themselves from one to another, when two become one.

The stricter holds: what either hides or objects to, the merged person does, and they pause until
the later day. What was moved is told as JSON, and given back when the two are parted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select, update

from knowledge.store.identity_tables import appearances, hidden_topics, objections
from knowledge.store.people import SELF
from knowledge.store.privacy import CONSENTS
from knowledge.store.tables import contributions, documents, people

Moved = dict[str, Any]


def join(connection: Connection, kept: int, gone: int) -> Moved:
    """Let ``kept`` have decided what ``gone`` did, too."""
    moved: Moved = {}
    for table, key in ((hidden_topics, "topic"), (objections, "document_id")):
        mine = _rows(connection, table, key, kept)
        theirs = _rows(connection, table, key, gone)
        _drop(connection, table, key, gone, theirs)
        _put(connection, table, kept, [theirs[one] for one in theirs.keys() - mine.keys()])
        moved[table.name] = [_told(theirs[one]) for one in sorted(theirs)]
    shown = _rows(connection, appearances, "day", gone)
    _count(connection, kept, shown.values(), 1)
    _drop(connection, appearances, "day", gone, shown)
    moved["appearances"] = [[day, shown[day]["shown"]] for day in sorted(shown)]
    one, other = _pause(connection, kept), _pause(connection, gone)
    later = other is not None and (one is None or other > one)
    moved["paused"] = [_at(one), _at(other)] if later else None
    if later:
        _set_pause(connection, kept, other)
    moved["pause"] = _at(_pause(connection, kept))
    moved["refused"] = _refused(connection, kept)
    return moved


def part(
    connection: Connection, kept: int, gone: int, moved: Moved, standing: Iterable[Moved]
) -> None:
    """Give ``gone`` back what they decided; ``kept`` keeps what they or one of the ``standing``
    merges decided as well, and what they decided since."""
    others = list(standing)
    for table, key in ((hidden_topics, "topic"), (objections, "document_id")):
        told = {one[key]: _row(one) for one in moved.get(table.name, ())}
        if table is objections:
            there = select(documents.c.id).where(documents.c.id.in_(sorted(told)))
            told = {one: told[one] for one in connection.execute(there).scalars()}
        elsewhere = {one[key]: _row(one) for m in others for one in m.get(table.name, ())}
        mine = _rows(connection, table, key, kept)
        # What they decided themselves has another time.
        borrowed = [one for one in told if mine.get(one) == told[one]]
        _drop(connection, table, key, kept, borrowed)
        _put(connection, table, kept, [elsewhere[one] for one in borrowed if one in elsewhere])
        held = _rows(connection, table, key, gone)
        _put(connection, table, gone, [told[one] for one in told if one not in held])
    counted = dict(moved.get("appearances", ()))
    mine = _rows(connection, appearances, "day", kept)
    still = [
        {"day": day, "shown": min(counted[day], mine[day]["shown"])}
        for day in counted
        if day in mine
    ]
    _count(connection, kept, still, -1)
    _count(connection, gone, still, 1)
    if moved.get("paused"):
        before, after = map(_time, moved["paused"])
        if _pause(connection, kept) == after:
            _set_pause(connection, kept, before)


def share(
    connection: Connection,
    kept: int,
    gone: int,
    since: datetime,
    moved: Moved,
    standing: Iterable[Moved],
    ever: Iterable[Moved],
) -> None:
    """Let what ``kept`` withdrew since a merge be withdrawn by ``gone``, too: either may have said
    it while they were one. What one of the ``standing`` merges brought is neither's, and what was
    so at any merge that there ``ever`` was is older."""
    others, ever = list(standing), [*ever, moved]
    brought = {field for one in others for field in one["profile"]}
    older = {field for one in ever for field in one.get("refused", ())}
    for field in _refused(connection, kept):
        if not {field, f"{field}_by"} & brought and field not in older:
            said = {field: False, f"{field}_by": SELF}
            connection.execute(update(people).where(people.c.id == gone).values(**said))
    naming = select(contributions.c.document_id).where(contributions.c.person_id == gone)
    named = set(connection.execute(naming).scalars())
    for table, key in ((hidden_topics, "topic"), (objections, "document_id")):
        elsewhere = [_row(one) for other in others for one in other.get(table.name, ())]
        held = _rows(connection, table, key, gone)
        new = [
            row
            for one, row in _rows(connection, table, key, kept).items()
            if row["at"] >= since and row not in elsewhere and one not in held
        ]
        if table is objections:
            new = [row for row in new if row[key] in named]
        _put(connection, table, gone, new)
    until, before = _pause(connection, kept), _pause(connection, gone)
    paused = {one.get("pause") for one in ever}
    paused |= {at for one in ever if one.get("paused") for at in one["paused"]}
    if until is not None and _at(until) not in paused and (before is None or until > before):
        _set_pause(connection, gone, until)


def _refused(connection: Connection, person: int) -> list[str]:
    """The consents that somebody refuses themselves."""
    row = connection.execute(select(people).where(people.c.id == person)).one()._mapping
    return [name for name in CONSENTS if not row[name] and row[f"{name}_by"] == SELF]


def _rows(connection: Connection, table: Table, key: str, person: int) -> dict[Any, dict[str, Any]]:
    rows = connection.execute(select(table).where(table.c.person_id == person)).mappings()
    return {
        row[key]: {name: value for name, value in row.items() if name != "person_id"}
        for row in rows
    }


def _drop(
    connection: Connection, table: Table, key: str, person: int, keys: Collection[Any]
) -> None:
    for one in keys:
        connection.execute(delete(table).where(table.c.person_id == person, table.c[key] == one))


def _put(connection: Connection, table: Table, person: int, rows: Iterable[dict[str, Any]]) -> None:
    made = [row | {"person_id": person} for row in rows]
    if made:
        connection.execute(insert(table), made)


def _count(connection: Connection, person: int, rows: Iterable[dict[str, Any]], sign: int) -> None:
    for row in rows:
        same = (appearances.c.person_id == person) & (appearances.c.day == row["day"])
        number = sign * row["shown"]
        done = connection.execute(
            update(appearances).where(same).values(shown=appearances.c.shown + number)
        )
        if not done.rowcount:
            made = {"person_id": person, "day": row["day"], "shown": number}
            connection.execute(insert(appearances).values(**made))
    nothing = (appearances.c.person_id == person) & (appearances.c.shown <= 0)
    connection.execute(delete(appearances).where(nothing))


def _pause(connection: Connection, person: int) -> datetime | None:
    return connection.execute(select(people.c.paused_until).where(people.c.id == person)).scalar()


def _set_pause(connection: Connection, person: int, until: datetime | None) -> None:
    connection.execute(update(people).where(people.c.id == person).values(paused_until=until))


def _at(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat()


def _time(told: str | None) -> datetime | None:
    return None if told is None else datetime.fromisoformat(told)


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"at": _at(row["at"])}


def _row(told: dict[str, Any]) -> dict[str, Any]:
    return told | {"at": _time(told["at"])}
