"""A small company whose months can be measured: real parts, a clock that tests set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, select

from api.services import Services
from knowledge.roles import EVERYTHING
from knowledge.settings import Settings
from knowledge.store import measured
from knowledge.store import tables as t
from knowledge.store.measure_tables import measure_figures
from knowledge.store.question_tables import question_answers, questions
from tests.builders import wired

START = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday
PUBLISHED = datetime(2026, 4, 8, 1, tzinfo=UTC)


class Company:
    """Its people by name, and what they do, straight in the tables."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.ids: dict[str, int] = {}

    def team(self, name: str | None, count: int) -> list[int]:
        """So many more people of a team."""
        made = []
        with self.services.database.write() as connection:
            for number in range(count):
                called = f"{name or 'Nobody'} {len(self.ids)}-{number}"
                values = {"name": called, "name_key": called.casefold(), "team": name}
                key = connection.execute(insert(t.people).values(**values)).inserted_primary_key
                assert key is not None
                made.append(int(key[0]))
        self.ids |= {f"{one}": one for one in made}
        return made

    def read(self, persons: list[int], day: str = "2026-03-02", document: int = 1) -> None:
        """They read a document."""
        with self.services.database.write() as connection:
            for one in persons:
                measured.note_reading(connection, one, day, document, None)

    def ask(
        self,
        asker: int,
        answerer: int | None = None,
        *,
        hours: float = 2.0,
        title: str = "How?",
        at: datetime = START,
        anonymous: bool = False,
        before: int | None = None,
    ) -> None:
        """Somebody asks, and somebody answers so many hours later; ``before``: a thread that meant
        the same."""
        with self.services.database.write() as connection:
            values = {
                "person_id": asker,
                "anonymous": anonymous,
                "title": title,
                "body": "",
                "title_key": title.casefold(),
                "query": "",
                "audience": [],
                "state": "open",
                "created_at": at,
                "asked_before": before,
            }
            key = connection.execute(insert(questions).values(**values)).inserted_primary_key
            assert key is not None
            if answerer is not None:
                answered = {"question_id": key[0], "person_id": answerer, "body": "So."}
                when = at + timedelta(hours=hours)
                connection.execute(
                    insert(question_answers).values(**answered, at=when, accepted=False)
                )

    def told(self, measure: str, month: str = "2026-03") -> dict[str, float]:
        """What is told of a month."""
        lines = self.services.measures.series(measure, EVERYTHING).lines
        found = {
            line.partition: figure.value
            for line in lines
            for figure in line.figures
            if figure.month == month
        }
        return {place: value for place, value in found.items() if value is not None}

    def raw(
        self, measure: str, partition: str = "company", month: str = "2026-03"
    ) -> tuple[float, int | None, int | None]:
        """What nobody is told: value, people, others."""
        c = measure_figures.c
        query = select(c.value, c.people, c.others)
        same = (c.measure == measure) & (c.partition == partition) & (c.month == month)
        with self.services.database.read() as connection:
            row = connection.execute(query.where(same)).one()
        return row.value, row.people, row.others


class Clock:
    """Tells the time that a test says."""

    def __init__(self, at: datetime = PUBLISHED) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@contextmanager
def founded(given: Settings, clock: Clock | None = None) -> Iterator[Company]:
    """A company without anybody in it."""
    services = wired(given, now=clock or Clock())
    try:
        yield Company(services)
    finally:
        services.close()
