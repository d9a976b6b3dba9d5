"""What people do in a year, drawn beforehand. Nothing here knows the product.

Every act is drawn from a generator of its own, so that a world without one person's acts has all
others as they are.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from tests.year.company import Colleague, Company
from tests.year.words import ALONE, AREAS, MISSED, sentence, unheard, wanted

BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
MONTHS = 12
FINDS = 0.5
"""How likely a search is for something that is written."""
TREATED = ("Sales", "Service")
"""The teams in which something is tried from month ``CHANGED`` on."""
CHANGED = 7
READS, READS_THEN = 0.3, 0.6
"""How likely somebody reads in a month: before, and in those teams afterwards."""
AGAIN = 0.4
"""How likely somebody opens a document on further days, too, so that days are more than
documents."""
LEAVES, MOVES, JOINS, MISSING, WRITTEN, ALL_READ = 11, 6, 4, 3, 4, 2
"""The months in which somebody leaves and changes teams, people join, many miss one thing,
somebody writes it down, and everybody of ``ALL_OF`` reads, and two of them reject an answer."""
ALL_OF = "Legal"
"""A team of five."""
ASKERS_MISSING = 9


@dataclass(frozen=True, slots=True)
class Act:
    """Something that somebody does; ``who`` is their number."""

    at: datetime
    who: int


@dataclass(frozen=True, slots=True)
class Search(Act):
    """``found``: whether it is for something that is written."""

    text: str
    found: bool
    verdict: bool | None = None


@dataclass(frozen=True, slots=True)
class Read(Act):
    """Somebody opens a document: the one at this ``place`` of 1 of all there are; with ``search``
    as an answer to a search for it. ``again``: when they open the same one once more."""

    place: float
    search: str | None
    again: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Write(Act):
    """A note that everybody may read; ``verified``: they say at once that it holds."""

    title: str
    body: str
    tags: tuple[str, ...] = ()
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Ask(Act):
    """A question to whoever knows. ``area``: what it is about."""

    title: str
    area: str
    anonymous: bool


@dataclass(frozen=True, slots=True)
class Opinion:
    """What somebody taps after a session."""

    who: int
    taps: tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Session(Act):
    """``who`` holds it; of those who ``joined``, some ``came``, and some of them answered."""

    title: str
    joined: tuple[int, ...]
    came: tuple[int, ...]
    opinions: tuple[Opinion, ...]


@dataclass(frozen=True, slots=True)
class Comfort(Act):
    """Four answers of 1 to 5."""

    scores: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Join(Act):
    """Somebody comes to the company."""


@dataclass(frozen=True, slots=True)
class Move(Act):
    """Somebody changes teams."""

    team: str


@dataclass(frozen=True, slots=True)
class Leave(Act):
    """Somebody leaves the company."""


def month_of(at: datetime) -> int:
    """1 to 12, and 13 for what is after the year."""
    return (at.year - BEGIN.year) * 12 + at.month


def first_of(month: int) -> datetime:
    """When a month begins."""
    return BEGIN.replace(year=BEGIN.year + (month - 1) // 12, month=(month - 1) % 12 + 1)


@dataclass(frozen=True, slots=True)
class Year:
    """Everything that is done, in its order."""

    company: Company
    acts: tuple[Act, ...]
    months: int

    def silent(self, who: int) -> Year:
        """The same year in which one person did nothing that nobody shall know of: they searched,
        read and said nothing, and all that they wrote, asked and came to is there."""
        return replace(
            self, acts=tuple(_unsaid(act, who) for act in self.acts if not _private(act, who))
        )

    def asked_by(self, who: int, other: int) -> Year:
        """The same year in which somebody else asked what one person asked anonymously."""
        return replace(self, acts=tuple(_passed_on(act, who, other) for act in self.acts))


def _private(act: Act, who: int) -> bool:
    return act.who == who and isinstance(act, Search | Read | Comfort)


def _unsaid(act: Act, who: int) -> Act:
    if not isinstance(act, Session):
        return act
    return replace(act, opinions=tuple(one for one in act.opinions if one.who != who))


def _passed_on(act: Act, who: int, other: int) -> Act:
    if isinstance(act, Ask) and act.anonymous and act.who == who:
        return replace(act, who=other)
    return act


def year(company: Company, seed: int, months: int = MONTHS, lively: float = 1.0) -> Year:
    """What is done in so many months by a company; ``lively``: how often people search and read,
    of what they do otherwise."""
    acts: list[Act] = []
    for month in range(1, months + 1):
        here = _here(company, month)
        for one in here:
            acts.extend(_of_person(company, one, month, seed, lively))
        acts.extend(_sessions(here, month, seed))
        acts.extend(_planted(company, here, month))
    acts.sort(key=lambda act: (act.at, act.who, type(act).__name__))
    return Year(company, tuple(acts), months)


def newcomers(company: Company) -> list[Colleague]:
    """Who comes during the year."""
    return [one for one in company.team("Assembly") if not one.knows][:3]


def mover(company: Company) -> Colleague:
    """Who changes teams: from Sales to Assembly, in ``MOVES``."""
    return company.team("Sales")[0]


def _here(company: Company, month: int) -> list[Colleague]:
    later = newcomers(company) if month <= JOINS else []
    gone = [company.leaver] if month > LEAVES else []
    return [one for one in company.people if one not in later and one not in gone]


def _of_person(
    company: Company, one: Colleague, month: int, seed: int, lively: float
) -> Iterator[Act]:
    def drawn(kind: str) -> random.Random:
        return random.Random(f"{seed} {month} {one.number} {kind}")

    chance = drawn("search")
    for _ in range(_times(chance, 0.35 * lively * one.busy)):
        found = chance.random() < FINDS
        text = wanted(chance, chance.choice(list(AREAS))) if found else unheard(chance)
        verdict = chance.random() < 0.8 if found and chance.random() < 0.2 else None
        yield Search(_at(chance, month), one.number, text, found, verdict)
    chance = drawn("read")
    reads = READS_THEN if one.team in TREATED and month >= CHANGED else READS
    if chance.random() < reads * lively:
        for _ in range(1 + _times(chance, 0.6)):
            search = wanted(chance, chance.choice(list(AREAS))) if chance.random() < 0.3 else None
            at = _at(chance, month)
            again = _again(chance, at) if chance.random() < AGAIN else ()
            yield Read(at, one.number, chance.random(), search, again)
    chance = drawn("write")
    for area, likely in sorted(one.knows.items()):
        # So that there is something to be found in January; who knows more has written more.
        often = 1.5 * likely if month == 1 else 0.1 * likely
        least = 0 if month > 1 else 12 if area == ALONE else 1
        for _ in range(max(least, _times(chance, often))):
            title = f"{chance.choice(AREAS[area]).capitalize()} {chance.choice(AREAS[area])}"
            body = " ".join(sentence(chance, area) for _ in range(4))
            early = timedelta(days=1) if month == 1 else None
            tags = ("story",) if chance.random() < 0.1 else ()
            verified = chance.random() < 0.15
            yield Write(_at(chance, month, early), one.number, title, body, tags, verified)
    chance = drawn("ask")
    for _ in range(_times(chance, 0.1 * one.busy)):
        area = chance.choices(list(AREAS), [1 / (n + 4) for n in range(len(AREAS))])[0]
        if area not in one.knows and area != ALONE:
            title = f"How do we {wanted(chance, area)}?"
            yield Ask(_at(chance, month), one.number, title, area, chance.random() < 0.2)
    chance = drawn("comfort")
    if chance.random() < 0.15:
        a, b, c, d = (chance.randint(2, 5) for _ in range(4))
        yield Comfort(_at(chance, month), one.number, (a, b, c, d))


def _sessions(here: Sequence[Colleague], month: int, seed: int) -> Iterator[Session]:
    chance = random.Random(f"{seed} {month} sessions")
    for number in range(max(1, len(here) // 80)):
        host = chance.choice([one for one in here if one.knows])
        joined = chance.sample([one.number for one in here if one != host], chance.randint(4, 12))
        came = [one for one in joined if chance.random() < 0.85]
        said = [
            Opinion(one, _taps(random.Random(f"{seed} {month} {number} {one} tap")))
            for one in came
            if random.Random(f"{seed} {month} {number} {one} says").random() < 0.8
        ]
        title = f"{chance.choice(AREAS[sorted(host.knows)[0]]).capitalize()}, session {number + 1}"
        at = _at(chance, month, timedelta(days=20))
        yield Session(at, host.number, title, tuple(joined), tuple(came), tuple(said))


def _taps(chance: random.Random) -> tuple[str, str, str]:
    one, two, three = chance.choices(("yes", "partly", "no"), (6, 3, 1), k=3)
    return one, two, three


def _planted(company: Company, here: Sequence[Colleague], month: int) -> Iterator[Act]:
    first = first_of(month)
    if month == JOINS:
        yield from (Join(first + timedelta(days=29), one.number) for one in newcomers(company))
    if month == MOVES:
        yield Move(first + timedelta(days=9, hours=9), mover(company).number, "Assembly")
    if month == LEAVES:
        yield Leave(first + timedelta(days=27, hours=18), company.leaver.number)
    if month == MISSING:
        tuesday = _weekday(first + timedelta(days=7), 1)
        some = here[:: len(here) // ASKERS_MISSING][:ASKERS_MISSING]
        for number, one in enumerate(some):
            text = " ".join(MISSED[:3] if number < 6 else (*MISSED[:2], MISSED[3]))
            yield Search(tuesday + timedelta(hours=8 + number), one.number, text, found=False)
        # In the week after only three do, of which nobody is told.
        for number, one in enumerate(some[:3]):
            at = tuesday + timedelta(days=7, hours=8 + number)
            yield Search(at, one.number, " ".join(MISSED[:3]), found=False)
    if month == ALL_READ:
        for one in company.team(ALL_OF):
            at = _weekday(first, 2) + timedelta(hours=10, minutes=one.number)
            yield Read(at, one.number, 0.5, None)
        for one in company.team(ALL_OF)[:2]:
            at = _weekday(first, 3) + timedelta(hours=10, minutes=one.number)
            yield Search(at, one.number, "clean kiln glaze", found=True, verdict=False)
    if month == WRITTEN:
        knows = company.knowing("robots")[0]
        body = (
            f"A {' '.join(MISSED[:3])} takes a day. Then comes {' '.join(MISSED[:2])} {MISSED[3]}."
        )
        at = _weekday(first + timedelta(days=7), 1)
        yield Write(at + timedelta(hours=8), knows.number, f"{MISSED[0].capitalize()} care", body)


def _times(chance: random.Random, mean: float) -> int:
    """How often something is done that is done so often on average: Poisson, by waiting times."""
    count, waited = 0, chance.expovariate(1.0)
    while waited < mean:
        count, waited = count + 1, waited + chance.expovariate(1.0)
    return count


def _at(chance: random.Random, month: int, within: timedelta | None = None) -> datetime:
    """A time in a month, from 8 to 17 on a working day; ``within`` so long after its second day."""
    first, after = first_of(month), first_of(month + 1)
    days = [first + timedelta(days=n) for n in range(1, (after - first).days)]
    last = after if within is None else first + timedelta(days=1) + within
    fitting: list[datetime] = [day for day in days if day.weekday() < 5 and day < last]
    return chance.choice(fitting) + timedelta(seconds=chance.randrange(8 * 3600, 17 * 3600))


def _again(chance: random.Random, at: datetime) -> tuple[datetime, ...]:
    """Two or three of the days that follow, as far as they are in the same month."""
    days = chance.sample(range(1, 8), chance.randint(2, 3))
    return tuple(
        later for day in sorted(days) if (later := at + timedelta(days=day)).month == at.month
    )


def _weekday(at: datetime, weekday: int) -> datetime:
    return at + timedelta(days=(weekday - at.weekday()) % 7)
