"""Small builders for tests: real parts, the hashing embedder, invented people."""

from __future__ import annotations

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
from knowledge.store.database import Database
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


@contextmanager
def opened(data: Path, **changes: Any) -> Iterator[Services]:
    """Wired services, as one process of an installation has them; ``changes`` of its storage."""
    services = Services(settings(data, **changes))
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
