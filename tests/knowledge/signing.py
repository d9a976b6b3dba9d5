"""A few colleagues who sign in, and a clock that is put forward."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from api.services import Services
from knowledge.audit import Entry, Journal
from knowledge.people import Profile
from knowledge.settings import AuthSettings
from tests.builders import settings, wired

PASSWORD = "seventeen herons at noon"
CLIENT = "192.0.2.7"


class Clock:
    """Now, until it is put forward."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        """``by``: as of a timedelta."""
        self.now += timedelta(**by)


@contextmanager
def colleagues(data: Path, **auth: Any) -> Iterator[tuple[Services, Clock]]:
    """Ada (of the group vault) and Ben, in the directory; ``auth`` changes how they sign in."""
    clock = Clock()
    given = replace(settings(data), auth=AuthSettings(**auth))
    services = wired(given, now=clock)
    try:
        services.directory.put(Profile("Ada Field", "ada@example.org", groups=("vault",)))
        services.directory.put(Profile("Ben Osei", "ben@example.org"))
        yield services, clock
    finally:
        services.close()


def told(services: Services) -> list[tuple[str, str, str]]:
    """The audit, the first first: (actor, action, subject). It holds together, too."""
    journal = Journal(services.database)
    assert journal.verify().problem == ""
    return [(one.actor, one.action, one.subject) for one in entries(services)]


def entries(services: Services) -> list[Entry]:
    """The audit's entries, the first first."""
    return Journal(services.database).newest(1000)[::-1]
