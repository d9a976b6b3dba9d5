"""The migrations make exactly the tables that the code believes in."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from knowledge.errors import SchemaTooNew
from knowledge.store import migrations
from knowledge.store.database import Database
from knowledge.store.tables import metadata
from knowledge.synonyms import Jargon
from tests.builders import storage

FIRST = Path(__file__).parents[2] / "samples" / "upgrades" / "0001.sql"


def test_the_names_of_the_files_are_the_history() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    walked = ScriptDirectory.from_config(config).walk_revisions()
    assert migrations.revisions() == tuple(script.revision for script in walked)[::-1]


def test_migrated_equals_declared(tmp_path: Path) -> None:
    database = Database(storage(tmp_path))
    with database.read() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []
    database.close()


@pytest.mark.sqlite("there was no release on PostgreSQL before")
def test_what_the_first_version_stored_takes_synonyms(tmp_path: Path) -> None:
    old = sqlite3.connect(tmp_path / "whoknows.db")
    old.executescript(FIRST.read_text())
    old.close()
    database = Database(storage(tmp_path))
    made = Jargon(database).add("k8s", "kubernetes")
    assert Jargon(database).all_of_them() == (made,)
    database.close()


def test_a_later_schema_is_refused_with_what_to_do(tmp_path: Path) -> None:
    database = Database(storage(tmp_path))
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    with pytest.raises(SchemaTooNew, match="later version"):
        Database(storage(tmp_path))
