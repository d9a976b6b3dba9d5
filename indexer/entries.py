"""What the catalog holds of a stored document."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from indexer.columns import CatalogEntry, Maker
from indexer.titles import names_itself, opens
from knowledge.types import Contribution, Document, Passage, Role


def entry_of(
    document: Document,
    passages: Sequence[Passage],
    teams: Mapping[int, frozenset[str]],
    analyze: Callable[[str], Sequence[str]],
) -> CatalogEntry:
    """``passages`` are the document's in the order of its text, ``teams`` those of its makers by
    document; ``analyze`` gives the words of a text as they are indexed."""
    made = [c for c in document.contributions if c.role is not Role.ENDORSER]
    return CatalogEntry(
        document.id,
        document.audience_id,
        document.source_key,
        _facets(document, made, teams),
        int(document.updated_at.timestamp()) if document.updated_at else 0,
        tuple(passage.id for passage in passages),
        tuple(makers(document.contributions)),
        tuple(sorted({(c.person_id, c.name) for c in made})),
        _title(document, passages[0].text if passages else "", analyze),
    )


def _facets(
    document: Document, made: Sequence[Contribution], teams: Mapping[int, frozenset[str]]
) -> tuple[str, ...]:
    facets = {f"kind:{document.kind.value}", f"source:{document.source}"}
    facets |= {f"tag:{tag}" for tag in document.tags}
    facets |= {f"team:{team}" for team in teams.get(document.id, ())}
    facets |= {f"author:{c.person_id}" for c in made}
    if document.level:
        facets.add(f"level:{document.level.value}")
    return tuple(sorted(facets))


def makers(contributions: Sequence[Contribution]) -> list[Maker]:
    """Who made a document: the role, when in epoch seconds (0 for unknown), and the part of it."""
    weights = [_weight(c) for c in contributions if c.role is not Role.ENDORSER]
    known = [weight for weight in weights if weight]
    # Whose weight nobody told counts as if all had equal ones.
    usual = sum(known) / len(known) if known else 1.0
    whole = sum(weight or usual for weight in weights)
    return [
        (
            c.person_id,
            c.role.value,
            int(c.at.timestamp()) if c.at else 0,
            1.0 if c.role is Role.ENDORSER else (_weight(c) or usual) / whole,
        )
        for c in contributions
    ]


def _weight(contribution: Contribution) -> float:
    """0 for unknown."""
    weight = contribution.weight
    return weight if math.isfinite(weight) and weight > 0.0 else 0.0


def _title(
    document: Document, text: str, analyze: Callable[[str], Sequence[str]]
) -> tuple[str, ...]:
    if names_itself(document.title, document.external_id) or opens(document.title, text):
        return ()
    return tuple(dict.fromkeys(analyze(document.title)))
