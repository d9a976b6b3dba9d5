"""Whatever a table holds of somebody is handed out to them, and goes with them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Boolean, Float, Integer, LargeBinary, Table, insert, select
from sqlalchemy.types import JSON, TypeDecorator

from api.services import Services
from knowledge.people import Profile
from knowledge.store import personal
from knowledge.store.care_tables import handovers
from knowledge.store.meeting_tables import meetings
from knowledge.store.question_tables import questions
from knowledge.store.tables import metadata
from tests.builders import document, opened

# Names of columns that say whose something is, or who did it, beside all references to people.
_SAY_WHO = {"person_id", "owner", "by", "made_by", "asker", "actor", "subject", "merged_into"}
# By what they are found though they say it otherwise.
_PSEUDONYMS = {("queries", "asker")}
# Not of a person: how often something was tried, whatever it was.
_OTHERS = {("identities", "subject")}


def naming() -> set[tuple[str, str]]:
    """Every column that may name somebody."""
    found = set()
    for table in metadata.sorted_tables:
        for column in table.c:
            refers = any(key.target_fullname == "people.id" for key in column.foreign_keys)
            if refers or column.name in _SAY_WHO:
                found.add((table.name, column.name))
    return found - _OTHERS


def covered() -> set[tuple[str, str]]:
    held = (*personal.DELETED, *personal.CHANGED, personal.ACTED)
    return {(one.table.name, column) for one in held for column in one.columns}


def test_every_column_that_names_somebody_is_thought_of() -> None:
    assert naming() - covered() - personal.ONLY_IDS - _PSEUDONYMS == set()


def test_no_secret_is_handed_out() -> None:
    told = {name for one in (*personal.DELETED, *personal.CHANGED) for name in one.told}
    assert told & {"digest", "hash", "key", "agent"} == {"agent", "key"}
    # The key of a request is the caller's own word for it.
    assert [one.table.name for one in personal.DELETED if "key" in one.told] == ["requests"]


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with opened(tmp_path) as made:
        made.directory.put(Profile("Ada Field", "ada@example.org", groups=("ops",)))
        made.directory.put(Profile("Ben Osei", "ben@example.org"))
        made.capture.save(document("a", "Ada's text."))
        made.capture.save(document("b", "Nobody's text.", contributors=()))
        yield made


def _value(column: Any, number: int) -> Any:
    kind = column.type.impl if isinstance(column.type, TypeDecorator) else column.type
    if column.name.endswith("at") or column.name == "at":
        return datetime(2026, 1, 1, tzinfo=UTC)
    if isinstance(kind, JSON):
        return {}
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, Integer | Float):
        return number
    return b"" if isinstance(kind, LargeBinary) else f"told {number}"


def _row(table: Table, column: str, value: Any) -> dict[str, Any]:
    """A row of a table that names somebody in one column, and Ben in the others."""
    made: dict[str, Any] = {}
    for one in table.c:
        targets = {key.target_fullname for key in one.foreign_keys}
        if one.name == column:
            made[one.name] = value
        elif "people.id" in targets or "documents.id" in targets:
            made[one.name] = 2
        elif not one.nullable and not (one.primary_key and one.name == "id" and not targets):
            made[one.name] = _value(one, 7)
    if table.name == "imports":
        made |= {"id": "f" * 32, "state": "done"}
    if table.name == "meetings":
        made["audience_id"] = 1
    if table.name == "question_people":  # before it goes to them, nobody is told
        made["asked_at"] = datetime(2026, 1, 1, tzinfo=UTC)
    # Of what is closed to them nobody is told.
    if table.name == "readings":
        made["document_id"] = 2
    if table.name == "handover_items":
        made |= {"kind": "document", "item_id": 2}
    return made


def _taken_out(services: Services) -> dict[str, Any]:
    file = io.BytesIO()
    services.takeout.write(1, "operator", file)
    with zipfile.ZipFile(file) as archive:
        told: dict[str, Any] = json.loads(archive.read("person.json"))
    return told


def test_what_any_table_holds_is_handed_out_and_goes(services: Services) -> None:
    everything = (*personal.DELETED, *personal.CHANGED, personal.ACTED)
    theirs = []
    with services.database.write() as connection:
        # Which others refer to.
        connection.execute(insert(questions).values(id=7, **_row(questions, "person_id", 2)))
        connection.execute(insert(meetings).values(id=7, **_row(meetings, "host_id", 2)))
        connection.execute(insert(handovers).values(id=7, **_row(handovers, "person_id", 2)))
        for held in everything:
            for column in held.columns:
                value: object = "person:1" if held.owned else 1
                mine = held.table.c[column] == value
                theirs.append((held, select(held.table).where(mine)))
                if column != "merged_into" and not connection.execute(theirs[-1][1]).first():
                    row = _row(held.table, column, value)
                    connection.execute(insert(held.table).values(**row))
    told = _taken_out(services)
    for held in everything:
        assert told[held.table.name], held.table.name
        assert set(held.told) <= set(told[held.table.name][0])
    services.erasing.erase(1)
    with services.database.read() as connection:
        left = {held.table.name for held, query in theirs if connection.execute(query).first()}
    assert left == {"audit"}
