"""Small builders for tests: real parts, the hashing embedder, invented people."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from api.services import Services
from knowledge.settings import (
    EmbeddingSettings,
    PeopleSettings,
    SearchSettings,
    ServeSettings,
    Settings,
    StorageSettings,
)
from knowledge.store.database import Database, position
from knowledge.types import EVERYONE, Audience, Contributor, Kind, Role, SourceDocument
from tests import postgres


def storage(data: Path, **changes: Any) -> StorageSettings:
    """Where an installation keeps its truth: in the kind of database that the test runs on."""
    if postgres.current and "database_url" not in changes:
        changes["database_url"] = postgres.current.url(data)
    return StorageSettings(data=data, **changes)


def settings(data: Path, **changes: Any) -> Settings:
    """Settings over a data directory with the deterministic embedder; ``changes`` of storage."""
    return Settings(
        storage(data, **changes),
        EmbeddingSettings(embedder="hashing"),
        SearchSettings(),
        PeopleSettings(),
        ServeSettings(),
    )


class EmptyDatabase:
    """SQLite's file as the migrations make it, which need not run again for every test."""

    def __init__(self, data: Path) -> None:
        database = Database(StorageSettings(data=data))
        with database.read() as connection:
            self._epoch = position(connection)[0].encode()
        database.close()
        self._content = (data / "whoknows.db").read_bytes()
        assert self._content.count(self._epoch) == 1

    def put(self, data: Path) -> None:
        """Into a new data directory, with an epoch of its own."""
        file = data / "whoknows.db"
        if data.parent.is_dir() and not file.exists():
            data.mkdir(mode=0o700, exist_ok=True)
            file.write_bytes(self._content.replace(self._epoch, uuid.uuid4().hex.encode()))


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
