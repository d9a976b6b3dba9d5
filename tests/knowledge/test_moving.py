"""A backup made on one kind of database is restored on the other, whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from api.services import Services
from indexer.search.results import Request
from knowledge import backup
from knowledge.errors import InvalidInput
from knowledge.people import Profile
from knowledge.store.tables import metadata, people
from knowledge.types import Audience, Contributor, Principal, Role, Scope
from tests.builders import document, opened

pytestmark = pytest.mark.postgresql
NOON = datetime(2026, 5, 4, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Services]:
    """An installation on SQLite."""
    with opened(tmp_path / "file", database_url=None) as services:
        assert services.database.on_sqlite
        yield services


@pytest.fixture
def server_side(tmp_path: Path) -> Iterator[Services]:
    """An installation on PostgreSQL."""
    with opened(tmp_path / "server") as services:
        assert not services.database.on_sqlite
        yield services


def fill(services: Services) -> None:
    """A row of most kinds, and a gap in the ids."""
    services.directory.put(
        Profile("Ada Field", "ada@example.org", team="Finance", groups=("ledger",))
    )
    services.capture.save(document("gone", "The kiln is cold."))
    services.capture.save(
        document(
            "a",
            "# Übung 🎈\n\nThe canary sings at noon.",
            tags=("birds",),
            audience=Audience.of("group:ops"),
            created_at=NOON,
            contributors=(Contributor("Bo Li", Role.AUTHOR, handle="bo", weight=0.1, at=NOON),),
        )
    )
    services.capture.save(document("b", "The ledger is closed on Fridays."))
    services.capture.delete(1)
    services.tokens.create("a program", [Scope.SEARCH])


def everything(services: Services) -> dict[str, list[str]]:
    """All rows but the state, which a restore changes, and the audit, to which it adds."""
    with services.database.read() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table))))
            for table in metadata.sorted_tables
            if table.name not in ("state", "audit", "audit_head")
        }


@pytest.mark.parametrize("there", ["file", "server_side"])
def test_all_that_there_is_moves_and_lives_on(
    tmp_path: Path, there: str, request: pytest.FixtureRequest
) -> None:
    source: Services = request.getfixturevalue(there)
    other = "server_side" if there == "file" else "file"
    target: Services = request.getfixturevalue(other)
    fill(source)
    target.capture.save(document("before", "Something that is replaced."))
    target.index.catch_up()
    backup.write(source.database, tmp_path / "move.zip")
    backup.restore(target.database, tmp_path / "move.zip", replace=True)
    assert everything(target) == everything(source)
    assert target.index.verify() == []
    operations = Principal(signed_in=True, groups=frozenset({"ops"}))
    for asker, titles in ((operations, ["Page a", "Page b"]), (Principal(), [])):
        found = target.pipeline.search(Request("canary ledger"), asker)
        assert sorted(hit.document.title for hit in found.answers) == titles
    # New rows get ids of their own.
    again = target.capture.save(document("c", "A new page.", contributors=(named("Zoe"),)))
    assert (again.document_id or 0) > 3
    target.capture.save(document("b", "The ledger is open on Fridays."))
    assert target.index.verify() == []


def named(name: str) -> Contributor:
    return Contributor(name, Role.AUTHOR)


def test_a_restore_that_fails_at_its_end_leaves_ids_that_work(
    tmp_path: Path, file: Services, server_side: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server's counters of ids are not undone with the transaction."""
    file.capture.save(document("a", "one"))
    backup.write(file.database, tmp_path / "small.zip")
    for number in range(5):
        server_side.capture.save(
            document(str(number), f"page {number}", contributors=(named(f"P{number}"),))
        )
    before = everything(server_side)
    written = server_side.database.write

    def fail_at_the_end(*given: Any) -> Any:
        return Failing(written(*given))

    with monkeypatch.context() as patch:
        patch.setattr(server_side.database, "write", fail_at_the_end)
        with pytest.raises(InvalidInput, match="at the end"):
            backup.restore(server_side.database, tmp_path / "small.zip", replace=True)
    assert everything(server_side) == before
    saved = server_side.capture.save(document("new", "x", contributors=(named("Zoe"),)))
    assert saved.status == "added"
    with server_side.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(people)).scalar_one() == 6


class Failing:
    """A transaction that cannot be committed."""

    def __init__(self, transaction: Any) -> None:
        self._transaction = transaction

    def __enter__(self) -> Any:
        return self._transaction.__enter__()

    def __exit__(self, *raised: Any) -> None:
        error = InvalidInput("at the end")
        self._transaction.__exit__(InvalidInput, error, None)
        raise error
