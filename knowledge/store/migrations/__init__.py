"""The history of the schema. Every change of ``tables.py`` is one file in ``versions``.

Alembic is loaded only when there is something to change: its import would be a tenth of the time
that every command takes to start.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import Connection, inspect, text

_HERE = Path(__file__).parent


class UnknownRevision(Exception):
    """This version of whoknows has no such revision."""


@cache
def revisions() -> tuple[str, ...]:
    """All that there were, the first first: a file's name begins with its revision."""
    return tuple(sorted(file.name[:4] for file in (_HERE / "versions").glob("[0-9]*.py")))


def current(connection: Connection) -> str | None:
    """The revision that a database has; None for one without tables of ours."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the tables to a revision, inside the caller's transaction.

    Raises UnknownRevision.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, revision)
    except CommandError as error:
        raise UnknownRevision(revision) from error
