"""A PostgreSQL server of the tests' own, made with whatever server programs are installed."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, insert, text, update
from sqlalchemy.exc import SQLAlchemyError

from knowledge.settings import StorageSettings
from knowledge.store import migrations
from knowledge.store.database import Database
from knowledge.store.identity_tables import audit_head, installation
from knowledge.store.tables import metadata, state

# Stops the server and cleans up when our end of its standard input closes, so also when the tests
# are killed.
_GUARD = """
cd "$1" && "$2/pg_ctl" start -s -w -D cluster -l log -o "$3" && echo ready
read -r told
"$2/pg_ctl" stop -s -w -D cluster -m fast
test "$told" = keep || rm -rf "$1"
"""
# A crash of the machine may cost a test its data, and nothing else.
_FAST = "-c fsync=off -c full_page_writes=off -c shared_buffers=32MB -c max_wal_size=128MB"


def programs() -> Path | None:
    """The directory of the newest installed server, if there is one."""
    packaged = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3])
    )
    found = str(packaged[-1]) if packaged else shutil.which("initdb")
    return Path(found).resolve().parent if found else None


class Server:
    """One cluster in a directory of its own, on a socket there; both go with ``close``."""

    def __init__(self, programs: Path) -> None:
        # Not below the tests' directories: a socket's path is short and needs its user's way in.
        self._directory = Path(tempfile.mkdtemp(prefix="whoknows-pg-", dir="/tmp"))
        self._programs = programs
        self._as_user: dict[str, Any] = {}
        if os.geteuid() == 0:
            user = _unprivileged()
            os.chown(self._directory, user.pw_uid, user.pw_gid)
            self._as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        # Sorts as people do, not by code points: so are most servers set up.
        order = "-E UTF8 --locale=C.UTF-8 --locale-provider=icu --icu-locale=en".split()
        made = subprocess.run(
            [programs / "initdb", "-D", "cluster", "-U", "tests", "-A", "trust", "-N", *order],
            cwd=self._directory,
            capture_output=True,
            text=True,
            check=False,
            **self._as_user,
        )
        assert made.returncode == 0, made.stderr
        self.start()
        first = self.empty()
        with tempfile.TemporaryDirectory() as data:
            Database(StorageSettings(data=Path(data), database_url=first)).close()
        self._template = _name(first)
        self._clean: list[str] = []

    def start(self) -> None:
        """Returns when the server answers."""
        options = f"-k {self._directory} -c listen_addresses= {_FAST}"
        self._guard = subprocess.Popen(
            ["sh", "-c", _GUARD, "sh", self._directory, self._programs, options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # an interrupt is for the tests, which then stop it
            **self._as_user,
        )
        assert self._guard.stdout is not None
        if self._guard.stdout.readline() != b"ready\n":
            raise AssertionError((self._directory / "log").read_text())

    def stop(self) -> None:
        """Cut every connection and stop, as a restart of the server does."""
        self._end(b"keep\n")

    def close(self) -> None:
        """Stop and leave nothing."""
        self._end(b"")

    def _end(self, told: bytes) -> None:
        self._guard.communicate(told)
        assert self._guard.returncode == 0

    def empty(self, options: str = "") -> str:
        """The URL of a new database without a schema."""
        return self._create(options)

    def migrated(self) -> str:
        """The URL of a database with the present schema that is as good as new."""
        if self._clean:
            return self._clean.pop()
        url = self._create(f"TEMPLATE {self._template}")
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(update(installation).values(key=uuid.uuid4().hex))
        engine.dispose()
        return url

    def give_back(self, url: str) -> None:
        """Empty a database for the next, which is much faster than making another."""
        engine = create_engine(url)
        try:
            with engine.begin() as connection:
                _empty(connection)
            self._clean.append(url)
        except SQLAlchemyError:
            self.drop(url)
        engine.dispose()

    def drop(self, url: str) -> None:
        """Remove a database, whoever is connected."""
        self.run(f"DROP DATABASE IF EXISTS {_name(url)} WITH (FORCE)")

    def run(self, statement: str) -> None:
        """Something that concerns the server as a whole."""
        engine = create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()

    def _create(self, options: str) -> str:
        url = self._url(f"t{uuid.uuid4().hex[:12]}")
        self.run(f"CREATE DATABASE {_name(url)} {options}")
        return url

    def _url(self, name: str) -> str:
        return f"postgresql+psycopg://tests@/{name}?host={self._directory}"


def _name(url: str) -> str:
    return url.partition("@/")[2].partition("?")[0]


def _empty(connection: Connection) -> None:
    # Whoever a test left behind must not wait for it, nor it for them.
    connection.execute(
        text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    )
    for table in reversed(metadata.sorted_tables):
        connection.execute(table.delete())
        if table.kwargs.get("sqlite_autoincrement"):
            connection.execute(text(f"ALTER SEQUENCE {table.name}_id_seq RESTART"))
    connection.execute(insert(state).values(id=1, epoch=uuid.uuid4().hex, sequence=0))
    connection.execute(insert(installation).values(id=1, key=uuid.uuid4().hex))
    connection.execute(insert(audit_head).values(id=1, sequence=0, seal=""))
    head = migrations.revisions()[-1]
    connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": head})


def _unprivileged() -> pwd.struct_passwd:
    known = {user.pw_name: user for user in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


class Installations:
    """Databases by data directory, as installations have them."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._urls: dict[Path, str] = {}
        self._next: str | None = None

    @contextmanager
    def one_test(self) -> Iterator[str]:
        """The database of the first data directory that the test uses, also in other processes."""
        before = set(self._urls)
        self._next = first = self._server.migrated()
        try:
            yield first
        finally:
            own = {self._urls.pop(key) for key in self._urls.keys() - before}
            for url in own | {first}:
                self._server.give_back(url)

    def url(self, data: Path) -> str:
        """The database that belongs to a data directory, made when first asked for."""
        key = data.absolute()
        if key not in self._urls:
            self._urls[key] = self._next or self._server.migrated()
            self._next = None
        return self._urls[key]


# While tests run on PostgreSQL; ``builders.storage`` asks it.
current: Installations | None = None
