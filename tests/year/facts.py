"""What happened in the simulated year, as whoever did it saw it: plain rows.

Nothing here is asked of the product's own counting: a row is what somebody did, and what they were
told then.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Searched:
    """``answers``: how many were shown; ``confident`` as the answer said; ``meant``: whether it was
    for something that is written; ``verdict``: whether they said that it helped, if they did."""

    at: datetime
    who: int
    text: str
    meant: bool
    answers: int
    confident: bool
    verdict: bool | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A document that somebody opened; ``place``: where it stood among a search's answers."""

    at: datetime
    who: int
    document: int
    place: int | None


@dataclass(frozen=True, slots=True)
class Written:
    """A document that somebody made; ``thread``: by an answer that was taken, ``said_at`` when they
    gave it."""

    at: datetime
    said_at: datetime
    who: int
    document: int
    tags: tuple[str, ...] = ()
    thread: bool = False


@dataclass(slots=True)
class Asked:
    """A question: ``first``, to whom it went at once; ``asked``, to whom in all; ``likely``: how
    likely everybody was held to know it, by number."""

    at: datetime
    who: int
    question: int
    title: str
    area: str
    anonymous: bool
    first: tuple[int, ...] = ()
    asked: list[int] = field(default_factory=list)
    likely: dict[int, float] = field(default_factory=dict)
    answers: list[tuple[datetime, int]] = field(default_factory=list)
    taken: tuple[datetime, int] | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A session that was held, who came, and what they tapped."""

    at: datetime
    said_at: datetime
    meeting: int
    host: int
    joined: tuple[int, ...]
    came: tuple[int, ...]
    taps: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Felt:
    """Somebody's four answers."""

    at: datetime
    who: int
    scores: tuple[int, int, int, int]


@dataclass(slots=True)
class Facts:
    """Everything. ``teams``: who was in which team since when, in the order in which it was said;
    None for who left."""

    teams: dict[int, list[tuple[datetime, str | None]]] = field(default_factory=dict)
    searched: list[Searched] = field(default_factory=list)
    opened: list[Opened] = field(default_factory=list)
    verified: list[tuple[datetime, int]] = field(default_factory=list)
    written: list[Written] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    felt: list[Felt] = field(default_factory=list)

    def team_at(self, who: int, at: datetime) -> str | None:
        """Somebody's team at a time; None for who is not there."""
        told = None
        for since, team in self.teams.get(who, []):
            if since <= at:
                told = team
        return told


def working_hours(begin: datetime, end: datetime) -> float:
    """Hours from Monday to Friday, in UTC, between two times, minute by day."""
    total, at = timedelta(), begin.astimezone(UTC)
    while at < end:
        midnight = at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        until = min(midnight, end)
        if at.weekday() < 5:
            total += until - at
        at = until
    return total / timedelta(hours=1)
