"""Statements about rows that are named: what they give, and that nothing else is looked at."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Connection, Select, event

from knowledge.store import access, documents, passages
from knowledge.types import OPERATOR, Audience, Principal
from tests.builders import document, opened

ASKER = Principal(signed_in=True, groups=frozenset({"kiln", "glaze"}))
ALL = "everyone"


def test_of_many_ids_those_that_may_be_read(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        told = {}
        for name, token in (("a", ALL), ("b", "group:kiln"), ("c", "group:wheel")):
            one = document(name, f"Page {name}.", audience=Audience.of(token))
            told[name] = services.capture.save(one).document_id or 0
        asked = [*told.values(), 0, 2**40, *range(1000, 5000)]
        with services.database.read() as connection:
            seen = documents.visible(connection, asked, ASKER)
            assert seen == {told["a"], told["b"]}
            assert documents.visible(connection, asked, OPERATOR) == set(told.values())
            assert documents.load(connection, asked, ASKER).keys() == seen
            texts = passages.load(connection, passages.live_ids(connection), ASKER).values()
            assert {passage.document_id for passage in texts} == seen
            scope = access.allowed_audiences(connection, ASKER)
            assert scope == {
                one.audience_id for one in documents.load(connection, seen, OPERATOR).values()
            }
            stranger = Principal(groups=frozenset())
            assert access.allowed_audiences(connection, stranger) == frozenset()
            assert documents.visible(connection, asked, stranger) == frozenset()


def test_no_ids_are_no_rows(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        services.capture.save(document("a", "The kiln."))
        with services.database.read() as connection:
            assert documents.visible(connection, (), OPERATOR) == frozenset()
            assert documents.load(connection, (), OPERATOR) == {}
            assert passages.load(connection, (), OPERATOR) == {}
            assert passages.speakers(connection, ()) == {}


@pytest.mark.sqlite("looks at what SQLite plans")
@pytest.mark.parametrize(
    "statement",
    [documents._visible(ASKER), documents._listed(ASKER, True), passages._readable(ASKER)],
    ids=["visible", "documents", "passages"],
)
def test_what_may_be_read_is_not_gone_through(tmp_path: Path, statement: Select[object]) -> None:
    with opened(tmp_path) as services, services.database.read() as connection:
        plan = planned(connection, statement)
    looked_at = [line for line in plan if "documents" in line or "passages" in line]
    assert looked_at
    assert all("USING INTEGER PRIMARY KEY (rowid=?)" in line for line in looked_at), plan


def planned(connection: Connection, statement: Select[object]) -> list[str]:
    """How SQLite would run it."""

    @event.listens_for(connection, "before_cursor_execute", retval=True)
    def explain(_c: object, _u: object, sql: str, values: object, *_: object) -> tuple[str, object]:
        return f"EXPLAIN QUERY PLAN {sql}", values

    found = connection.execute(statement, {"ids": list(range(240))})
    assert found.cursor is not None
    return [str(row[-1]) for row in found.cursor.fetchall()]
