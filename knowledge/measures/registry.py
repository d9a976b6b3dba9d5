"""All measures, in the order in which they are told."""

from __future__ import annotations

from knowledge.errors import NotFound
from knowledge.measures import (
    behaviour,
    comfort,
    feedback,
    findability,
    health,
    participation,
)
from knowledge.measures.kinds import Measure

FAMILIES = (participation, feedback, behaviour, comfort, findability, health)
ALL: dict[str, Measure] = {one.key: one for family in FAMILIES for one in family.MEASURES}
PARTS = (findability.PARTS,)
"""Keys of which each search, or whatever it is, has one: their shares add up to one."""


def get(key: str) -> Measure:
    """One by its key. Raises NotFound."""
    if key not in ALL:
        raise NotFound("there is no such measure")
    return ALL[key]
