"""What two decided about themselves when they become one person, and when they are two again."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from api.services import Services
from knowledge.identity import Objection
from knowledge.people import Profile
from knowledge.store import appearances as counted
from knowledge.store.identity_tables import appearances, hidden_topics, objections
from knowledge.store.tables import people
from knowledge.types import Contributor, Principal, Role
from tests.builders import document, opened

SOON = datetime(2030, 1, 1, tzinfo=UTC)
LATER = SOON + timedelta(days=1)


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with opened(tmp_path) as made:
        for name in ("ada", "ben", "cleo"):
            made.directory.put(Profile(name.title(), f"{name}@example.org"))
        makers = tuple(
            Contributor(name.title(), Role.AUTHOR, email=f"{name}@example.org")
            for name in ("ada", "ben", "cleo")
        )
        for key in ("a", "b", "c"):
            made.capture.save(document(key, "text", contributors=makers))
        yield made


def decided(services: Services) -> dict[str, list[tuple[object, ...]]]:
    """All that anybody decided, but when they did."""
    told: dict[str, list[tuple[object, ...]]] = {}
    with services.database.read() as connection:
        for table, columns in (
            (hidden_topics, ("person_id", "topic")),
            (objections, ("person_id", "document_id", "verdict")),
            (appearances, ("person_id", "day", "shown")),
            (people, ("id", "paused_until", "consent_written", "consent_written_by")),
            (people, ("id", "consent_spoken", "consent_spoken_by")),
        ):
            rows = connection.execute(select(*(table.c[name] for name in columns)))
            told[f"{table.name} {columns}"] = sorted((tuple(row) for row in rows), key=repr)
    return told


def of(services: Services, person: int) -> dict[str, set[tuple[object, ...]]]:
    return {
        name: {row[1:] for row in rows if row[0] == person}
        for name, rows in decided(services).items()
    }


def decide_differently(services: Services) -> None:
    privacy = services.privacy
    privacy.decide(1, topics=["mine", "both"], paused_until=SOON)
    privacy.decide(2, topics=["both", "theirs"], paused_until=LATER)
    privacy.decide(3, topics=["theirs", "third"])
    privacy.decide(2, consents={"consent_written": False, "consent_spoken": False})
    for person, document_id, verdict in (
        (1, 1, Objection.HIDDEN),
        (2, 1, Objection.NOT_ME),
        (2, 2, Objection.OUTDATED),
        (3, 2, Objection.HIDDEN),
    ):
        privacy.object_to(Principal(person, signed_in=True), document_id, verdict)
    with services.database.write() as connection:
        counted.add(connection, "2026-05-04", {1: 2, 2: 3, 3: 5})
        counted.add(connection, "2026-05-05", {2: 7})


def test_the_stricter_holds(services: Services) -> None:
    decide_differently(services)
    services.merging.merge(1, 2, force=True)
    held = of(services, 1)
    assert held["hidden_topics ('person_id', 'topic')"] == {("mine",), ("both",), ("theirs",)}
    assert held["objections ('person_id', 'document_id', 'verdict')"] == {
        (1, "hidden"),
        (2, "outdated"),
    }
    assert held["appearances ('person_id', 'day', 'shown')"] == {
        ("2026-05-04", 5),
        ("2026-05-05", 7),
    }
    consents = services.privacy.decisions(1)
    assert consents.consents == {"consent_written": False, "consent_spoken": False}
    assert consents.person.paused_until == LATER
    assert not any(of(services, 2)[name] for name in held if not name.startswith("people"))


@pytest.mark.parametrize("order", [(2, 3), (3, 2)])
@pytest.mark.parametrize("back", [(0, 1), (1, 0)])
def test_undoing_gives_everybody_their_own_back(
    services: Services, order: tuple[int, ...], back: tuple[int, ...]
) -> None:
    decide_differently(services)
    before = decided(services)
    made = [services.merging.merge(1, gone, force=True).id for gone in order]
    assert decided(services) != before
    for at in back:
        services.merging.unmerge(made[at])
    assert decided(services) == before


def test_what_was_decided_since_stays(services: Services) -> None:
    decide_differently(services)
    made = services.merging.merge(1, 2, force=True)
    services.privacy.show_topic(1, "theirs")
    services.privacy.decide(1, paused_until=None, consents={"consent_written": True})
    services.privacy.object_to(Principal(1, signed_in=True), 2, Objection.HIDDEN)
    services.capture.delete(1)
    services.merging.unmerge(made.id)
    one, other = of(services, 1), of(services, 2)
    assert one["hidden_topics ('person_id', 'topic')"] == {("mine",), ("both",)}
    assert other["hidden_topics ('person_id', 'topic')"] == {("both",), ("theirs",)}
    assert one["objections ('person_id', 'document_id', 'verdict')"] == {(2, "hidden")}
    assert other["objections ('person_id', 'document_id', 'verdict')"] == {(2, "outdated")}
    assert services.privacy.decisions(1).person.paused_until is None
    assert services.privacy.decisions(1).consents["consent_written"] is True
    assert services.privacy.decisions(2).consents["consent_written"] is False


def test_any_days_are_counted_and_given_back(services: Services) -> None:
    chance = random.Random(1)
    with services.database.write() as connection:
        for _ in range(50):
            day = f"2026-05-{chance.randrange(1, 9):02}"
            counted.add(connection, day, {chance.randrange(1, 4): chance.randrange(1, 9)})
    before = decided(services)
    made = services.merging.merge(1, 2, force=True)
    services.merging.unmerge(made.id)
    assert decided(services) == before
