"""Findability: whether searches find."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import fmean

from sqlalchemy import Connection

from knowledge.measures.context import Context, share
from knowledge.measures.kinds import COMPANY, Family, Measure, Raw, Unit
from knowledge.store import measured

_SOURCE = "search_tallies: the query log, counted when a week or a month is over"
_CAVEATS = (
    "Searches of people, not of programs or other sites' visitors. Needs a query log of 8 days or "
    "more; of days without one nothing is counted."
)

MEASURES = (
    Measure(
        "success",
        "Successful searches",
        Family.FINDABILITY,
        Unit.SHARE,
        "Searches with a confident answer that nobody rejected / searches",
        _SOURCE,
        _CAVEATS,
    ),
    Measure(
        "zero_result",
        "Searches without result",
        Family.FINDABILITY,
        Unit.SHARE,
        "Searches that showed nothing / searches",
        _SOURCE,
        _CAVEATS,
        better=-1,
    ),
    Measure(
        "abstention",
        "Unsure or rejected searches",
        Family.FINDABILITY,
        Unit.SHARE,
        "Searches that showed something, and were not confident of it or were rejected / searches",
        _SOURCE,
        _CAVEATS + " Abstaining is right where nothing answers. Few reject an answer, so that a "
        "measure of these alone would hardly ever be told, and would keep another one back.",
        better=0,
        version=2,
    ),
    Measure(
        "click_position",
        "Place of the opened answer",
        Family.FINDABILITY,
        Unit.MEAN,
        "Mean place among the answers, from 1, at which readers opened documents from a search",
        "readings: the best place of each document and reader",
        "Who finds what they need in the passage opens nothing. Places above 50 count as 50.",
        better=-1,
    ),
)


PARTS = ("success", "abstention", "zero_result")
"""Every search is one of these, so that all but one tell the last. Where not all can be told, the
last of those that can be is left out first: then it is told at least whether searches find."""
_LAST = 50


@dataclass(frozen=True, slots=True)
class Tally:
    """The searches of a month: how many of each kind, and how many different people there were at
    least among those, and among the others. Nobody knows of two weeks whether somebody searched in
    both, so it is the most in one."""

    searches: int
    found: int
    empty: int
    unsure: int
    found_people: int
    found_others: int
    empty_people: int
    empty_others: int
    unsure_people: int
    unsure_others: int


def tally(connection: Connection, month: str) -> Tally:
    """What is counted of a month."""
    rows = [row._mapping for row in measured.tallies(connection, month)]
    put: dict[str, int] = {}
    for name in Tally.__dataclass_fields__:
        values = [int(row[name]) for row in rows]
        least = name.endswith(("_people", "_others"))
        put[name] = max(values, default=0) if least else sum(values)
    return Tally(**put)


def gather(context: Context) -> Iterator[Raw]:
    """The figures of a month."""
    found = tally(context.connection, context.month)
    for key, part, people, others in (
        ("success", found.found, found.found_people, found.found_others),
        ("zero_result", found.empty, found.empty_people, found.empty_others),
        ("abstention", found.unsure, found.unsure_people, found.unsure_others),
    ):
        yield share(key, COMPANY, part, found.searches, people, others)
    yield from _places(context)


def _places(context: Context) -> Iterator[Raw]:
    _, held = measured.reading(context.connection, context.month)
    opened = [row for row in held if row.place is not None]
    places = [float(min(row.place, _LAST)) for row in opened]
    if places:
        people = len(context.company.people([row.person_id for row in opened]))
        yield Raw("click_position", COMPANY, fmean(places), sum(places), len(places), people)
