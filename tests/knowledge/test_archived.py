"""What its sources no longer hold is deleted for good on command, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Table, func, select

from api.services import Services
from knowledge.archived import Archived
from knowledge.audit import Action
from knowledge.errors import NotFound
from knowledge.readers._attachments import embedded
from knowledge.store import audit, tables
from knowledge.store.database import Database
from tests.builders import document, opened


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with opened(tmp_path) as made:
        yield made


def stored(services: Services, *keys: str, source: str = "wiki") -> list[int]:
    """Documents with a file and a former version each, by their ids."""
    ids = []
    for key in keys:
        plan = embedded(f"plan {key}".encode(), "plan.png", "plan.png")
        for body in ("Kilns.", f"Kilns {key}."):
            made = document(key, body, source=source, tags=("clay",), attachments=(plan,))
            outcome = services.capture.save(made)
        assert outcome.document_id is not None
        ids.append(outcome.document_id)
    return ids


def count(services: Services, table: Table) -> int:
    with services.database.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def in_days(database: Database, days: int) -> Archived:
    return Archived(database, lambda: datetime.now(UTC) + timedelta(days=days))


def test_what_is_archived_for_long_is_deleted_with_all_that_hangs_on_it(
    services: Services,
) -> None:
    gone, kept = stored(services, "1", "2")
    services.capture.archive([gone])
    assert [(one.source, one.documents) for one in services.archived.by_source()] == [("wiki", 1)]

    assert services.archived.delete("wiki", 30) == 0
    assert in_days(services.database, 31).delete("wiki", 30) == 1

    assert count(services, tables.documents) == 1
    assert count(services, tables.revisions) == 2
    assert count(services, tables.blobs) == 1
    assert services.archived.by_source() == []
    with services.database.read() as connection:
        told = list(audit.rows(connection))
    assert [one["subject"] for one in told if one["action"] == Action.DELETED] == [
        f"document:{gone}"
    ]
    (left,) = stored(services, "1")
    assert left not in (gone, kept)


def test_only_of_the_source_that_is_named(services: Services) -> None:
    services.capture.archive(stored(services, "1") + stored(services, "2", source="other"))

    assert services.archived.delete("other", 0) == 1
    assert [one.source for one in services.archived.by_source()] == ["wiki"]
    with pytest.raises(NotFound, match="nothing of a source 'other' is archived"):
        services.archived.delete("other", 0)


def test_what_comes_in_again_meanwhile_stays(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    (back,) = stored(services, "1")
    services.capture.archive([back])
    due = services.archived.due

    def then_it_comes_in(source: str, days: int) -> list[int]:
        found = due(source, days)
        stored(services, "1")
        return found

    monkeypatch.setattr(services.archived, "due", then_it_comes_in)
    assert services.archived.delete("wiki", 0) == 0
    assert count(services, tables.documents) == 1
