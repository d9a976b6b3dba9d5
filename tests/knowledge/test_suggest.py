"""Suggestions over a database of the first schema, and what reading them costs."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import event

from knowledge.people import Profile
from knowledge.store.database import Database
from knowledge.store.suggest import document_ids
from knowledge.suggest import Suggested, suggestions
from knowledge.types import ANYONE, Audience, Contributor, Principal, Role
from tests.builders import document, opened, storage

FIRST = Path(__file__).parents[1] / "samples" / "upgrades" / "0001.sql"
SUPPORT = Principal(signed_in=True, groups=frozenset({"support"}))


def test_a_reader_without_rights_is_suggested_nothing(tmp_path: Path) -> None:
    hidden = document(
        "v",
        "text",
        title="Vault_keys 100%",
        tags=("vaults",),
        audience=Audience.of("group:support"),
        contributors=(Contributor("Vala Quist", Role.AUTHOR),),
    )
    with opened(tmp_path) as services:
        services.capture.save(hidden)
        found = [(s.kind, s.text) for s in suggestions(services.database, "VA", SUPPORT, 9)]
        assert found == [
            (Suggested.DOCUMENT, "Vault_keys 100%"),
            (Suggested.PERSON, "Vala Quist"),
            (Suggested.TAG, "vaults"),
        ]
        for words in ("va", "vault_", "100%", "vala quist"):
            assert suggestions(services.database, words, SUPPORT, 9)
            for stranger in (Principal(signed_in=True), ANYONE):
                assert suggestions(services.database, words, stranger, 9) == []
        services.directory.put(Profile("Vala Quist", "vala@example.org"))
        for principal, shown in ((Principal(signed_in=True), 1), (ANYONE, 0)):
            assert len(suggestions(services.database, "quist", principal, 9)) == shown


@pytest.mark.sqlite("there was no release on PostgreSQL before")
def test_what_an_older_version_stored_is_suggested_too(tmp_path: Path) -> None:
    old = sqlite3.connect(tmp_path / "whoknows.db")
    old.executescript(FIRST.read_text())
    old.close()
    database = Database(storage(tmp_path))
    found = suggestions(database, "flame gr", SUPPORT, 5)
    assert [(one.kind, one.text) for one in found] == [
        (Suggested.DOCUMENT, "Read a flame graph from the top")
    ]
    (ada,) = suggestions(database, "ada f", SUPPORT, 5)
    assert (ada.kind, ada.text) == (Suggested.PERSON, "Ada Field")
    database.close()


@pytest.mark.sqlite("reads SQLite's plan")
def test_no_body_is_read_to_find_what_to_suggest(tmp_path: Path) -> None:
    database = Database(storage(tmp_path))
    with database.read() as connection:
        asked: list[tuple[str, tuple[object, ...]]] = []

        def note(_connection, _cursor, statement, parameters, *_rest) -> None:  # type: ignore[no-untyped-def]
            asked.append((statement, parameters))

        event.listen(connection, "before_cursor_execute", note)
        document_ids(connection, ("a", "b"), Principal(signed_in=True), 10)
        event.remove(connection, "before_cursor_execute", note)
        statement, parameters = asked[-1]
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        steps = [row[3] for row in plan]
    assert any("COVERING INDEX ix_documents_suggested_by" in step for step in steps)
    assert not any("SCAN documents" in step for step in steps)
    database.close()
