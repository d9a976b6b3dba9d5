"""Participation: who shares and who reads, how often and how much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from knowledge.measures.context import EVERYBODY, Context
from knowledge.measures.kinds import COMPANY, NO_TEAM, OTHERS, Family, Measure, Raw, Unit
from knowledge.meeting import State
from knowledge.store import measured
from knowledge.teaching_time import minutes

_OPEN = "Only documents that whoever signs in may read are counted. "
_LATER = "A person is of the team that the directory says when the month is published."
_READ = "reading_days, readings: kept by person until the month is published"
_READ_CAVEATS = (
    _OPEN + "What is read in search results alone, or through other sites, is not counted; nor is "
    "anything while WHOKNOWS_MEASURES_READING is off. " + _LATER
)

_SESSIONS = "Only sessions to which whoever signs in may come are counted. "
_TAUGHT = "contributions, question_answers, draft_reviews, meetings, teaching_minutes"

MEASURES = (
    Measure(
        "contributors",
        "Contributors",
        Family.PARTICIPATION,
        Unit.COUNT,
        "People who in the month wrote, edited, answered or spoke in a document",
        "contributions: the role's time, or that of the document",
        _OPEN + "An import counts in the months that its documents name. " + _LATER,
        teams=True,
    ),
    Measure(
        "first_sharers",
        "First-time sharers",
        Family.PARTICIPATION,
        Unit.COUNT,
        "Contributors of the month who contributed to nothing before",
        "contributions",
        _OPEN + "Before means: in what is stored here when the month is published.",
    ),
    Measure(
        "readers",
        "Readers",
        Family.PARTICIPATION,
        Unit.COUNT,
        "People who opened a document in the month",
        _READ,
        _READ_CAVEATS,
        teams=True,
    ),
    Measure(
        "frequency",
        "Days with reading",
        Family.PARTICIPATION,
        Unit.MEAN,
        "Days on which a reader opened a document, summed over readers / readers",
        _READ,
        _READ_CAVEATS,
        teams=True,
    ),
    Measure(
        "depth",
        "Documents a reader",
        Family.PARTICIPATION,
        Unit.MEAN,
        "Different documents that a reader opened, 50 at most each, summed over readers / readers",
        _READ,
        _READ_CAVEATS,
        teams=True,
    ),
    Measure(
        "reciprocity",
        "Reciprocity between teams",
        Family.PARTICIPATION,
        Unit.SHARE,
        "2 × Σ min(a→b, b→a) / Σ (a→b + b→a) over pairs of teams; a→b counts answers of a to "
        "questions of b, and people of b who came to sessions held by a",
        "questions without anonymous ones, question_answers, meetings, meeting_people",
        _SESSIONS + "People without a team, and exchange within a team, are left out. 1: every "
        "pair gives as much as it gets.",
    ),
    Measure(
        "teachers",
        "Colleagues who taught",
        Family.PARTICIPATION,
        Unit.COUNT,
        "People who in the month held a session, wrote a note or write-up, answered a question or "
        "reviewed a draft",
        _TAUGHT,
        _OPEN + _SESSIONS + "Whether anybody learned from it is not known. " + _LATER,
        teams=True,
    ),
    Measure(
        "teaching_hours",
        "Hours a colleague taught",
        Family.PARTICIPATION,
        Unit.MEAN,
        "Estimated hours, 40 at most each, summed over those who taught / those who taught",
        _TAUGHT,
        _OPEN
        + _SESSIONS
        + "An estimate: sessions by their length, anything else by what its author says that "
        "one takes, or 15 minutes a note, 60 a write-up, 10 an answer and 20 a review. " + _LATER,
        teams=True,
    ),
)


MOST = 50
"""Documents of one reader that count in a month, at most."""
MOST_HOURS = 40.0
"""Hours of one colleague that count in a month, at most."""
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def gather(context: Context) -> Iterator[Raw]:
    """The figures of a month."""
    first: dict[int, datetime] = {}
    active = set()
    for row in measured.contributed(context.connection, EVERYBODY, context.end):
        person, at = context.company.wholes[row.person_id], row.at or _LONG_AGO
        first[person] = min(at, first.get(person, at))
        if at >= context.start:
            active.add(person)
    new = {one for one in active if first[one] >= context.start}
    yield from context.counted("contributors", active, teams=True)
    yield from context.counted("first_sharers", new, teams=False)
    yield from _reading(context)
    yield from _reciprocity(context)
    yield from _taught(context)


def _reading(context: Context) -> Iterator[Raw]:
    held_days, held = measured.reading(context.connection, context.month)
    wholes = context.company.wholes
    days = {(wholes[row.person_id], row.day) for row in held_days}
    read = {(wholes[row.person_id], row.document_id) for row in held}
    frequency = Counter(person for person, _ in days)
    depth = Counter(person for person, _ in read)
    yield from context.counted("readers", frequency.keys(), teams=True)
    yield from context.meant("frequency", dict(frequency), teams=True)
    capped = {one: float(min(count, MOST)) for one, count in depth.items()}
    yield from context.meant("depth", capped, teams=True)


def _taught(context: Context) -> Iterator[Raw]:
    found = minutes(context.connection, context.start.date(), EVERYBODY)
    hours = {person: min(count / 60, MOST_HOURS) for person, count in found}
    yield from context.counted("teachers", hours.keys(), teams=True)
    yield from context.meant("teaching_hours", hours, teams=True)


def _reciprocity(context: Context) -> Iterator[Raw]:
    flows: Counter[tuple[str, str]] = Counter()
    givers: set[int] = set()
    takers: set[int] = set()
    for giver, taker in _given(context):
        places = context.company.place(giver), context.company.place(taker)
        if len(set(places)) == 2 and all(places) and not {NO_TEAM, OTHERS} & set(places):
            flows[places] += 1
            givers |= context.company.people([giver])
            takers |= context.company.people([taker])
    total = sum(flows.values())
    if total:
        mutual = sum(min(count, flows[b, a]) for (a, b), count in flows.items())
        people = min(len(givers), len(takers))
        yield Raw("reciprocity", COMPANY, mutual / total, mutual, total, people)


def _given(context: Context) -> Iterator[tuple[int | None, int | None]]:
    """Who gave to whom: answers of the month, and sessions that were held in it."""
    askers = {
        row.id: row.person_id
        for row in measured.asked(context.connection, context.end)
        if not row.anonymous
    }
    for row in measured.answered(context.connection):
        if context.start <= row.at < context.end and row.question_id in askers:
            yield row.person_id, askers[row.question_id]
    period = context.start, context.end
    for row in measured.came(context.connection, EVERYBODY, State.HELD, *period):
        yield row.host_id, row.person_id
