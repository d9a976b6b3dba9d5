"""Synonyms on the wire."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from api.schemas.fields import Given, Storable, Told
from knowledge.asked import Synonym
from knowledge.synonyms import MAX_CHARS

Words = Annotated[str, StringConstraints(min_length=1, max_length=MAX_CHARS), Storable]


class GivenSynonym(Given):
    """What a term of the company's jargon means."""

    term: Annotated[Words, Field(description="What people type.", examples=["k8s"])]
    meaning: Annotated[
        Words, Field(description="What is looked for as well.", examples=["kubernetes"])
    ]
    both: Annotated[
        bool, Field(description="Whether who types the meaning also looks for the term.")
    ] = False


class SynonymOut(GivenSynonym):
    """A synonym that searches use."""

    id: int


class SynonymList(Told):
    """Every synonym, oldest first."""

    synonyms: list[SynonymOut]


def synonym_out(one: Synonym) -> SynonymOut:
    """A synonym as it is told."""
    return SynonymOut(id=one.id, term=one.term, meaning=one.meaning, both=one.both)
