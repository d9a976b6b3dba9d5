"""What was refused is told once a minute, and nobody waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.services import Services
from knowledge.audit import Journal
from knowledge.denials import Denials
from knowledge.later import Later
from tests.builders import opened, writing_elsewhere


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with opened(tmp_path / "data") as made:
        yield made


def test_each_is_told_to_each_once_a_minute(services: Services) -> None:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    later = Later(services.database)
    denials = Denials(later, lambda: now)
    for _ in range(3):
        denials.tell("person:1", "GET /metrics")
    denials.tell("person:2", "GET /metrics")
    denials.tell("person:1", "GET /api/v1/roles")
    now += timedelta(seconds=59)
    denials.tell("person:1", "GET /metrics")
    now += timedelta(seconds=1)
    denials.tell("person:1", "GET /metrics")
    later.close()
    entries = Journal(services.database).newest(10)
    told = [(one.actor, one.action, one.subject, one.detail) for one in reversed(entries)]
    assert told == [
        ("person:1", "denied", "GET /metrics", {}),
        ("person:2", "denied", "GET /metrics", {}),
        ("person:1", "denied", "GET /api/v1/roles", {}),
        ("person:1", "denied", "GET /metrics", {}),
    ]
    assert entries[0].at - entries[-1].at == timedelta(minutes=1)


def test_memory_is_bounded(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knowledge.denials._REMEMBERED", 2)
    later = Later(services.database)
    denials = Denials(later)
    for number in (1, 2, 3, 1):
        denials.tell(f"person:{number}", "GET /metrics")
    later.close()
    assert Journal(services.database).head()[0] == 4


@pytest.mark.sqlite("another process holds the lock of a file")
def test_nobody_waits(services: Services, tmp_path: Path) -> None:
    later = Later(services.database)
    with writing_elsewhere(tmp_path / "data"):
        Denials(later).tell("person:1", "GET /metrics")  # returns although nothing can be written
    later.close()
    assert Journal(services.database).head()[0] == 1
