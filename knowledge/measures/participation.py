"""Participation: who shares and who reads, how often and how much."""

from __future__ import annotations

from knowledge.measures.kinds import Family, Measure, Unit

_OPEN = "Only documents that whoever signs in may read are counted. "
_LATER = "A person is of the team that the directory says when the month is published."
_READ = "reading_days, readings: kept by person until the month is published"
_READ_CAVEATS = (
    _OPEN + "What is read in search results alone, or through other sites, is not counted; nor is "
    "anything while WHOKNOWS_MEASURES_READING is off. " + _LATER
)

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
        "People without a team, and exchange within a team, are left out. 1: every pair gives as "
        "much as it gets.",
    ),
)
