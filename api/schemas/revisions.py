"""What a document was before, on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from api.schemas.fields import Told
from api.schemas.results import DocumentSummary
from knowledge.store.revisions import Revision


class RevisionOut(Told):
    """One state of a document's title and text."""

    number: Annotated[int, Field(ge=1)]
    title: str
    stored_at: datetime = Field(description="Since when it is known here.")


class RevisionList(Told):
    """All that are kept, the newest first; that is the text of now."""

    revisions: list[RevisionOut]


class WholeRevision(RevisionOut):
    """One state with its text."""

    body: str


class RelatedList(Told):
    """Documents that you may read and that are about the same, the nearest first."""

    related: list[DocumentSummary]


def revision_out(one: Revision) -> RevisionOut:
    """A state without its text."""
    return RevisionOut(number=one.number, title=one.title, stored_at=one.stored_at)
