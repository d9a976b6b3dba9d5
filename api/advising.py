"""Hints and neighbours of a text under way, put together."""

from __future__ import annotations

from dataclasses import dataclass

from api.services import Services
from indexer.search.results import SearchHit
from knowledge import hints
from knowledge.drafting import Form
from knowledge.hints import Hint
from knowledge.types import Level, Principal


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a text."""

    hints: tuple[Hint, ...]
    similar: tuple[SearchHit, ...]
    tags: tuple[str, ...]
    level: Level | None


def advise(
    services: Services,
    asker: Principal,
    form: Form,
    title: str,
    body: str,
    but: int | None = None,
) -> Told:
    """What would make a text better, and what there is already of the kind, ``but`` for one."""
    adviser = services.adviser
    found = adviser.advise(title, body, asker, but)
    of = hints.of_note if form is Form.NOTE else hints.of_writeup
    return Told(
        of(title, body, adviser.known(asker)),
        found.similar,
        found.tags,
        hints.level_of(body, found.levels),
    )
