"""Health: whether what is written holds and is held by more than one."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge import currency
from knowledge.currency import State
from knowledge.measures.context import EVERYBODY, Context, share
from knowledge.measures.kinds import COMPANY, Family, Measure, Raw, Unit
from knowledge.store import documents, measured

_OPEN = "Only documents that whoever signs in may read are counted. "
_NOW = (
    "It is of the day on which the month is published; of a month that is published later than the "
    "next one, nothing is told."
)

MEASURES = (
    Measure(
        "stories",
        "Stories and testimonials",
        Family.HEALTH,
        Unit.COUNT,
        "Documents tagged story or testimonial that were made in the month",
        "documents, document_tags",
        _OPEN + "It counts documents that all may read and is told exactly.",
        of_people=False,
    ),
    Measure(
        "verified",
        "Verified documents",
        Family.HEALTH,
        Unit.SHARE,
        "Documents whose text of now was verified, and not doubted since / documents",
        "documents, currency, doubts",
        _OPEN + _NOW,
        of_people=False,
    ),
    Measure(
        "stale",
        "Stale documents",
        Family.HEALTH,
        Unit.SHARE,
        "Documents that are outdated, doubted or old (WHOKNOWS_SEARCH_OLD_DAYS) / documents",
        "documents, currency, doubts",
        _OPEN + _NOW,
        better=-1,
        of_people=False,
    ),
    Measure(
        "at_risk",
        "Topics at risk",
        Family.HEALTH,
        Unit.SHARE,
        "Topics with fewer than 1.5 effective holders / topics that anybody holds, of three "
        "documents or more",
        "topics as they are found in open documents; see docs/topics.md",
        _OPEN + "It rests on consent as the ranking does. " + _NOW,
        better=-1,
    ),
)


STORIES = ("story", "testimonial")
"""The tags of documents in which somebody tells what learning from each other did."""
_STALE = frozenset({State.OUTDATED, State.MAYBE})


def gather(context: Context) -> Iterator[Raw]:
    """The figures of a month."""
    period = context.start, context.end
    stories = len(measured.tagged(context.connection, EVERYBODY, STORIES, period))
    yield Raw("stories", COMPANY, stories, stories, 1, None)
    if not context.current:
        return
    held = documents.load_all(context.connection, EVERYBODY)
    given = held, EVERYBODY, context.ageing, context.now
    said = currency.load(context.connection, *given)
    states = [one.state for one in said.values()]
    for key, some in (("verified", {State.VERIFIED}), ("stale", _STALE)):
        if states:
            part = sum(state in some for state in states)
            yield Raw(key, COMPANY, part / len(states), part, len(states), None)
    risk = context.risked
    if risk is not None:
        given_ = risk.at_risk, risk.topics, risk.people, risk.others
        yield share("at_risk", COMPANY, *given_)
