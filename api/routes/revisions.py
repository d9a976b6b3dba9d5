"""What a document was before, and what stands near it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from api.auth import Reader
from api.deps import PathId, Wired
from api.routes import V1
from api.routes.drafts import editor_of
from api.schemas.results import document_summary
from api.schemas.revisions import RelatedList, RevisionList, WholeRevision, revision_out

router = APIRouter(prefix=f"{V1}/documents/{{id}}", tags=["documents"])

Number = Annotated[int, Path(ge=1, le=2**31 - 1, description="Which one, counted from 1.")]


@router.get("/revisions")
def revisions(id: PathId, asker: Reader, services: Wired) -> RevisionList:
    """How a document that you can read came to be what it is."""
    held = services.revising.all_of(id, editor_of(asker))
    return RevisionList(revisions=[revision_out(one) for one in held])


@router.get("/revisions/{number}")
def revision(id: PathId, number: Number, asker: Reader, services: Wired) -> WholeRevision:
    """One state with its text, for whoever can read the document now and could read that then."""
    one, body = services.revising.one(id, number, editor_of(asker))
    return WholeRevision(number=one.number, title=one.title, stored_at=one.stored_at, body=body)


@router.get("/related")
def related(id: PathId, asker: Reader, services: Wired) -> RelatedList:
    """What else that you can read is about the same, without copies."""
    found = services.related.to(id, asker.principal)
    return RelatedList(related=[document_summary(one) for one in found])
