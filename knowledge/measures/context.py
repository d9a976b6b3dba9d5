"""What the families compute from: the database, the month, and who is of which team."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean

from sqlalchemy import Connection

from knowledge.currency import Ageing
from knowledge.measures.kinds import COMPANY, OTHERS, Raw, bounds, team
from knowledge.store import measured
from knowledge.types import Principal

FEWEST = 5
"""So many people stand behind whatever is told of people."""
UNPLACED = ""
"""Whoever may not sign in any more is of no partition; also what anonymous people did. It is never
told."""
_NEVER_OLD = Ageing(0)
EVERYBODY = Principal(signed_in=True)
"""Reads what whoever signs in may read, and nothing else."""


@dataclass(frozen=True, slots=True)
class Company:
    """Who there is. ``wholes``: by record, the person; ``teams``: by
    person, their own team; ``places``: by person, their partition;
    ``members``: how many each partition has. A team of fewer than five is part of the others."""

    wholes: Mapping[int, int]
    teams: Mapping[int, str]
    places: Mapping[int, str]
    members: Mapping[str, int]

    def place(self, person_id: int | None) -> str:
        """The partition of a record's person."""
        return self.places.get(self.wholes.get(person_id or 0, 0), UNPLACED)

    def others(self, place: str, count: int) -> int | None:
        """How many of a team are not among ``count`` of it; None for what is no team."""
        size = self.members.get(place)
        return None if size is None else size - count

    def people(self, ids: Collection[int | None]) -> set[int]:
        """The people whose records these are."""
        return {self.wholes[one] for one in ids if one is not None and one in self.wholes}

    def parted(self, persons: Collection[int]) -> Iterator[tuple[str, set[int]]]:
        """Of every partition, the company first: those among ``persons``."""
        yield COMPANY, set(persons)
        by: dict[str, set[int]] = {one: set() for one in (*self.members, UNPLACED)}
        for one in persons:
            by[self.places.get(one, UNPLACED)].add(one)
        yield from by.items()


def company(connection: Connection) -> Company:
    """As the directory says now."""
    rows = measured.people(connection)
    wholes = {row.id: row.merged_into or row.id for row in rows}
    teams = {
        row.id: team(row.team) for row in rows if not row.merged_into and row.disabled_at is None
    }
    sizes = Counter(teams.values())
    places = {key: one if sizes[one] >= FEWEST else OTHERS for key, one in teams.items()}
    return Company(wholes, teams, places, Counter(places.values()))


@dataclass(frozen=True, slots=True)
class Risked:
    """How many topics are at risk, of how many, and how many different people hold most of one of
    those, and of the others."""

    at_risk: int
    topics: int
    people: int
    others: int


@dataclass(frozen=True, slots=True)
class Context:
    """What a month is computed from. ``current``: it is the last month that is over, so that what
    holds now may be told of it; ``risked`` is None where it was not asked."""

    connection: Connection
    month: str
    company: Company
    now: datetime
    ageing: Ageing = _NEVER_OLD
    current: bool = True
    risked: Risked | None = None

    @property
    def start(self) -> datetime:
        """When the month begins."""
        return bounds(self.month)[0]

    @property
    def end(self) -> datetime:
        """When the next one does."""
        return bounds(self.month)[1]

    def counted(self, measure: str, persons: Collection[int], *, teams: bool) -> Iterator[Raw]:
        """A count of people: of a team it takes five who are in it and five who are not."""
        for place, some in self.company.parted(persons):
            if place == COMPANY or teams:
                count = len(some)
                others = self.company.others(place, count)
                yield Raw(measure, place, count, count, 1, count, others)

    def meant(self, measure: str, of: Mapping[int, float], *, teams: bool) -> Iterator[Raw]:
        """A mean over people: it tells that they did it, as a count of them would."""
        for place, some in self.company.parted(of):
            if place == COMPANY or teams:
                values = [of[one] for one in sorted(some)]
                mean = fmean(values) if values else 0.0
                count = len(values)
                others = self.company.others(place, count)
                yield Raw(measure, place, mean, sum(values), count, count, others)


def share(measure: str, place: str, part: float, whole: float, people: int, others: int) -> Raw:
    """A share of something that people did: it takes five behind it and five behind the rest."""
    return Raw(measure, place, part / whole if whole else 0.0, part, whole, people, others)
