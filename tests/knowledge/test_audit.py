"""The chain of what was done, and what breaks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, insert, select, update

from knowledge.audit import Action, Journal, record
from knowledge.store.database import Database
from knowledge.store.identity_tables import audit, audit_head
from tests.builders import opened

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with opened(tmp_path) as services:
        yield services.database


@pytest.fixture
def journal(database: Database) -> Journal:
    made = Journal(database, lambda: AT)
    for number in range(5):
        made.tell("person:1", Action.TOKEN_MADE, f"token:{number}", scopes=["search"])
    return made


def test_an_untouched_chain_holds(journal: Journal) -> None:
    verdict = journal.verify()
    assert (verdict.entries, verdict.problem) == (5, "")
    assert journal.head() == (5, verdict.seal)
    assert journal.verify((5, verdict.seal)).problem == ""


def test_nothing_done_is_a_chain(database: Database) -> None:
    assert Journal(database).verify().problem == ""


def _swap(connection: Connection) -> None:
    for before, after in ((2, 90), (3, 2), (90, 3)):
        where = audit.c.sequence == before
        connection.execute(update(audit).where(where).values(sequence=after))


def _insert(connection: Connection) -> None:
    row = connection.execute(select(audit).where(audit.c.sequence == 5)).one()
    connection.execute(insert(audit).values(row._asdict() | {"sequence": 6}))


HARMS: dict[str, Callable[[Connection], object]] = {
    "another actor": lambda c: c.execute(update(audit).values(actor="person:2")),
    "another time": lambda c: c.execute(
        update(audit).where(audit.c.sequence == 2).values(at=AT.replace(year=2025))
    ),
    "another detail": lambda c: c.execute(
        update(audit).where(audit.c.sequence == 5).values(detail={"scopes": ["admin"]})
    ),
    "another subject": lambda c: c.execute(
        update(audit).where(audit.c.sequence == 1).values(subject="")
    ),
    "the first removed": lambda c: c.execute(delete(audit).where(audit.c.sequence == 1)),
    "one removed": lambda c: c.execute(delete(audit).where(audit.c.sequence == 3)),
    "the last removed": lambda c: c.execute(delete(audit).where(audit.c.sequence == 5)),
    "all removed": lambda c: c.execute(delete(audit)),
    "two reordered": _swap,
    "one put in": _insert,
}


@pytest.mark.parametrize("harm", HARMS)
def test_tampering_is_noticed(database: Database, journal: Journal, harm: str) -> None:
    with database.write() as connection:
        HARMS[harm](connection)
    assert journal.verify().problem


def test_a_new_end_is_noticed_by_who_kept_the_old_one(database: Database, journal: Journal) -> None:
    known = journal.head()
    with database.write() as connection:
        connection.execute(delete(audit).where(audit.c.sequence == 5))
        row = connection.execute(select(audit).where(audit.c.sequence == 4)).one()
        connection.execute(update(audit_head).values(sequence=4, seal=row.seal))
    assert journal.verify().problem == ""
    assert journal.verify(known).problem == "entry 5, which was noted, is missing"
    journal.tell("operator", Action.BACKED_UP)
    assert journal.verify(known).problem == "entry 5 is another one than was noted"


def test_what_is_rolled_back_was_not_done(database: Database, journal: Journal) -> None:
    def fail() -> None:
        with database.write() as connection:
            record(connection, "person:1", Action.DENIED)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert journal.verify().entries == 5


def test_the_newest_come_first_and_can_be_chosen(journal: Journal) -> None:
    journal.tell("person:2", Action.EXPORTED)
    assert [one.sequence for one in journal.newest(2)] == [6, 5]
    assert [one.sequence for one in journal.newest(9, before=3)] == [2, 1]
    assert [one.sequence for one in journal.newest(9, actor="person:2")] == [6]
    assert [one.sequence for one in journal.newest(9, action=Action.EXPORTED)] == [6]
    assert journal.newest(9, since=AT.replace(year=2027)) == []
    (entry,) = journal.newest(1, before=6)
    assert (entry.subject, entry.detail, entry.at) == ("token:4", {"scopes": ["search"]}, AT)
