"""What a released version left behind is brought up to date, whole, by the first opening."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from api.services import Services
from indexer.search.results import Request
from knowledge import backup
from knowledge.jobs import ImportState
from knowledge.store import access, copies, documents, people, profiles
from knowledge.types import OPERATOR, Principal, Role
from tests.builders import document, opened

UPGRADES = Path(__file__).parent / "samples" / "upgrades"
DUMPS = sorted(UPGRADES.glob("*.sql"))

pytestmark = pytest.mark.sqlite("the dumps are SQLite's")


@contextmanager
def upgraded(dump: Path, data: Path) -> Iterator[Services]:
    """An installation over the database that a dump makes."""
    data.mkdir()
    old = sqlite3.connect(data / "whoknows.db")
    old.executescript(dump.read_text("utf-8"))
    assert old.execute("SELECT version_num FROM alembic_version").fetchall() == [(dump.stem,)]
    old.close()
    with opened(data) as services:
        yield services


@pytest.mark.parametrize("dump", DUMPS, ids=lambda dump: dump.stem)
def test_an_older_installation_goes_on(dump: Path, tmp_path: Path) -> None:
    with opened(tmp_path / "new") as new, new.database.read() as connection:
        head = copies.revision(connection)
    with upgraded(dump, tmp_path / "data") as services:
        with services.database.read() as connection:
            assert copies.revision(connection) == head
            held = documents.load_all(connection, OPERATOR)
        assert len(held) >= 5
        assert all(c.name for d in held.values() for c in d.contributions)
        assert services.index.verify() == []
        for one in held.values():
            found = services.pipeline.search(Request(one.title), OPERATOR).answers
            assert one.id in [hit.document.id for hit in found[:2]], one.title
        (made,) = services.capture.ingest([document("x", "A wombat digs.", title="Wombats")])
        best = services.pipeline.search(Request("wombats"), OPERATOR).answers[0]
        assert (best.document.id, best.document.id in held) == (made.document_id, False)
        assert services.index.verify() == []
        backup.write(services.database, tmp_path / "b.zip")
    with opened(tmp_path / "copy") as copy:
        backup.restore(copy.database, tmp_path / "b.zip")
        assert copy.index.verify() == []
        with copy.database.read() as connection:
            assert len(documents.load_all(connection, OPERATOR)) == len(held) + 1


def test_the_first_schema_knew_the_directory_by_its_teams(tmp_path: Path) -> None:
    with (
        upgraded(UPGRADES / "0001.sql", tmp_path / "data") as services,
        services.database.read() as connection,
    ):
        listed = {p.name for p in people.load(connection, range(1, 9)).values() if p.listed}
        assert listed == {"Ada Field", "Ben Ito"}


def test_what_the_first_release_kept_is_there(tmp_path: Path) -> None:
    with upgraded(UPGRADES / "0002.sql", tmp_path / "data") as services:
        with services.database.read() as connection:
            ada = access.principal_for(connection, "ada@example.org")
            shown = profiles.person(connection, 1, Principal(signed_in=True))
            held = documents.load_all(connection, ada)
            gil = next(p for p in people.load(connection, range(1, 9)).values() if not p.listed)
        assert (shown.name, shown.address) == ("Ada Field", "ada@example.org")
        assert (gil.name, gil.address) == ("Gil Moor", None)
        assert "The vault" in {one.title for one in held.values()}
        kiln = next(one for one in held.values() if one.title == "Opening a kiln")
        assert [c.role for c in kiln.contributions] == [Role.AUTHOR, Role.EDITOR]
        ((token, person),) = services.tokens.all_of_them()
        assert (token.name, person and person.name) == ("laptop", "Ada Field")
        ((done,), _) = services.imports.of("person:1", 5)
        assert (done.state, done.counts["added"]) == (ImportState.DONE, 1)
        with services.database.read() as connection:
            (opinion,) = copies.rows(connection, "feedback")
        assert (opinion["verdict"], opinion["reason"]) == ("helpful", "it was")
