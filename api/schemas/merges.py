"""Who is one person, and who may be, on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from api.schemas.fields import Given, Id, NextCursor, Told
from knowledge.likeness import Known, Pair, Reason
from knowledge.merging import Merge


class ReviewQuestion(Given):
    """How much of a list."""

    limit: Annotated[int, Field(ge=1, le=200, description="How many at most.")] = 50


class GivenMerge(Given):
    """Two records that are one person."""

    kept: Annotated[Id, Field(description="Who stays; whom the directory lists.")]
    gone: Annotated[Id, Field(description="Who becomes part of them.")]


class GivenDistinction(Given):
    """Two people who are not one."""

    one: Id
    other: Id


class Candidate(Told):
    """Somebody who may be somebody else, as far as you may see."""

    id: int
    name: str
    names: list[str] = Field(description="However they are called.")
    addresses: list[str]
    documents: int = Field(description="How many that you may read name them.")
    listed: bool = Field(description="Whether the directory lists them.")


class PairOut(Told):
    """Two who may be one; give it to `POST /people/merges`, or to `/people/distinctions`."""

    kept: Candidate
    gone: Candidate
    reasons: list[Reason]


class Review(Told):
    """Who may be one person, the likeliest first."""

    pairs: list[PairOut]


class KeptOut(Told):
    """A colleague."""

    id: int
    name: str


class MergeOut(Told):
    """Two records that are one person by now."""

    id: int
    kept: KeptOut
    gone: int = Field(description="The id that leads to them since.")
    by: str = Field(description="`operator`, or the owner of the token that did it.")
    at: datetime


class MergeList(Told):
    """Merges that hold, newest first."""

    merges: list[MergeOut]
    next_cursor: NextCursor


def _candidate(one: Known) -> Candidate:
    return Candidate(
        id=one.id,
        name=one.names[0] if one.names else "",
        names=list(one.names),
        addresses=list(one.addresses),
        documents=one.documents,
        listed=one.listed,
    )


def pair_out(pair: Pair) -> PairOut:
    """A pair as it is told."""
    return PairOut(
        kept=_candidate(pair.kept), gone=_candidate(pair.other), reasons=list(pair.reasons)
    )


def merge_out(merge: Merge) -> MergeOut:
    """A merge as it is told."""
    kept = KeptOut(id=merge.kept.id, name=merge.kept.name)
    return MergeOut(id=merge.id, kept=kept, gone=merge.gone, by=merge.by, at=merge.at)
