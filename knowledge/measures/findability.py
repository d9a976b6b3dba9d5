"""Findability: whether searches find."""

from __future__ import annotations

from knowledge.measures.kinds import Family, Measure, Unit

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
        "Unsure searches",
        Family.FINDABILITY,
        Unit.SHARE,
        "Searches that showed something and were not confident of it / searches",
        _SOURCE,
        _CAVEATS + " Abstaining is right where nothing answers.",
        better=0,
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
