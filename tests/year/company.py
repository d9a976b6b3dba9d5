"""The people of the invented company: teams, what they know, and what they are like.

``Company.of(seed)`` is 300 people in fifteen teams, four of which have fewer than five. Smaller
ones have the same kinds of teams. Nothing here knows the product.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.year.words import ALONE, AREAS, FAMILY, GIVEN

TEAMS: tuple[tuple[str, int], ...] = (
    ("Assembly", 62),
    ("Sales", 48),
    ("Service", 40),
    ("Design", 33),
    ("Platform", 27),
    ("Logistics", 22),
    ("Finance", 18),
    ("Quality", 14),
    ("Research", 11),
    ("People", 9),
    ("Legal", 5),
    ("Archive", 4),
    ("Press", 3),
    ("Board", 2),
    ("Garden", 2),
)
SMALL_TEAMS: tuple[tuple[str, int], ...] = (
    ("Assembly", 24),
    ("Sales", 20),
    ("Service", 14),
    ("Legal", 5),
    ("Archive", 4),
    ("Press", 3),
)


@dataclass(frozen=True, slots=True)
class Colleague:
    """One of the company. ``knows``: area -> how likely they can answer a question of it, 0 to 1;
    ``busy``: how much they do here, around 1."""

    number: int
    name: str
    email: str
    team: str
    knows: dict[str, float] = field(default_factory=dict)
    busy: float = 1.0


@dataclass(frozen=True, slots=True)
class Company:
    """Everybody, by number from 0."""

    people: tuple[Colleague, ...]

    @staticmethod
    def of(seed: int, teams: Sequence[tuple[str, int]] = TEAMS) -> Company:
        """The company of a seed. One of twelve knows something, and expertise is skewed: a few know
        much of whatever they know, as in the tests of routing."""
        chance = random.Random(f"company {seed}")
        names = [f"{given} {family}" for family in FAMILY for given in GIVEN]
        chance.shuffle(names)
        placed = [team for team, size in teams for _ in range(size)]
        expert: dict[int, dict[str, float]] = {number: {} for number in range(len(placed))}
        strength = [chance.paretovariate(1.5) for _ in placed]
        alone = placed.index("Archive")
        others = [number for number in expert if number != alone]
        experts = chance.sample(others, max(12, len(placed) // 50 * 4))
        each = len(experts) // 4
        # Everybody of them knows about as many areas, each time beside others.
        orders = [chance.sample(experts, len(experts)) for _ in AREAS]
        turns = itertools.chain(*orders)
        for area in AREAS:
            holders = [alone] if area == ALONE else list(itertools.islice(turns, each))
            for holder in holders:
                likely = 1 - math.exp(-1.2 * strength[holder] * chance.uniform(0.2, 1))
                expert[holder][area] = 0.9 if area == ALONE else round(likely, 3)
        return Company(
            tuple(
                Colleague(
                    number,
                    names[number],
                    f"{names[number].lower().replace(' ', '.')}@example.org",
                    team,
                    expert[number],
                    min(3.0, chance.paretovariate(2.0)),
                )
                for number, team in enumerate(placed)
            )
        )

    @property
    def leaver(self) -> Colleague:
        """Who alone knows an area, and leaves."""
        return next(one for one in self.people if ALONE in one.knows)

    def team(self, name: str) -> list[Colleague]:
        """Who is in a team at the beginning."""
        return [one for one in self.people if one.team == name]

    def knowing(self, area: str) -> list[Colleague]:
        """Who knows an area, who knows most first."""
        found = [one for one in self.people if area in one.knows]
        return sorted(found, key=lambda one: (-one.knows[area], one.number))
