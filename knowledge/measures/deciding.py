"""What of a month's figures is told, and what is suppressed: decided once, before it is published.

It takes five people behind whatever is told, and five behind the rest where a figure tells of that
as well. Suppressed and zero look the same. Where the whole company has a figure, what is left when
all told partitions are taken from it must be five people or more of two partitions or more:
otherwise the smallest of those that are told is suppressed too (complementary suppression: Cox,
Journal of the American Statistical Association 75, 1980). So it is with measures that are the parts
of one whole.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from knowledge.measures.context import FEWEST, UNPLACED
from knowledge.measures.kinds import COMPANY, Measure, Raw
from knowledge.measures.rounding import rounded


def decide(measure: Measure, raws: Collection[Raw]) -> dict[str, float | None]:
    """By partition: what is told of it, None where nothing is."""
    by = {one.partition: one for one in raws}
    told = {place for place, one in by.items() if place != UNPLACED and _enough(one)}
    parts = by.keys() - {COMPANY}
    while COMPANY in told and not _covered([by[one] for one in parts - told]):
        shown = [by[one] for one in parts & told]
        if not shown:
            break
        told.remove(min(shown, key=lambda one: (one.people or 0, one.partition)).partition)
    return {place: _told(measure, by, place, told) for place in by if place != UNPLACED}


def together(keys: Sequence[str], parts: Collection[Raw], told: Collection[str]) -> set[str]:
    """Of measures whose shares add up to one: which of those that are ``told`` still are, so that
    no part that is not told is what is left. ``keys``: the measures; of those that could be told
    the last ones are left out first, so that which one it is tells nothing. ``parts``: of the whole
    company. Who is in two parts is one person, so that the largest of what is not told has five
    people."""
    shown = set(told)
    while len(shown) > 1:  # one alone has five people on either side
        hidden = [one.people or 0 for one in parts if one.measure not in shown]
        if not hidden or (len(hidden) > 1 and max(hidden) >= FEWEST):
            break
        shown.remove(max(shown, key=keys.index))
    return shown


def _enough(one: Raw) -> bool:
    """Whether enough people stand behind a figure, and behind the rest."""
    if one.people is None:
        return True
    return one.people >= FEWEST and (one.others is None or one.others >= FEWEST)


def _covered(hidden: Collection[Raw]) -> bool:
    """Whether what is suppressed hides each of its people among five, of two partitions or more.
    Whoever is of no partition is not counted as one unless they did something."""
    there = [one for one in hidden if one.partition != UNPLACED or one.denominator]
    if not there:
        return True
    return len(there) > 1 and sum(one.people or 0 for one in there) >= FEWEST


def _told(
    measure: Measure, by: Mapping[str, Raw], place: str, told: Collection[str]
) -> float | None:
    if place not in told:
        return None
    return rounded(measure, by[place].value, by[place].people)
