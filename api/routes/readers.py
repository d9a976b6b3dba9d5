"""Who can read a document, and why."""

from __future__ import annotations

from fastapi import APIRouter

from api.auth import Reader
from api.deps import PathId, Wired
from api.routes import V1
from api.schemas.readers import ReaderList, readers_out
from knowledge.sharing import conditions

router = APIRouter(prefix=f"{V1}/documents/{{id}}/readers", tags=["documents"])


@router.get("")
def readers(id: PathId, asker: Reader, services: Wired) -> ReaderList:
    """Who can read a document that you can read: whoever meets every condition.

    Each says where it comes from: the source of the document, or here. People whom you do not see
    are there without their names.
    """
    return readers_out(conditions(services.database, id, asker.principal))
