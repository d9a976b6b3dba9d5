"""Health: whether what is written holds and is held by more than one."""

from __future__ import annotations

from knowledge.measures.kinds import Family, Measure, Unit

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
