"""What is searched for and not found, and how much of it may be told.

Nothing is told that fewer than five people did in one and the same week, for that long a pseudonym
holds: a week counts where so many failed, a text is shown where so many searched for it, and a
word where so many used it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from knowledge.asked import MAX_TEXT, By, Gap, GapState, Search, Week
from knowledge.queries import ASKERS, period

_TEXTS, _WORDS = 5, 6
_WORD = re.compile(r"\w+")


class Failing(StrEnum):
    """How often the searches of a gap fail: no number, from which few who succeed could be told."""

    NEARLY_ALWAYS = "nearly_always"
    MOSTLY = "mostly"
    AT_TIMES = "at_times"


@dataclass(frozen=True, slots=True)
class Cluster:
    """Searches for one thing, and what of them may be told.

    ``text`` stands for them: the first of ``texts``, or the ``words`` that so many used. ``weeks``
    are those in which enough people failed, the oldest first. ``searches`` are never told, nor is
    ``probe``, what was searched for most: it only tries whether there is an answer, and is None
    where most who failed had one and rejected it.
    """

    text: str
    texts: tuple[str, ...]
    words: tuple[str, ...]
    weeks: tuple[Week, ...]
    failing: Failing
    searches: tuple[Search, ...] = field(repr=False)
    probe: str | None = field(repr=False)


def key(text: str) -> str:
    """The form under which two searches are for the same text."""
    return " ".join(text.split()).casefold()


def together(*told: Iterable[Week]) -> tuple[Week, ...]:
    """Weeks as they were told at several times, the oldest first. Of a week that was told twice the
    fuller one counts, for the log forgets a week day by day."""
    held: dict[str, Week] = {}
    for week in (week for weeks in told for week in weeks):
        other = held.get(week.period, week)
        held[week.period] = max(week, other, key=lambda one: (one.askers, one.searches))
    return tuple(held[name] for name in sorted(held))


def since_reopened(gap: Gap, weeks: Iterable[Week]) -> tuple[Week, ...]:
    """Those of ``weeks`` that count now: of a gap that searches opened again, only those since. A
    curator who opens one says that it never was closed."""
    counts = (
        gap.state is GapState.OPEN and gap.by == By.SEARCHES and gap.changed_at > gap.first_seen
    )
    first = period(gap.changed_at) if counts else ""
    return tuple(week for week in weeks if week.period >= first)


def failed_again(searches: Iterable[Search], closed_at: datetime) -> datetime | None:
    """When a gap that was closed then is open again: at the beginning of the first week in which so
    many people failed after that; None where it stays closed. No moment of anybody's search."""
    weeks = _weeks(one for one in searches if one.at > closed_at)
    if not weeks:
        return None
    monday = datetime.strptime(f"{weeks[0].period}-1", "%G-W%V-%u").replace(tzinfo=UTC)
    return max(monday, closed_at)


def enough_failed(searches: Iterable[Search]) -> bool:
    """Whether in one week so many people failed that it may be told."""
    return bool(_weeks(searches))


def succeeds(searches: Sequence[Search]) -> bool:
    """Whether, since the last one failed, so many people of one week found it."""
    last = max((one.at for one in searches if one.failed), default=None)
    after: dict[str, set[str]] = {}
    for one in searches:
        if last is None or one.at > last:
            after.setdefault(period(one.at), set()).add(one.asker)
    return any(len(askers) >= ASKERS for askers in after.values())


def cluster_of(searches: Sequence[Search], dull: Collection[str] = ()) -> Cluster | None:
    """What may be told of searches that mean the same; None where that is nothing.

    ``searches`` have their texts as ``key`` writes them; ``dull`` words say nothing by themselves.
    """
    weeks = _weeks(searches)
    if not weeks:
        return None
    texts = _shared(searches, lambda one: {one.text} if len(one.text) <= MAX_TEXT else set())
    words = [] if texts else _shared(searches, lambda one: set(_WORD.findall(one.text)) - {*dull})
    text = texts[0] if texts else " ".join(words[:_WORDS])[:MAX_TEXT]
    if not text:
        return None
    counted = {week.period for week in weeks}
    told = [one for one in searches if period(one.at) in counted]
    failed = [one for one in told if one.failed]
    unfound = Counter(one.text for one in failed if not one.rejected)
    mostly_rejected = 2 * sum(unfound.values()) < len(failed)
    probe = None if mostly_rejected else min(unfound, key=lambda one: (-unfound[one], one))
    return Cluster(
        text,
        tuple(texts[:_TEXTS]),
        tuple(words[:_WORDS]),
        weeks,
        _failing(len(failed) / len(told)),
        tuple(searches),
        probe,
    )


def _weeks(searches: Iterable[Search]) -> tuple[Week, ...]:
    held: dict[str, list[str]] = {}
    for one in searches:
        if one.failed:
            held.setdefault(period(one.at), []).append(one.asker)
    return tuple(
        Week(name, len(set(askers)), len(askers))
        for name, askers in sorted(held.items())
        if len(set(askers)) >= ASKERS
    )


def _shared(searches: Sequence[Search], said: Callable[[Search], set[str]]) -> list[str]:
    """What so many people of one week said, the most frequent first."""
    askers: dict[tuple[str, str], set[str]] = {}
    counts: Counter[str] = Counter()
    for one in searches:
        for text in said(one):
            askers.setdefault((text, period(one.at)), set()).add(one.asker)
            counts[text] += 1
    enough = {text for (text, _), who in askers.items() if len(who) >= ASKERS}
    return sorted(enough, key=lambda text: (-counts[text], text))


def _failing(share: float) -> Failing:
    if share >= 0.9:
        return Failing.NEARLY_ALWAYS
    return Failing.MOSTLY if share >= 0.5 else Failing.AT_TIMES
