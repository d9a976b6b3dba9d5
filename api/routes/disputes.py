"""What people dispute about themselves, for those who can put it right."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api import cursors
from api.auth import Reader, Writer
from api.deps import PathId, Wired
from api.routes import V1
from api.routes.currency import editor
from api.schemas.disputes import DisputeList, dispute_out
from api.schemas.people import PageQuestion

router = APIRouter(prefix=f"{V1}/disputes", tags=["people"])

DocumentId = Annotated[PathId, Path(alias="document_id", description="The document.")]
PersonId = Annotated[PathId, Path(alias="person_id", description="Who disputes it.")]


@router.get("")
def disputes(
    asked: Annotated[PageQuestion, Query()], asker: Reader, services: Wired
) -> DisputeList:
    """What is open of documents that you can read and look after: as an administrator of all, as a
    curator of your sources and topics. Empty for anybody else."""
    offset = cursors.decode(asked.cursor, "disputes") or 0
    found, more = services.disputes.page(editor(asker), asker.standing, offset, asked.limit)
    following = cursors.encode(offset + asked.limit, "disputes") if more else None
    return DisputeList(disputes=[dispute_out(one) for one in found], next_cursor=following)


@router.delete(
    "/{document_id}/{person_id}",
    status_code=204,
    responses={404: {}, 507: {"description": "The disk is full; nothing was kept"}},
)
def settle(document_id: DocumentId, person_id: PersonId, asker: Writer, services: Wired) -> None:
    """Say that it was dealt with. The document speaks for them as little as before; if they raise
    it again, it is open again."""
    services.disputes.settle(person_id, document_id, editor(asker), asker.standing)
