"""Whom a question goes to next: at first, after a time without an answer, and when it is handed on.

Whoever opens a list of questions lets every question go on that is due, and so does what looks for
mail to send. Without mail nothing has to run by itself: nobody learns of a question but by opening
a list.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from knowledge.errors import DataUnavailable
from knowledge.learning_settings import AskSettings
from knowledge.routing import (
    REMEMBERED,
    Availability,
    Candidate,
    available,
    due,
    load_of,
    route,
)
from knowledge.settings import PrivacySettings
from knowledge.store import access, people
from knowledge.store import questions as store
from knowledge.store.database import Database
from knowledge.types import EVERYONE, Audience

OPEN = "open"
MOST_ASKED = 8
"""To so many colleagues one question goes at most."""
# Of the others, whoever looks next lets some go on.
_AT_ONCE = 20


def wholes(
    connection: Connection, candidates: Collection[Candidate], besides: Collection[int] = ()
) -> list[Candidate]:
    """Each candidate once, as who they are by now; nobody ``besides``."""
    parts = people.wholes(connection, [one.person_id for one in candidates])
    found: dict[int, Candidate] = {}
    for one in candidates:
        key = parts.get(one.person_id, one.person_id)
        held = found.get(key, Candidate(key, 0.0))
        found[key] = Candidate(
            key,
            max(one.quality, held.quality),
            one.named or held.named,
            one.holder or held.holder,
        )
    return [one for key, one in found.items() if key not in besides]


def possible(
    connection: Connection,
    candidates: Collection[Candidate],
    audience: Audience,
    besides: Collection[int],
    privacy: PrivacySettings,
    now: datetime,
) -> list[Candidate]:
    """Of those who may know, those who can be asked."""
    found = wholes(connection, candidates, besides)
    known = store.availability(connection, [one.person_id for one in found], privacy)
    if audience != Audience.of(EVERYONE):
        known = {
            key: one if _reads(connection, key, audience) else Availability(reads=False)
            for key, one in known.items()
        }
    return available(found, known, now)


def _reads(connection: Connection, person_id: int, audience: Audience) -> bool:
    return access.admits(audience, access.principal_of(connection, person_id))


def go_on(
    connection: Connection,
    row: Row[Any],
    settings: AskSettings,
    privacy: PrivacySettings,
    now: datetime,
    most: int | None = None,
) -> None:
    """Let an open question go to further colleagues, ``most`` at most, as far as there are any, and
    say when it goes on next."""
    held = store.candidates(connection, row.id)
    asked = {one.person_id for one in held if one.asked_at is not None}
    left = MOST_ASKED - len(asked)
    given = [Candidate(one.person_id, one.quality, one.named, one.holder) for one in held]
    parts = people.wholes(connection, [*asked, *([row.person_id] if row.person_id else [])])
    besides = {row.person_id, *asked, *parts.values()}
    audience = Audience.of(*row.audience)
    free = possible(connection, given, audience, besides, privacy, now)
    times = store.asked_at(connection, [one.person_id for one in free], now - REMEMBERED)
    load = {key: load_of(at, now) for key, at in times.items()}
    chosen = route(free, load, settings.weekly, left if most is None else min(most, left))
    ids = {one.person_id for one in held}
    for key in chosen:
        if key not in ids:  # who was found is part of somebody by now
            store.add_candidate(connection, row.id, Candidate(key, 0.0))
    store.ask(connection, row.id, chosen, now)
    more = len(chosen) < left and any(key not in {*asked, *chosen} for key in ids)
    store.put(connection, row.id, due_at=due(now, settings.escalate_hours) if more else None)


def sweep(
    connection: Connection, settings: AskSettings, privacy: PrivacySettings, now: datetime
) -> None:
    """Let every question go on that nobody answered in time."""
    for key in store.due(connection, OPEN, now)[:_AT_ONCE]:
        go_on(connection, store.get(connection, key), settings, privacy, now)


def catch_up(
    database: Database, settings: AskSettings, privacy: PrivacySettings, now: datetime
) -> None:
    """The same, where anything is due; what cannot be written now goes on when somebody looks
    again."""
    with database.read() as connection:
        if not store.due(connection, OPEN, now):
            return
    with suppress(DataUnavailable), database.write() as connection:
        sweep(connection, settings, privacy, now)
