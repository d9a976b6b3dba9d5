"""Behaviour: what becomes of questions."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import Row

from knowledge.measures.context import UNPLACED, Context, share
from knowledge.measures.findability import Tally, tally
from knowledge.measures.kinds import COMPANY, NO_TEAM, Family, Measure, Raw, Unit
from knowledge.store import measured

MEASURES = (
    Measure(
        "repeat_questions",
        "Repeat questions",
        Family.BEHAVIOUR,
        Unit.SHARE,
        "Questions of the month in the same words as one before, or that meant the same as a "
        "thread when they were asked / questions of the month",
        "questions: the title without case and further spaces, and the thread by the model",
        "Only threads that whoever signs in may read are compared, and meaning is guessed: some of "
        "what is close is not the same. What was never answered is seen in the same words alone. "
        "Questions of people who were erased since are gone.",
        better=-1,
        version=2,
    ),
    Measure(
        "cross_team",
        "Answers from other teams",
        Family.BEHAVIOUR,
        Unit.SHARE,
        "Answers of the month by somebody of another team than the asker's / answers of the month "
        "where both teams are known",
        "questions without anonymous ones, question_answers",
        "Teams' figures are of those who ask. Whoever changed the team counts as of the new one.",
        teams=True,
    ),
    Measure(
        "answer_hours",
        "Working hours to the first answer",
        Family.BEHAVIOUR,
        Unit.HOURS,
        "Median over questions of the month that have an answer, of the hours of Monday to Friday "
        "(UTC, all 24 of a day) from asking to the first answer",
        "questions, question_answers",
        "What nobody answered until the month is published is left out, so that it may look short "
        "where much is never answered. An answer that was written anew counts from then. Teams' "
        "figures are of those who ask and leave out anonymous questions.",
        better=-1,
        teams=True,
    ),
    Measure(
        "found_without_asking",
        "Found without asking",
        Family.BEHAVIOUR,
        Unit.SHARE,
        "Searches that found something / (those + questions of the month)",
        "search_tallies, questions",
        "A confident answer that nobody rejected within a day counts as found; whether it helped "
        "is not known. One person may search often and asks rarely.",
    ),
)


_SATURDAY = 5


def gather(context: Context) -> Iterator[Raw]:
    """The figures of a month."""
    before = measured.asked(context.connection, context.end)
    asked = [row for row in before if row.created_at >= context.start]
    answers = measured.answered(context.connection)
    yield from _repeated(context, before)
    yield from _across(context, before, answers)
    yield from _hours(context, asked, answers)
    yield _found(context, asked, tally(context.connection, context.month))


def _repeated(context: Context, before: Collection[Row[Any]]) -> Iterator[Raw]:
    seen: set[str] = set()
    again: list[int | None] = []
    new: list[int | None] = []
    for row in before:
        if row.created_at >= context.start:
            repeats = row.title_key in seen or row.asked_before is not None
            (again if repeats else new).append(row.person_id)
        seen.add(row.title_key)
    people, others = (len(context.company.people(side)) for side in (again, new))
    count = len(again) + len(new)
    yield share("repeat_questions", COMPANY, len(again), count, people, others)


def _across(
    context: Context, before: Collection[Row[Any]], answers: Collection[Row[Any]]
) -> Iterator[Raw]:
    """It takes five who ask and five who answer, on either side, and five of a team who do not
    ask."""
    company = context.company
    askers = {row.id: row.person_id for row in before if not row.anonymous}
    told: dict[str, tuple[list[tuple[Any, Any]], list[tuple[Any, Any]]]] = {
        place: ([], []) for place in (COMPANY, *company.members, UNPLACED)
    }
    for row in answers:
        asker = askers.get(row.question_id)
        places = company.place(asker), company.place(row.person_id)
        if context.start <= row.at < context.end and not {UNPLACED, NO_TEAM} & set(places):
            across = _team(context, asker) != _team(context, row.person_id)
            for place in (COMPANY, places[0]):
                told[place][not across].append((asker, row.person_id))
    for place, sides in told.items():
        across_, within = (len(side) for side in sides)
        people, others = (
            min(len(company.people([pair[end] for pair in side])) for end in (0, 1))
            for side in sides
        )
        askers_ = company.people([pair[0] for side in sides for pair in side])
        silent = company.others(place, len(askers_))
        others = others if silent is None else min(others, silent)
        yield share("cross_team", place, across_, across_ + within, people, others)


def _team(context: Context, person_id: int | None) -> str | None:
    return context.company.teams.get(context.company.wholes.get(person_id or 0, 0))


def _hours(
    context: Context, asked: Collection[Row[Any]], answers: Collection[Row[Any]]
) -> Iterator[Raw]:
    """It takes five who ask and five who answer, and five of a team who do not ask."""
    company = context.company
    first: dict[int, Row[Any]] = {}
    for row in answers:
        first.setdefault(row.question_id, row)
    told: dict[str, list[tuple[float, int | None, int | None]]] = {
        place: [] for place in (COMPANY, *company.members, UNPLACED)
    }
    for row in asked:
        answer = first.get(row.id)
        if answer is not None:
            place = UNPLACED if row.anonymous else company.place(row.person_id)
            hours = working_hours(row.created_at, answer.at)
            for one in (COMPANY, place):
                told[one].append((hours, row.person_id, answer.person_id))
    for place, some in told.items():
        hours = median(one[0] for one in some) if some else 0.0
        askers = len(company.people([one[1] for one in some]))
        people = min(askers, len(company.people([one[2] for one in some])))
        silent = company.others(place, askers)
        yield Raw("answer_hours", place, hours, hours * len(some), len(some), people, silent)


def working_hours(start: datetime, end: datetime) -> float:
    """The hours of Monday to Friday (UTC) from one time to another; 0 where it is not later."""
    at, total = start.astimezone(UTC), timedelta()
    while at < end:
        midnight = at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        until = min(midnight, end)
        if at.weekday() < _SATURDAY:
            total += until - at
        at = until
    return total / timedelta(hours=1)


def _found(context: Context, asked: Collection[Row[Any]], searches: Tally) -> Raw:
    askers = len(context.company.people([row.person_id for row in asked]))
    whole = searches.found + len(asked)
    people = searches.found_people
    return share("found_without_asking", COMPANY, searches.found, whole, people, askers)
