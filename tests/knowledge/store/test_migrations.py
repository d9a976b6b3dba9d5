"""The migrations make exactly the tables that the code believes in."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from knowledge.errors import SchemaTooNew
from knowledge.store.database import Database
from knowledge.store.tables import metadata
from tests.builders import storage


def test_migrated_equals_declared(tmp_path: Path) -> None:
    database = Database(storage(tmp_path))
    with database.read() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []
    database.close()


def test_a_later_schema_is_refused_with_what_to_do(tmp_path: Path) -> None:
    database = Database(storage(tmp_path))
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    with pytest.raises(SchemaTooNew, match="later version"):
        Database(storage(tmp_path))
