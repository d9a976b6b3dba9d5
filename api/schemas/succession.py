"""What replaces what, on the wire."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from api.schemas.fields import Given, Id, NextCursor, Storable, Told
from api.schemas.results import DocumentSummary, document_summary
from indexer.duplicates import Pair, Stretch
from knowledge import drafts
from knowledge.succession import Line


class SuccessorOut(Told):
    """What replaced a document and what it replaced, of what you may read."""

    replaced_by: DocumentSummary | None
    merged: bool = Field(description="Whether its text went into what replaced it.")
    at: datetime | None
    replaces: list[DocumentSummary]
    merged_from: list[int] = Field(description="Of `replaces`, what was merged into this one.")
    may_replace: bool = Field(description="Whether you may say that something replaced it.")


class GivenSuccessor(Given):
    """What replaced a document."""

    document_id: Id


class GivenDocuments(Given):
    """Two documents that become one, with the text that you choose."""

    first: Annotated[Id, Field(description="Whose kind, level and owner the new one has.")]
    second: Id
    title: Annotated[str, StringConstraints(min_length=1, max_length=drafts.MAX_TITLE), Storable]
    body: Annotated[str, StringConstraints(min_length=1, max_length=drafts.MAX_BODY), Storable]


class Merged(Told):
    """What two documents became."""

    id: int


class PairOut(Told):
    """Two documents that are likely one."""

    first: DocumentSummary
    second: DocumentSummary
    alike: float = Field(description="The part of their words that both have, of 1.")


class PairList(Told):
    """The likeliest first."""

    duplicates: list[PairOut]


class StretchOut(PairList):
    """Pairs of which the newer document is one of those that were looked at this time; each was
    compared with all that you can read. The newest documents come first."""

    first: int = Field(description="The place of the first one that was looked at, from 1.")
    looked_at: int = Field(description="The place of the last one: so many are done by now.")
    documents: int = Field(description="How many you can read.")
    next_cursor: NextCursor


def line_out(told: Line) -> SuccessorOut:
    """What replaces what, as it is told."""
    return SuccessorOut(
        replaced_by=document_summary(told.by) if told.by else None,
        merged=told.merged,
        at=told.at,
        replaces=[document_summary(one) for one in told.replaces],
        merged_from=list(told.mergers),
        may_replace=told.may_replace,
    )


def pairs_out(found: list[Pair]) -> PairList:
    """Likely duplicates, as they are told."""
    return PairList(duplicates=_pairs(found))


def stretch_out(found: Stretch, following: str | None) -> StretchOut:
    """A stretch of them, as it is told."""
    return StretchOut(
        duplicates=_pairs(found.pairs),
        first=found.first,
        looked_at=found.looked_at,
        documents=found.documents,
        next_cursor=following,
    )


def _pairs(found: Iterable[Pair]) -> list[PairOut]:
    return [
        PairOut(
            first=document_summary(pair.one),
            second=document_summary(pair.other),
            alike=pair.alike,
        )
        for pair in found
    ]
