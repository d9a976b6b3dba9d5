"""Small builders for tests: real parts, the hashing embedder, invented people."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import update

from api.services import Services
from knowledge.settings import (
    AskSettings,
    AuthSettings,
    EmbeddingSettings,
    GapSettings,
    ImportSettings,
    MailSettings,
    MeasureSettings,
    PeopleSettings,
    PrivacySettings,
    SearchSettings,
    ServeSettings,
    Settings,
    StorageSettings,
)
from knowledge.store.database import Database, position
from knowledge.store.erasing import installation_key
from knowledge.store.tables import people
from knowledge.types import EVERYONE, Audience, Contributor, Kind, Role, SourceDocument
from tests import postgres


def storage(data: Path, **changes: Any) -> StorageSettings:
    """Where an installation keeps its truth: in the kind of database that the test runs on."""
    if postgres.current and "database_url" not in changes:
        changes["database_url"] = postgres.current.url(data)
    return StorageSettings(data=data, **changes)


# Tests ask as often as they like, unless that is what they are about.
UNLIMITED = dict.fromkeys(
    (
        "searches_per_minute",
        "writes_per_minute",
        "imports_per_hour",
        "site_searches_per_minute",
        "refusals_per_minute",
        "sign_ins_per_minute",
    ),
    0,
)


# To read the environment takes longer than to open an installation.
_OTHERS = (
    EmbeddingSettings(embedder="hashing"),
    SearchSettings(),
    PeopleSettings(),
    PrivacySettings(),
    AskSettings(),
    ServeSettings(**UNLIMITED),
    ImportSettings(),
    AuthSettings(),
    GapSettings(),
    MeasureSettings(),
    MailSettings(),
)


def settings(data: Path, **changes: Any) -> Settings:
    """Settings over a data directory with the deterministic embedder; ``changes`` of storage."""
    return Settings(storage(data, **changes), *_OTHERS)


class EmptyDatabase:
    """SQLite's file as the migrations make it, which need not run again for every test."""

    def __init__(self, data: Path) -> None:
        database = Database(StorageSettings(data=data))
        with database.read() as connection:
            minted = position(connection)[0], installation_key(connection)
        database.close()
        self._minted = [one.encode() for one in minted]
        self._content = (data / "whoknows.db").read_bytes()
        assert [self._content.count(one) for one in self._minted] == [1, 1]

    def put(self, data: Path) -> None:
        """Into a new data directory, as an installation of its own."""
        file = data / "whoknows.db"
        if data.parent.is_dir() and not file.exists():
            data.mkdir(mode=0o700, exist_ok=True)
            content = self._content
            for one in self._minted:
                content = content.replace(one, uuid.uuid4().hex.encode())
            file.write_bytes(content)


# Of the tests' process, see ``conftest``. Others race for a new directory, so they make their own.
empty: EmptyDatabase | None = None


def wired(settings: Settings, **more: Any) -> Services:
    """Services over settings, beginning with an empty database where there is none."""
    if empty and settings.storage.database_url is None:
        empty.put(settings.storage.data)
    return Services(settings, **more)


@contextmanager
def opened(data: Path, **changes: Any) -> Iterator[Services]:
    """Wired services, as one process of an installation has them; ``changes`` of its storage."""
    services = wired(settings(data, **changes))
    try:
        yield services
    finally:
        services.close()


def disable(services: Services, person_id: int) -> None:
    """Let somebody sign in no more."""
    with services.database.write() as connection:
        connection.execute(
            update(people).where(people.c.id == person_id).values(disabled_at=datetime.now(UTC))
        )


@contextmanager
def writing_elsewhere(data: Path) -> Iterator[None]:
    """While another process is in the middle of a write to the same installation."""
    other = Database(storage(data))
    try:
        with other.write(frees=True):
            yield
    finally:
        other.close()


def document(key: str, body: str, **changes: Any) -> SourceDocument:
    """A write-up by Ada Field that everybody may read, unless changed."""
    given: dict[str, Any] = {
        "source": "wiki",
        "external_id": key,
        "title": f"Page {key}",
        "body": body,
        "kind": Kind.WRITEUP,
        "contributors": (Contributor("Ada Field", Role.AUTHOR, email="ada@example.org"),),
        "audience": Audience.of(EVERYONE),
    }
    return SourceDocument(**(given | changes))
