"""What people of the past do every month: read, search, say how they feel; and what is counted."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from api.past.cast import Cast
from api.past.telling import Past, Searches
from api.past.time import Agenda
from api.services import Services
from indexer.protocols import Filters
from indexer.search.results import Request
from knowledge.measures.kinds import bounds

ANSWERS = 10
"""So many people say each month how they feel."""
_WEEK = timedelta(days=7)
_FIRST_DAY, _LAST_DAY = 2, 26
_MOST_READ, _MOST_DAYS, _PLACES = 4, 3, 4
_FOUND_BY_SEARCH = 0.4
# Nobody looks at what is shown, and showing it takes most of a search's time.
_SHOWN = 2


class Habits:
    """Drawn from generators of their own, so that equal descriptions make equal months."""

    def __init__(self, services: Services, agenda: Agenda, cast: Cast, told: Past) -> None:
        self._services = services
        self._agenda = agenda
        self._cast = cast
        self._told = told

    def plan(self) -> None:
        """Put everything on the agenda."""
        for month in range(1, self._told.months + 1):
            first, following = bounds(self._agenda.month(month))
            # Who is here then is known then.
            self._agenda.at(first, "a month begins", partial(self._begin, month))
            # Before the log of queries forgets them.
            self._agenda.at(following, "searches are counted", self._services.publishing.tally)
            self._agenda.at(self._agenda.published(month), "a month is published", self._publish)

    def _publish(self) -> None:
        self._services.topics.refresh()
        self._services.publishing.publish()

    def _begin(self, month: int) -> None:
        documents = [one.id for one in self._cast.documents(of_all=True)]
        for team, counts in self._told.reads.items():
            chance = random.Random(f"{month} {team} reads")
            here = self._cast.here(team)
            for name in chance.sample(here, min(counts[month - 1], len(here))):
                self._reads(month, name, documents)
        self._search(month)
        self._feel(month)

    def _reads(self, month: int, name: str, documents: Sequence[int]) -> None:
        chance = random.Random(f"{month} {name} reads")
        whose = self._cast.person_id(name)
        read = chance.sample(documents, min(chance.randint(1, _MOST_READ), len(documents)))
        for day in chance.sample(range(_FIRST_DAY, _LAST_DAY), chance.randint(1, _MOST_DAYS)):
            for document_id in read:
                found = chance.random() < _FOUND_BY_SEARCH
                place = chance.randint(1, _PLACES) if found else None
                when = self._agenda.day(month, day, chance.uniform(8, 17))
                deed = partial(self._services.readings.record, whose, document_id, place)
                self._agenda.at(when, f"{name} reads", deed)

    def _search(self, month: int) -> None:
        """Within one week, which is in the month as a whole: who asked is known for that long."""
        chance = random.Random(f"{month} searches")
        monday = self._agenda.day(month, 8, 0)
        monday += (timedelta(days=7 - monday.weekday())) % _WEEK
        counts = [one.people[month - 1] for one in self._told.searches]
        names = iter(self._cast.some(chance, sum(counts)))
        for searches, count in zip(self._told.searches, counts, strict=True):
            begin = chance.randrange(len(searches.texts))
            for number in range(count):
                text = searches.texts[(begin + number) % len(searches.texts)]
                request = Request(text, _filters(searches), limit=_SHOWN, people_limit=_SHOWN)
                hours = 24 * chance.randrange(5) + chance.uniform(8, 17)
                self._searches(monday + timedelta(hours=hours), next(names, None), request)

    def _searches(self, when: datetime, name: str | None, request: Request) -> None:
        if name is not None:
            principal = self._cast.principal(name)
            deed = partial(self._services.search, request, principal)
            self._agenda.at(when, f"{name} searches", deed)

    def _feel(self, month: int) -> None:
        chance = random.Random(f"{month} comfort")
        for number, name in enumerate(self._cast.some(chance, ANSWERS)):
            scores = {
                key: int(means[month - 1] + (number + 0.5) / ANSWERS)
                for key, means in self._told.comfort.items()
            }
            when = self._agenda.day(month, chance.randint(_FIRST_DAY, _LAST_DAY), 12)
            principal = self._cast.principal(name)
            deed = partial(self._services.comforting.answer, scores, principal)
            self._agenda.at(when, f"{name} says how they feel", deed)


def _filters(told: Searches) -> Filters:
    kinds = frozenset({told.kind.value} if told.kind else ())
    return Filters(kind=kinds, level=frozenset({told.level.value} if told.level else ()))
